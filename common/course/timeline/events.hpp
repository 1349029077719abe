// Turns the steps of one schedule into spans. Internal to the folder.
#pragma once

#include <course/timeline/model.hpp>
#include <string>
#include <vector>

namespace course::timeline {

/// One line of the simulation's timeline.
struct Event {
    Instant at;
    int thread = 0;
    std::string kind;
    std::string operation;
    std::string object;
    std::string place;
    std::string note;
    int woken_by = -1;
    int joins = -1;
};

/// The lanes of \p threads threads, and in \p end when the last event was.
std::vector<Lane> lanes_of(const std::vector<Event>& events, int threads, Instant& end);

}  // namespace course::timeline
