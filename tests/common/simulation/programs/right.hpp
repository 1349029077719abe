// Right programs over the whole public interface of the standard library, Boost.Thread and
// Boost.Asio: none of them may ever be blamed, and their virtual times are exact.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace programs {

struct RightProgram {
    std::string name;
    std::function<void()> body;
    std::optional<std::chrono::nanoseconds> elapsed;  ///< if it is the same in every schedule
};

const std::vector<RightProgram>& right_programs();

std::vector<RightProgram> standard_programs();
std::vector<RightProgram> system_programs();
std::vector<RightProgram> boost_programs();

}  // namespace programs
