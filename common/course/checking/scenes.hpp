// Scenes: the cases of a lab that are there to be watched, and what the simulation writes of them.
#pragma once

#include <course/grading/contained_process.hpp>
#include <course/grading/process_queue.hpp>
#include <course/timeline/model.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace course::checking {

/// The names of the hidden cases in \p program, a lab's test program, in their order.
/// \throws std::runtime_error  if it can't be asked, with what it printed.
std::vector<std::string> scenes_in(const std::filesystem::path& program);

/// What a scene or a graded case did.
struct Scene {
    /// Its name.
    std::string name;
    /// The schedules that it simulated.
    std::vector<timeline::Run> runs;
    /// If there is nothing to draw: how it ended, and what it printed.
    std::string trouble;
};

/// Run the case \p name of \p program, within \p limits, and call \p done with what it did.
void watch(const std::filesystem::path& program, const std::string& name,
           const grading::Limits& limits, grading::ProcessQueue& queue,
           std::function<void(Scene)> done);

/// What a scene is called in a file name: "three downloads" is three-downloads.
std::string file_name_of(const std::string& scene);

}  // namespace course::checking
