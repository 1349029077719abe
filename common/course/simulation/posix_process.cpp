// Redefines the ends of a process and waiting for other processes; turns crashes into verdicts.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <cstdlib>
#include <exception>

#include "calls.hpp"
#include "files.hpp"

namespace course::simulation {
namespace {

constexpr int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

void on_fatal_signal(int signal, siginfo_t* info, void*) {
    if (current_thread != nullptr && scheduler().own_process()) {
        const bool has_address = signal == SIGSEGV || signal == SIGBUS;
        if (has_address && in_simulation > 0) {
            scheduler().end(Verdict::crash, "signal %d (%s) in the simulation itself, at %p",
                            signal, strsignal(signal), info->si_addr);
        }
        if (has_address) {
            scheduler().end(Verdict::crash, "%s in T%d, at address %p", strsignal(signal),
                            current_thread->id, info->si_addr);
        }
        scheduler().end(Verdict::crash, "%s in T%d", strsignal(signal), current_thread->id);
    }
    ::signal(signal, SIG_DFL);
    raise(signal);
}

/// The watchdog asks where the thread is that makes no progress.
void on_hang(int) {
    if (current_thread == nullptr) {
        return;
    }
    scheduler().end(Verdict::livelock,
                    "T%d runs and runs without doing anything that others notice",
                    current_thread->id);
}

/// As on_hang, for a thread that sleeps in the kernel.
void on_blocked(int) {
    if (current_thread == nullptr) {
        return;
    }
    scheduler().end(Verdict::not_controlled,
                    "T%d waits in a call that the simulation does not know", current_thread->id);
}

void on_terminate() {
    if (controlled() == nullptr) {
        std::abort();
    }
    const std::exception_ptr exception = std::current_exception();
    if (!exception) {
        scheduler().end(Verdict::terminate,
                        "std::terminate without an exception: a joinable thread was destroyed, or "
                        "an exception left a noexcept function");
    }
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& e) {
        scheduler().end(Verdict::terminate, "an exception left T%d: %s", current_thread->id,
                        e.what());
    } catch (...) {
        scheduler().end(Verdict::terminate, "an exception left T%d", current_thread->id);
    }
}

void set_handler(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_ONSTACK;
    sigaction(signal, &action, nullptr);
}

bool child_changed(void* context) {
    const auto& which = *static_cast<const pid_t*>(context);
    siginfo_t info{};
    const idtype_t kind = which > 0 ? P_PID : which == -1 ? P_ALL : P_PGID;
    const pid_t id = which > 0 ? which : which < -1 ? -which : 0;
    const long result = raw_syscall(SYS_waitid, kind, kind == P_ALL ? 0 : id, word(&info),
                                    WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT);
    return result < 0 || info.si_pid != 0;
}

/// Wait as wait4 does. A change that the options don't ask for ends the wait for a look only.
pid_t wait_for_child(Thread& me, pid_t which, int* status, int options, rusage* usage) {
    scheduler().point(me, Operation::child_process, nullptr);
    for (;;) {
        const long result =
            raw_syscall(SYS_wait4, which, word(status), options | WNOHANG, word(usage));
        if (result != 0 || (options & WNOHANG) != 0) {
            received(me);
            errno = result < 0 ? static_cast<int>(-result) : errno;
            return result < 0 ? -1 : static_cast<pid_t>(result);
        }
        scheduler().block_outside(me, Operation::child_process, nullptr, child_changed, &which);
    }
}

/// A forked child is a process of its own, outside of the simulation.
void leave_simulation() {
    current_thread = nullptr;
    in_simulation = 0;
    for (const int signal : fatal_signals) {
        ::signal(signal, SIG_DFL);
    }
}

[[noreturn]] void ended_by(const char* call, int status) {
    scheduler().end(Verdict::terminate, "%s(%d) was called in T%d", call, status,
                    current_thread->id);
}

}  // namespace

void use_signal_stack(void* memory, std::size_t size) {
    const stack_t stack{memory, 0, size};
    sigaltstack(&stack, nullptr);
}

