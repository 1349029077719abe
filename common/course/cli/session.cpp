// Finds the course and the terminal, and calls cmake and ninja.
#include <course/cli/session.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <course/grading/process_queue.hpp>
#include <course/reports/clean_text.hpp>

namespace course::cli {

namespace fs = std::filesystem;

namespace {

fs::path find_root() {
    if (const char* root = std::getenv("COURSE_ROOT"))
        return root;
    for (fs::path at = fs::current_path();; at = at.parent_path()) {
        if (fs::exists(at / "course") && fs::is_directory(at / "labs"))
            return at;
        if (at == at.parent_path())
            throw std::runtime_error("this is not inside a course: call ./course from its folder");
    }
}

/// The compiler that the tree \p build is configured with: all trees have the same.
std::string compiler_of(const fs::path& build) {
    std::ifstream cache(build / "CMakeCache.txt");
    static const std::regex entry("CMAKE_CXX_COMPILER:[A-Z]+=(.*)");
    std::smatch match;
    for (std::string line; std::getline(cache, line);)
        if (std::regex_match(line, match, entry))
            return match[1];
    throw std::runtime_error(build.string() + " is not configured: call ./course, which does it");
}

/// \p output without the lines that only speak of ninja, unless there are no others: a student wants the compiler's.
std::string errors_in(const std::string& output) {
    std::istringstream lines(output);
    std::string kept;
    bool command = false;  // the line after FAILED: is the whole command
    for (std::string line; std::getline(lines, line); command = line.starts_with("FAILED:"))
        if (!command && !line.starts_with("FAILED:") && !line.starts_with("ninja:"))
            kept += line + "\n";
    return kept.empty() ? output : kept;
}

int terminal_width() {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col : 100;
}

}  // namespace

Session Session::begin() {
    Session session;
    session.root = find_root();
    session.labs = grading::find_labs(session.root);
    session.terminal = isatty(STDOUT_FILENO) == 1;
    session.style.color = session.terminal && !std::getenv("NO_COLOR");
    session.style.width = std::min(terminal_width(), 120);
    session.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return session;
}

void Session::make(const std::vector<std::string>& targets, const std::string& preset) const {
    if (built)
        return;
    const auto must = [this](const std::vector<std::string>& arguments) {
        const Finished finished = execute(arguments, root);
        if (finished.status != 0)
            throw std::runtime_error("it does not build:\n" + errors_in(finished.output));
    };
    fs::create_directories(root / "build");
    const FileLock lock(root / "build" / "lock");  // the launcher takes it as well
    if (!fs::exists(build(preset) / "build.ninja"))
        must({"cmake", "--preset", preset, "-DCMAKE_CXX_COMPILER=" + compiler_of(build())});
    std::vector<std::string> ninja{"ninja", "-C", build(preset).string(), "--quiet"};
    ninja.insert(ninja.end(), targets.begin(), targets.end());
    const fs::path made = build(preset) / "made";
    const bool first_time =
        std::any_of(targets.begin(), targets.end(),
                    [&made](const auto& target) { return !fs::exists(made / target); });
    if (first_time)
        std::cerr << "Building " << targets.front() << (targets.size() > 1 ? " and more" : "")
                  << (preset == "dev" ? "" : " in the tree " + preset)
                  << " (once, it may take a minute) ...\n";
    must(ninja);
    for (const auto& target : targets)
        if (!fs::exists(made / target))
            grading::write_whole(made / target, "");
}

sandbox::Sandbox Session::sandbox() const {
    make({"sandbox"});
    return sandbox::Sandbox(build() / "bin" / "first-process", root);
}

grading::Grader Session::grader(const grading::Lab& lab, grading::ProcessQueue& queue,
                                const sandbox::Sandbox* sandbox) const {
    grading::Recipe recipe(build(), lab.name);
    grading::Rubric rubric = grading::rubric_for(lab, recipe, build());
    const grading::GraderOptions options{.limits = grading::case_limits(recipe),
                                         .environment = {},
                                         .build_limits = {},
                                         .sandbox = sandbox};
    return grading::Grader(std::move(recipe), std::move(rubric), queue, options);
}

fs::path Session::graded_program(const grading::Lab& lab, const fs::path& file,
                                 const std::string& name) const {
    const fs::path work = build() / "work" / lab.name / name;
    fs::create_directories(work);
    const FileLock lock(work / "lock");
    grading::ProcessQueue queue(jobs);
    grading::Grader grader = this->grader(lab, queue);
    grading::LabResult result;
    grader.build(fs::absolute(file), work,
                 [&result](grading::LabResult built) { result = std::move(built); });
    queue.run();
    if (result.build != grading::Verdict::pass)
        throw std::runtime_error(file.string() + " does not build:\n" +
                                 reports::printable(result.messages));
    return work / "program";
}

FileLock::FileLock(const fs::path& file)
    : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    flock(descriptor_, LOCK_EX);
}

FileLock::~FileLock() {
    close(descriptor_);
}

grading::Command trusted(const std::vector<std::string>& arguments, const fs::path& folder) {
    grading::Command command;
    command.arguments = arguments;
    command.folder = folder.string();
    command.limits = {.cpu = std::chrono::hours(1),
                      .wall = std::chrono::hours(2),
                      .memory = std::nullopt,
                      .tree_memory = std::numeric_limits<std::uint64_t>::max(),
                      .file_size = RLIM_INFINITY,
                      .output = std::size_t{1} << 30,
                      .kept_output = std::size_t{1} << 20,
                      .processor = std::nullopt};
    // It may want a proxy, certificates, a cache.
    for (char** variable = environ; *variable; ++variable)
        command.environment.emplace_back(*variable);
    return command;
}

Finished finished(const std::vector<std::string>& arguments, const grading::Outcome& outcome) {
    using End = grading::Outcome::End;
    if (outcome.end == End::not_started)
        throw std::runtime_error(arguments.front() + " " + outcome.describe() +
                                 "; `./course doctor` shows what is missing");
    return {outcome.end == End::exited ? outcome.code : 128 + outcome.code,
            outcome.output + outcome.error, outcome.wall};
}

void become(const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    throw std::system_error(errno, std::generic_category(), "cannot start " + arguments.front());
}

Finished execute(const std::vector<std::string>& arguments, const fs::path& folder) {
    grading::ProcessQueue queue(1);
    Finished result;
    queue.submit(trusted(arguments, folder),
                 [&](const grading::Outcome& outcome) { result = finished(arguments, outcome); });
    queue.run();
    return result;
}

}  // namespace course::cli
