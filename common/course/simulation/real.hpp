// The real C library beneath the calls that the simulation redefines.
#pragma once

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#define COURSE_UNDER_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COURSE_UNDER_ADDRESS_SANITIZER  // it needs malloc and the stacks for itself
#endif
#endif

namespace course::simulation {

/// A system call without libc's wrapper, so that it can't come back to the simulation.
/// Returns the kernel's value: a negative errno on failure.
inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                        long f = 0) {
#if defined(__x86_64__)
    long result;
    register long r10 asm("r10") = d;
    register long r8 asm("r8") = e;
    register long r9 asm("r9") = f;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 asm("x8") = number;
    register long x0 asm("x0") = a;
    register long x1 asm("x1") = b;
    register long x2 asm("x2") = c;
    register long x3 asm("x3") = d;
    register long x4 asm("x4") = e;
    register long x5 asm("x5") = f;
    asm volatile("svc 0"
                 : "+r"(x0)
                 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                 : "memory");
    return x0;
#else
#error "the simulation makes system calls on x86-64 and arm64 only"
#endif
}

template <class P>
long word(P* pointer) {
    return reinterpret_cast<long>(pointer);
}

/// Real time on the monotonic clock, in nanoseconds.
std::int64_t real_now();

// Every call whose own definition is needed, with the version of its symbol where libc has two.
#define COURSE_REAL_CALLS(X)                                                                       \
    X(pthread_create)                                                                              \
    X(pthread_join)                                                                                \
    X(pthread_detach)                                                                              \
    X(pthread_key_create) X(pthread_mutex_lock) X(pthread_mutex_trylock)                           \
        X(pthread_mutex_timedlock) X(pthread_mutex_clocklock) X(pthread_mutex_unlock) X(           \
            pthread_rwlock_rdlock) X(pthread_rwlock_tryrdlock) X(pthread_rwlock_timedrdlock)       \
            X(pthread_rwlock_clockrdlock) X(pthread_rwlock_wrlock) X(pthread_rwlock_trywrlock) X(  \
                pthread_rwlock_timedwrlock) X(pthread_rwlock_clockwrlock) X(pthread_rwlock_unlock) \
                X(pthread_spin_lock) X(pthread_spin_trylock) X(pthread_spin_unlock)                \
                    X(pthread_barrier_init) X(pthread_barrier_wait) X(pthread_barrier_destroy)     \
                        X(pthread_once) X(pthread_tryjoin_np) X(pthread_timedjoin_np) X(           \
                            pthread_clockjoin_np) X(sem_wait) X(sem_trywait) X(sem_timedwait)      \
                            X(sem_clockwait) X(sem_post) X(nanosleep) X(clock_nanosleep) X(usleep) \
                                X(sleep) X(sched_yield) X(clock_gettime) X(gettimeofday) X(time)   \
                                    X(poll) X(ppoll) X(select) X(pselect) X(epoll_wait)            \
                                        X(epoll_pwait) X(timerfd_create) X(timerfd_settime)        \
                                            X(timerfd_gettime) X(close) X(read) X(write) X(readv)  \
                                                X(writev) X(recv) X(recvfrom) X(recvmsg) X(send)   \
                                                    X(sendto) X(sendmsg) X(accept) X(accept4)      \
                                                        X(connect) X(waitpid) X(wait) X(waitid)    \
                                                            X(memcpy) X(memmove) X(memset)

/// Pointers to libc's own definitions, looked up once.
struct RealCalls {
#define COURSE_DECLARE(call) decltype(&::call) call;
    COURSE_REAL_CALLS(COURSE_DECLARE)
#undef COURSE_DECLARE
    decltype(&::pthread_cond_wait) pthread_cond_wait;
    decltype(&::pthread_cond_timedwait) pthread_cond_timedwait;
    decltype(&::pthread_cond_clockwait) pthread_cond_clockwait;
    decltype(&::pthread_cond_signal) pthread_cond_signal;
    decltype(&::pthread_cond_broadcast) pthread_cond_broadcast;
    decltype(&::exit) exit;
    decltype(&::_exit) _exit;
    decltype(&::abort) abort;
    bool ready;
};

/// The table; filled by the first call, which may come before any constructor.
const RealCalls& real();

/// The table if it has been filled, else null. For calls that are made even before that.
const RealCalls* real_if_known();

/// The definition of \p name that would be used without the simulation, or null.
void* next_definition(const char* name, const char* version = nullptr);

}  // namespace course::simulation
