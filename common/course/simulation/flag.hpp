// A flag that one thread waits for and another raises, past the simulation: a bare futex.
#pragma once

#include <linux/futex.h>

#include "real.hpp"

namespace course::simulation {

inline constexpr int lowered = 0;
inline constexpr int raised = 1;
inline constexpr int awaited = 2;  // somebody sleeps until it is raised

/// Wait until \p flag is raised, and lower it again. One thread at a time may wait.
inline void wait_for(int& flag) {
    while (__atomic_load_n(&flag, __ATOMIC_ACQUIRE) != raised) {
        int expected = lowered;
        __atomic_compare_exchange_n(&flag, &expected, awaited, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_ACQUIRE);
        raw_syscall(SYS_futex, word(&flag), FUTEX_WAIT_PRIVATE, awaited);
    }
    __atomic_store_n(&flag, lowered, __ATOMIC_RELAXED);
}

/// Raise \p flag, and wake who waits for it, if anybody does already.
inline void raise_flag(int& flag) {
    if (__atomic_exchange_n(&flag, raised, __ATOMIC_RELEASE) == awaited) {
        raw_syscall(SYS_futex, word(&flag), FUTEX_WAKE_PRIVATE, 1);
    }
}

}  // namespace course::simulation
