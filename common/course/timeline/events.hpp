// Turns the steps of one schedule into spans. Internal to the folder.
#pragma once

#include <course/timeline/model.hpp>
#include <string>
#include <vector>

namespace course::timeline {

/// One line of the simulation's timeline.
struct Event {
    /// When.
    Instant at;
    /// Who.
    int thread = 0;
    /// "executes", "waits", "time is over", "takes", "releases", "notes" or "ends".
    std::string kind;
    /// "sleep", "lock", ...
    std::string operation;
    /// The address of what it is done to, or "".
    std::string object;
    /// File and line, or "".
    std::string place;
    /// What the thread notes.
    std::string note;
    /// The thread that ended its wait, or -1.
    int woken_by = -1;
    /// The thread whose end it waits for, or -1.
    int joins = -1;
};

/// The lanes of \p threads threads, and in \p end when the last event was.
std::vector<Lane> lanes_of(const std::vector<Event>& events, int threads, Instant& end);

}  // namespace course::timeline
