// A flag that one thread waits for and another raises, past the simulation: a bare futex.
#pragma once

#include <linux/futex.h>

#include "real.hpp"

namespace course::simulation {

/// Wait until \p flag is raised, and lower it again.
inline void wait_for(int& flag) {
    while (__atomic_load_n(&flag, __ATOMIC_ACQUIRE) == 0) {
        raw_syscall(SYS_futex, word(&flag), FUTEX_WAIT_PRIVATE, 0);
    }
    __atomic_store_n(&flag, 0, __ATOMIC_RELAXED);
}

inline void raise_flag(int& flag) {
    __atomic_store_n(&flag, 1, __ATOMIC_RELEASE);
    raw_syscall(SYS_futex, word(&flag), FUTEX_WAKE_PRIVATE, 1);
}

}  // namespace course::simulation
