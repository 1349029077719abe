// Small programs with one bug each: what students write, and what a search must find.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <course/simulation/simulate.hpp>

namespace programs {

struct Bug {
    std::string name;
    std::function<void()> body;
    course::Verdict verdict;  ///< what finding it looks like
    bool races = true;        ///< false: the data race is let happen, to see its effect
    double at_least = 0;      ///< per cent of the schedules of the mix that must find it
    int bound = 2;            ///< preemptions with which the bounded search finds it
};

/// All of them. The figures are those of the prototype: not to be missed.
const std::vector<Bug>& bugs();

// Right programs that are near to the wrong ones.
void pool_that_shuts_down();
void four_threads_with_twelve_locks_each();

}  // namespace programs
