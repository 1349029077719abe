// Keeps what a report needs: where each thread is, and what it did, step by step.
//
// Only a schedule that is repeated for its report is recorded: the search itself is not slowed
// down.
#pragma once

#include <string_view>

#include "channel.hpp"
#include "scheduler.hpp"

namespace course::simulation {

/// Write the calling thread's stack to \p place. Does not allocate.
void take_place(Place& place);

/// Note where \p thread is, which is about to perform an operation.
void record_place(Channel& channel, const Thread& thread);

/// Note that \p thread does that now.
void record_event(Channel& channel, const Thread& thread, Event::Kind kind, Time now,
                  std::uint64_t step);

/// Note that \p thread, which has the turn, takes or releases a lock, or ends.
void record_between(Channel& channel, const Thread& thread, Event::Kind kind, const void* object,
                    Time now, std::uint64_t step);

/// Note what \p thread says that it is going to do.
void record_note(Channel& channel, const Thread& thread, std::string_view text, Time now,
                 std::uint64_t step);

/// Note how \p thread was left when the schedule ended; \p holder has what it waits for, or -1.
void record_end(Channel& channel, const Thread& thread, int holder);

}  // namespace course::simulation