void install_end_handlers() {
    std::set_terminate(on_terminate);
    struct sigaction action {};
    action.sa_sigaction = on_fatal_signal;
    action.sa_flags = SA_ONSTACK | SA_SIGINFO | SA_NODEFER;
    for (const int signal : fatal_signals) {
        sigaction(signal, &action, nullptr);
    }
    set_handler(hang_signal(), on_hang);
    set_handler(blocked_signal(), on_blocked);
    pthread_atfork(nullptr, nullptr, leave_simulation);
}

int hang_signal() {
    return SIGRTMAX - 1;
}
int blocked_signal() {
    return SIGRTMAX - 2;
}

}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED pid_t waitpid(pid_t which, int* status, int options) {
    Thread* me = controlled();
    return me != nullptr ? wait_for_child(*me, which, status, options, nullptr)
                         : real().waitpid(which, status, options);
}

COURSE_REDEFINED pid_t wait(int* status) {
    Thread* me = controlled();
    return me != nullptr ? wait_for_child(*me, -1, status, 0, nullptr) : real().wait(status);
}

COURSE_REDEFINED pid_t wait3(int* status, int options, rusage* usage) noexcept {
    Thread* me = controlled();
    if (me != nullptr) {
        return wait_for_child(*me, -1, status, options, usage);
    }
    return static_cast<pid_t>(syscall(SYS_wait4, -1, status, options, usage));
}

COURSE_REDEFINED pid_t wait4(pid_t which, int* status, int options, rusage* usage) noexcept {
    Thread* me = controlled();
    if (me != nullptr) {
        return wait_for_child(*me, which, status, options, usage);
    }
    return static_cast<pid_t>(syscall(SYS_wait4, which, status, options, usage));
}

COURSE_REDEFINED int waitid(idtype_t kind, id_t id, siginfo_t* info, int options) {
    Thread* me = controlled();
    if (me == nullptr || (options & WNOHANG) != 0) {
        return real().waitid(kind, id, info, options);
    }
    scheduler().point(*me, Operation::child_process, nullptr);
    pid_t which = kind == P_PID ? static_cast<pid_t>(id) : -1;
    siginfo_t found{};
    while (real().waitid(kind, id, &found, options | WNOHANG) == 0 && found.si_pid == 0) {
        scheduler().block_outside(*me, Operation::child_process, nullptr, child_changed, &which);
    }
    if (info != nullptr) {
        *info = found;
    }
    received(*me);
    return found.si_pid != 0 ? 0 : -1;
}

COURSE_REDEFINED void exit(int status) noexcept {
    if (controlled() != nullptr) {
        ended_by("exit", status);
    }
    real().exit(status);
    __builtin_unreachable();
}

COURSE_REDEFINED void _exit(int status) {
    if (controlled() != nullptr) {
        ended_by("_exit", status);
    }
    raw_syscall(SYS_exit_group, status);
    __builtin_unreachable();
}

COURSE_REDEFINED void _Exit(int status) noexcept {
    _exit(status);
}

COURSE_REDEFINED void quick_exit(int status) noexcept {
    if (controlled() != nullptr) {
        ended_by("quick_exit", status);
    }
    reinterpret_cast<void (*)(int)>(next_definition("quick_exit"))(status);
    __builtin_unreachable();
}

COURSE_REDEFINED void abort() noexcept {
    if (controlled() != nullptr) {
        scheduler().end(Verdict::terminate, "abort() was called in T%d", current_thread->id);
    }
    real().abort();
    __builtin_unreachable();
}

COURSE_REDEFINED void __assert_fail(const char* assertion, const char* file, unsigned line,
                                    const char* function) noexcept {
    if (controlled() != nullptr) {
        scheduler().end(Verdict::terminate, "assert(%s) failed at %s:%u", assertion, file, line);
    }
    using AssertFail = void (*)(const char*, const char*, unsigned, const char*);
    reinterpret_cast<AssertFail>(next_definition("__assert_fail"))(assertion, file, line, function);
    __builtin_unreachable();
}
