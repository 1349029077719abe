// ./course, as a person calls it in this repository.
#pragma once

#include <course/grading/process_queue.hpp>
#include <string>
#include <vector>

/// What `./course ARGUMENTS` does in this repository, or in the one that COURSE_ROOT
/// in \p environment names.
inline course::grading::Outcome call(const std::vector<std::string>& arguments,
                                     const std::vector<std::string>& environment = {}) {
    course::grading::Command command;
    command.arguments = {std::string(BUILD_FOLDER) + "/bin/course-cli"};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.environment = environment;  // of two values the first one counts
    command.environment.push_back(std::string("COURSE_ROOT=") + COURSE_FOLDER);
    command.limits.wall = std::chrono::minutes(5);
    command.limits.cpu = std::chrono::minutes(5);
    command.limits.kept_output = std::size_t{1} << 20;
    course::grading::ProcessQueue queue(1);
    course::grading::Outcome ended;
    queue.submit(std::move(command),
                 [&ended](course::grading::Outcome outcome) { ended = std::move(outcome); });
    queue.run();
    return ended;
}
