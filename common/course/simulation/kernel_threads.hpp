// The kernel's threads under the simulated ones.
//
// To create a thread of the kernel, and to let it end, costs as much as ten steps. So a process that
// runs many schedules keeps them: thread 3 of each schedule runs on the same one, on the same stack.
// For the program it is a new thread each time; see thread_locals.hpp.
#pragma once

#include <pthread.h>

#include "scheduler.hpp"

namespace course::simulation {

/// From now on, keep them. For a process that runs schedules and nothing else.
void keep_kernel_threads();

/// Put one under \p thread. It runs `entry` as soon as the thread has the turn.
///
/// \param wanted  what the program asked for, or null. A stack of its own is respected.
/// \return        an error number.
int start_kernel_thread(Thread& thread, const pthread_attr_t* wanted);

/// \p me calls pthread_exit: the kernel's thread really ends then.
void leave_kernel_thread(Thread& me);

/// The schedule is over. Wait for the end of the kernel's thread, unless it is kept.
void join_kernel_thread(const Thread& thread);

}  // namespace course::simulation
