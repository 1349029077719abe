// A fork that fails when a test says so. For the one file of a test program that includes it: it defines
// `fork`, and that definition wins over libc's.
#pragma once

#include <dlfcn.h>
#include <sys/types.h>

#include <cerrno>

namespace course::testing {

/// While it is true, `fork` fails with EAGAIN, in this process and in those that it forks.
inline bool no_child_can_be = false;

}  // namespace course::testing

/// The name that clang's sanitizers give to their own fork; elsewhere there is no such function.
extern "C" [[gnu::weak]] pid_t __interceptor_fork() noexcept;

/// libc's fork, or none: see `course::testing::no_child_can_be`.
extern "C" pid_t fork() noexcept {
    if (course::testing::no_child_can_be) {
        errno = EAGAIN;
        return -1;
    }
    if (__interceptor_fork)
        return __interceptor_fork();
    static const auto next = reinterpret_cast<pid_t (*)()>(dlsym(RTLD_NEXT, "fork"));
    return next();
}
