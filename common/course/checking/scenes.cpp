// Runs scenes, each in a process of its own, and reads the timelines that they leave.
#include <course/checking/scenes.hpp>

#include <fmt/format.h>

#include <cctype>
#include <memory>
#include <sstream>
#include <stdexcept>

#include <course/testing/probes.hpp>

namespace course::checking {

namespace fs = std::filesystem;
using namespace grading;

std::vector<std::string> scenes_in(const fs::path& program) {
    Command command;
    command.arguments = {program.string(), "--scenes"};
    ProcessQueue queue(1);
    std::vector<std::string> names;
    queue.submit(std::move(command), [&](const Outcome& outcome) {
        if (!outcome.succeeded())
            throw std::runtime_error("the scenes can't be listed: " + outcome.describe() + "\n" +
                                     outcome.error);
        std::istringstream lines(outcome.output);
        for (std::string line; std::getline(lines, line);)
            names.push_back(line.substr(0, line.find('\x1f')));
    });
    queue.run();
    return names;
}

void watch(const fs::path& program, const std::string& name, const Limits& limits,
           ProcessQueue& queue, std::function<void(Scene)> done) {
    const auto folder = std::make_shared<testing::TemporaryFolder>();
    const fs::path file = folder->path() / "timeline";
    Command command;
    command.arguments = {program.string(), "--case", name};
    command.folder = folder->path().string();
    command.environment = {"COURSE_TIMELINE=" + file.string()};
    command.limits = limits;
    queue.submit(
        std::move(command), [folder, file, name, done = std::move(done)](const Outcome& outcome) {
            Scene scene{name, timeline::read(testing::contents(file)), ""};
            if (scene.runs.empty())
                scene.trouble = fmt::format("it simulates nothing: {}\n{}{}", outcome.describe(),
                                            outcome.output, outcome.error);
            done(std::move(scene));
        });
}

std::string file_name_of(const std::string& scene) {
    std::string name;
    for (const char c : scene)
        if (std::isalnum(static_cast<unsigned char>(c)))
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    while (name.ends_with('-'))
        name.pop_back();
    return name;
}

}  // namespace course::checking
