// Redefines syscall(): libstdc++ waits for atomics with bare futexes.
#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>

#include "calls.hpp"

namespace course::simulation {
namespace {

long wait(Thread& me, const int* address, int operation, int expected, const timespec* timeout) {
    scheduler().point(me, Operation::futex_wait, address, false);
    if (__atomic_load_n(address, __ATOMIC_SEQ_CST) != expected) {
        errno = EAGAIN;
        return -1;
    }
    Time deadline = never;
    if (timeout != nullptr && (operation & FUTEX_CMD_MASK) == FUTEX_WAIT) {
        deadline = from_relative(*timeout);
    } else if (timeout != nullptr) {
        const bool realtime = (operation & FUTEX_CLOCK_REALTIME) != 0;
        deadline = from_absolute(*timeout, realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC);
    }
    if (deadline <= scheduler().now() ||
        !scheduler().block(me, Operation::futex_wait, address, deadline)) {
        errno = ETIMEDOUT;
        return -1;
    }
    return 0;
}

long futex(Thread& me, const int* address, int operation, int value, const timespec* timeout) {
    switch (operation & FUTEX_CMD_MASK) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET:
            return wait(me, address, operation, value, timeout);
        case FUTEX_WAKE:
        case FUTEX_WAKE_BITSET: {
            scheduler().point(me, Operation::futex_wake, address);
            const int woken = scheduler().wake(Operation::futex_wait, address, value);
            scheduler().effect(me, woken > 0);
            after_effect(me, Operation::futex_wake, address);
            return woken;
        }
        default:
            scheduler().end(Verdict::not_controlled, "futex operation %d",
                            operation & FUTEX_CMD_MASK);
    }
}

/// System calls that wait, made past libc: they would stop the simulation.
const char* waits(long number) {
    switch (number) {
        case SYS_nanosleep:
            return "syscall(SYS_nanosleep)";
        case SYS_clock_nanosleep:
            return "syscall(SYS_clock_nanosleep)";
        case SYS_epoll_wait:
            return "syscall(SYS_epoll_wait)";
        case SYS_epoll_pwait:
            return "syscall(SYS_epoll_pwait)";
        case SYS_poll:
            return "syscall(SYS_poll)";
        case SYS_ppoll:
            return "syscall(SYS_ppoll)";
        case SYS_select:
            return "syscall(SYS_select)";
        case SYS_pselect6:
            return "syscall(SYS_pselect6)";
        case SYS_pause:
            return "syscall(SYS_pause)";
        case SYS_rt_sigtimedwait:
            return "syscall(SYS_rt_sigtimedwait)";
        case SYS_io_uring_enter:
            return "syscall(SYS_io_uring_enter)";
        default:
            return nullptr;
    }
}

}  // namespace
}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED long syscall(long number, ...) noexcept {
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (long& argument : a) {
        argument = va_arg(arguments, long);
    }
    va_end(arguments);
    Thread* me = controlled();
    if (me != nullptr && number == SYS_futex) {
        return futex(*me, reinterpret_cast<const int*>(a[0]), static_cast<int>(a[1]),
                     static_cast<int>(a[2]), reinterpret_cast<const timespec*>(a[3]));
    }
    if (me != nullptr && waits(number) != nullptr) {
        scheduler().end(Verdict::not_controlled, "%s", waits(number));
    }
    const long result = raw_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (result < 0 && result > -4096) {
        errno = static_cast<int>(-result);
        return -1;
    }
    return result;
}
