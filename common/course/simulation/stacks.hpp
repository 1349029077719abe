// The stacks of simulated threads: at the same addresses in every schedule of every process.
//
// A thread's handle is an address in its stack, and some code goes by it: std::barrier hashes
// thread ids. Equal addresses make equal schedules, also where address space randomisation can't be
// off.
#pragma once

#include <cstddef>

namespace course::simulation {

inline constexpr std::size_t stack_size = (1 << 20) - 4096;
inline constexpr std::size_t signal_stack_size = 1 << 16;

/// The lowest address of the stack for that thread; below it lies a page that nobody may touch.
char* stack_of(int thread);

/// Memory for the signal handlers of that thread.
char* signal_stack_of(int thread);

}  // namespace course::simulation
