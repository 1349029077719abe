// ./course, as a person calls it in this repository.
#pragma once

#include <course/grading/process_queue.hpp>
#include <string>
#include <utility>
#include <vector>

/// The program behind ./course.
inline const std::string course_program = std::string(BUILD_FOLDER) + "/bin/course-cli";

/// What the command line \p arguments does in this repository, or in the one that COURSE_ROOT in
/// \p environment names.
inline course::grading::Outcome execute(std::vector<std::string> arguments,
                                        std::vector<std::string> environment = {}) {
    course::grading::Command command;
    command.arguments = std::move(arguments);
    command.environment = std::move(environment);  // of two values the first one counts
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

/// What `./course ARGUMENTS` does.
inline course::grading::Outcome call(std::vector<std::string> arguments,
                                     std::vector<std::string> environment = {}) {
    arguments.insert(arguments.begin(), course_program);
    return execute(std::move(arguments), std::move(environment));
}
