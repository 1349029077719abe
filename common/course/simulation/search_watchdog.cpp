// Watches over a child process that runs schedules: it must not hang, whatever the program does.
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "calls.hpp"
#include "search.hpp"

namespace course::simulation {
namespace {

// Without a step for so long, in real time, a child is asked where it hangs. Running means that it
// used the processor for that long: a busy machine makes nobody hang.
constexpr Time running_limit = 700'000'000;
constexpr Time sleeping_limit = 700'000'000;

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
    char path[64];
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

/// Whether all its threads sleep: then none of them can wake another one.
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

/// Wait for the process to end, but no longer than \p patience; false if it has not.
bool wait_for_end(pid_t child, int& status, Time patience) {
    const Time give_up = real_now() + patience;
    const auto handle = static_cast<int>(raw_syscall(SYS_pidfd_open, child, 0));
    bool ended = false;
    do {
        pollfd entry{handle, POLLIN, 0};
        poll(&entry, handle >= 0 ? 1 : 0, handle >= 0 ? static_cast<int>(patience / 1'000'000) : 1);
        ended = waitpid(child, &status, WNOHANG) == child;
    } while (!ended && real_now() < give_up);
    if (handle >= 0) {
        close(handle);
    }
    return ended;
}

}  // namespace

Search::Ended Search::watch(pid_t child) {
    int status = 0;
    unsigned heartbeat = channel_.heartbeat - 1;
    Time since = real_now();
    Time used = 0;
    while (!wait_for_end(child, status, 50'000'000)) {
        if (channel_.heartbeat != heartbeat) {
            heartbeat = channel_.heartbeat;
            since = real_now();
            used = processor_time(child);
            continue;
        }
        const Time idle = real_now() - since;
        const bool asleep = idle > sleeping_limit && sleeps(child);
        if (asleep || processor_time(child) - used > running_limit) {
            interrupt(child, asleep);
            if (!wait_for_end(child, status, 2'000'000'000)) {
                kill(child, SIGKILL);
                waitpid(child, &status, 0);
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

}  // namespace course::simulation
