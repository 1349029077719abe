// Tells what happened in a schedule: a story for people, a timeline for tools.
#pragma once

#include <cstdint>
#include <string>

#include "channel.hpp"
#include "simulate.hpp"
#include "symbols.hpp"

namespace course::simulation {

/// What the channel does not know about the schedule.
struct ScheduleIdentity {
    const Options& options;
    std::uint64_t seed;  // 0: the plain order
    bool repeated;       // the schedule was run again, and ended in the same way
};

/// Fill in what the channel holds about the failing, or the only, schedule.
void fill_report(Report& report, const Channel& channel, const ScheduleIdentity& identity);

// ---- timeline.cpp

/// Who ran when, drawn with characters over virtual time; "" if no time passed.
std::string draw_timeline(const Channel& channel);

/// The last steps of the schedule, one a line.
std::string list_steps(const Channel& channel, const Symbols& symbols);

/// All steps of the schedule, as JSON.
std::string timeline_json(const Channel& channel, const Symbols& symbols, const Report& report,
                          const Options& options);

/// Seconds, without superfluous digits.
std::string seconds(Time time);

}  // namespace course::simulation
