// Small programs with and without data races, to be judged alike by the simulation and by TSan.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace programs {

struct RaceProgram {
    std::string name;
    std::function<void()> body;
    bool racy;
};

const std::vector<RaceProgram>& race_programs();

}  // namespace programs
