// The heap of a simulated schedule: fresh each time, at the same addresses each time.
//
// Three kinds of memory, by who asks and when:
//   before the schedules   libc's heap, as ever. While schedules run, nobody allocates from it or
//                          frees into it, so that its contents can be put back; see fresh_state.hpp
//   the program            an arena that is emptied before each schedule
//   libc itself, and our   an arena of its own, because it outlives the schedule: libc keeps FILE
//   own code               and thread structures in lists
// Where a block came from is known by its address.
#pragma once

namespace course::simulation {

/// From now on, allocate from arenas. For a process that runs schedules and nothing else.
void use_arenas();

/// Empty the program's arena.
void clear_program_heap();

}  // namespace course::simulation
