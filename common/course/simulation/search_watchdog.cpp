// Watches over a child process that runs schedules: it must not hang, whatever the program does.
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

/// Whether a thread sleeps in the kernel.
bool sleeps(pid_t process, int tid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", process, tid);
    char state = 'S';
    if (FILE* file = fopen(path, "r")) {
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) {
            state = 'S';
        }
        fclose(file);
    }
    return state != 'R';
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
        const bool asleep = idle > sleeping_limit && sleeps(child, channel_.running_tid);
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
        outcome.verdict = Verdict::crash;
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
