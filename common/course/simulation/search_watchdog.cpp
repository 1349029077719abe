// Watches over a child process that runs schedules: it must not hang, whatever the program does.
//
// A right step may take long, and on a busy machine much longer still. So nothing here is decided by
// the time on the wall alone. A thread that runs has a limit of processor time for one step. A child
// that waits in the kernel is stuck if, look after look, all its threads sleep and none has used the
// processor in between: then none of them can wake another one.
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "calls.hpp"
#include "search.hpp"

namespace course::simulation {
namespace {

constexpr Time look_every = 25'000'000;  // real time

/// What is let pass before a child without a step is called hung.
struct Patience {
    Time running;  // processor time
    int sleeping;  // looks
};
constexpr Patience usual{700'000'000, 20};
constexpr Patience place_is_known{50'000'000, 2};  // it hung here before: once more is no surprise
constexpr Patience for_an_answer{100'000'000, 8};  // once it was asked where it is

Time processor_time(pid_t process) {
    clockid_t clock;
    timespec used{};
    if (clock_getcpuclockid(process, &clock) == 0) {
        clock_gettime(clock, &used);
    }
    return used.tv_sec * 1'000'000'000 + used.tv_nsec;
}

/// The letter of a task's state: R runs or could, S sleeps, D waits for the disk; 0 if it is gone.
char state_of(pid_t process, const char* task) {
    char path[300];
    snprintf(path, sizeof path, "/proc/%d/task/%s/stat", process, task);
    char state = 0;
    if (FILE* file = fopen(path, "r")) {
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) {
            state = 0;
        }
        fclose(file);
    }
    return state;
}

/// Whether all its threads sleep.
///
/// To look at the one whose turn it is would not do: on a busy machine who hands over may be stopped
/// between its note of who is next and the wake-up.
bool sleeps(pid_t process) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/task", process);
    DIR* tasks = opendir(path);
    bool all = tasks != nullptr;
    while (const dirent* entry = all ? readdir(tasks) : nullptr) {
        const char state = entry->d_name[0] == '.' ? 'S' : state_of(process, entry->d_name);
        all = state == 'S' || state == 0;
    }
    if (tasks != nullptr) {
        closedir(tasks);
    }
    return all;
}

/// What a child does between two steps.
class Stillness {
  public:
    explicit Stillness(pid_t child) : child_(child) { begin(); }

    /// It has made a step.
    void begin() {
        began_ = last_ = processor_time(child_);
        looks_ = 0;
    }

    /// Look at it. \p used is its processor time, read before it was known that it made no step.
    void look(Time used) {
        looks_ = used == last_ && sleeps(child_) ? looks_ + 1 : 0;
        last_ = used;
    }

    bool runs_too_long(const Patience& patience) const { return last_ - began_ > patience.running; }
    bool sleeps_too_long(const Patience& patience) const { return looks_ >= patience.sleeping; }

  private:
    pid_t child_;
    Time began_;  // processor time
    Time last_;
    int looks_;  // in a row in which all slept and none had run
};

/// A handle of a process, which can be polled for its end; -1 if the kernel has none.
class ProcessHandle {
  public:
    explicit ProcessHandle(pid_t process)
        : descriptor_(static_cast<int>(raw_syscall(SYS_pidfd_open, process, 0))) {}
    ~ProcessHandle() {
        if (descriptor_ >= 0) {
            close(descriptor_);
        }
    }
    ProcessHandle(const ProcessHandle&) = delete;
    ProcessHandle& operator=(const ProcessHandle&) = delete;

    /// Wait until the process has ended, but no longer than until the next look. Show what it prints.
    void wait(ShownOutput* output) const {
        pollfd entries[2] = {{descriptor_, POLLIN, 0},
                             {output != nullptr ? output->descriptor() : -1, POLLIN, 0}};
        const Time until = real_now() + look_every;
        do {
            poll(entries, 2, static_cast<int>(look_every / 1'000'000));
            if (output != nullptr) {
                output->show();
            }
            if ((entries[1].revents & POLLIN) == 0) {
                entries[1].fd = -1;  // nobody prints any more, or it is time
            }
        } while (entries[0].revents == 0 && real_now() < until);
    }

  private:
    int descriptor_;
};

}  // namespace

Search::Ended Search::watch(pid_t child, ShownOutput* output) {
    const ProcessHandle handle(child);
    int status = 0;
    const auto ended = [&] {
        handle.wait(output);
        const bool over = waitpid(child, &status, WNOHANG) == child;
        if (over && output != nullptr) {
            output->show();  // its last words
        }
        return over;
    };
    hung_ = false;
    unsigned heartbeat = channel_.heartbeat;
    Stillness stillness(child);
    while (!ended()) {
        const Time used = processor_time(child);
        if (channel_.heartbeat != heartbeat) {
            heartbeat = channel_.heartbeat;
            stillness.begin();
            continue;
        }
        stillness.look(used);
        const bool known = hangs_at_ != 0 && channel_.fingerprint == hangs_at_;
        const Patience& patience = known ? place_is_known : usual;
        const bool asleep = stillness.sleeps_too_long(patience);
        if (asleep || stillness.runs_too_long(patience)) {
            hung_ = true;
            interrupt(child, asleep);
            Stillness silence(child);
            while (!ended()) {
                silence.look(processor_time(child));
                if (silence.sleeps_too_long(for_an_answer) ||
                    silence.runs_too_long(for_an_answer)) {
                    kill(child, SIGKILL);
                    waitpid(child, &status, 0);
                    return hung_without_answer(asleep);
                }
            }
            break;
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && channel_.finished) {
        return Ended::well;
    }
    Outcome& outcome = channel_.outcome;
    if (!(WIFEXITED(status) && WEXITSTATUS(status) == failed_schedule)) {
        const bool out_of_time = WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU;
        outcome.verdict = out_of_time ? Verdict::step_limit : Verdict::crash;
        snprintf(outcome.message, sizeof outcome.message, "the process ended with %s %d",
                 WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    return Ended::failed;
}

/// Make the thread that runs end the schedule, which shows where it is.
void Search::interrupt(pid_t child, bool asleep) {
    raw_syscall(SYS_tgkill, child, channel_.running_tid, asleep ? blocked_signal() : hang_signal());
}

/// What is known of a thread that did not let itself be interrupted.
Search::Ended Search::hung_without_answer(bool asleep) {
    Outcome& outcome = channel_.outcome;
    outcome = {};
    outcome.verdict = asleep ? Verdict::not_controlled : Verdict::livelock;
    outcome.thread = channel_.running;
    outcome.steps = channel_.step;
    outcome.fingerprint = channel_.fingerprint;
    snprintf(outcome.message, sizeof outcome.message,
             asleep ? "T%d waits in a call that the simulation does not know, and blocks signals"
                    : "T%d runs and runs without doing anything that others notice, and blocks "
                      "signals",
             outcome.thread);
    return Ended::failed;
}

}  // namespace course::simulation
