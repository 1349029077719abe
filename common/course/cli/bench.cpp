// `course bench edit`: from a saved file to a verdict, beside the bare compiler, linker and
// program. The others have programs of their own, which print their tables.
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include <course/cli/bench_tools.hpp>
#include <course/cli/commands.hpp>

namespace course::cli {

namespace {

using Seconds = std::chrono::duration<double>;

/// Start a program and wait for it.
int spawn(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
    int status = 0;
    waitpid(start_bare(arguments, folder), &status, 0);
    return status;
}

Seconds time_of(const std::vector<std::vector<std::string>>& commands,
                const std::filesystem::path& folder) {
    const auto start = std::chrono::steady_clock::now();
    for (const auto& command : commands)
        if (spawn(command, folder) != 0)
            throw std::runtime_error(command.front() + " failed: does the file have full marks?");
    return std::chrono::steady_clock::now() - start;
}

/// A benchmark that is a program of its own.
struct Measurement {
    std::string what;
    std::string program;
    std::string script;  ///< what it measures beside, in Python; empty: nothing
    std::string about;
    int rounds = 15;
};

const Measurement measurements[] = {
    {"pool", "process-pool-measure", "tests/bench/process_pool/measure.py",
     "ProcessPool, beside bare sockets and CPython's pools"},
    {"loop", "event-loop-measure", "tests/bench/event_loop/measure.py",
     "lab 14's event loop, beside a bare coroutine, threads and asyncio"},
    {"echo", "echo-measure", "tests/bench/echo/measure.py",
     "lab 15's server, beside a bare epoll loop and asyncio"},
    {"crawler", "crawler-measure", "tests/bench/crawler/measure.py",
     "lab 18, beside threads and CPython's asyncio"},
    {"choosing", "choosing-measure", "", "what lab 20 chooses from: eight ways for each workload",
     3},
    {"table", "table-measure", "tests/bench/table/measure.py",
     "threads, processes and loops at reading, computing and both, beside Python", 5},
    {"waits", "waits-measure", "", "1 to 100,000 waits by threads, coroutines and processes", 3},
    {"switch", "switch-measure", "",
     "function call, coroutine, thread, process: from one to the next"},
    {"page", "measured-page", "", "nothing new: the page and pictures of --report again"},
};

/// Build the program in the release tree, and become it: what it says of its progress is seen at once.
int bench_program(const Session& session, const BenchOptions& options,
                  const Measurement& measurement) {
    if (!std::filesystem::is_directory(session.root / "tests" / "bench"))
        throw std::runtime_error(
            "a student repository has no benchmarks: they measure the solutions");
    session.make({measurement.program}, "release");
    const int rounds = options.rounds > 0 ? options.rounds : measurement.rounds;
    std::vector<std::string> command{
        (session.build("release") / "bin" / measurement.program).string(), "--rounds",
        std::to_string(rounds), "--seed", std::to_string(options.seed)};
    if (!options.report.empty())
        command.insert(command.end(), {"--report", std::filesystem::absolute(options.report)});
    if (session.json)
        command.push_back("--json");
    if (!measurement.script.empty())
        command.push_back(session.root / measurement.script);
    become(command);
}

}  // namespace

std::map<std::string, std::string> benchmarks() {
    std::map<std::string, std::string> all{
        {"edit", "an edit to a verdict, beside the bare compiler"},
        {"batch", "a class, beside the bare compilers and programs"}};
    for (const Measurement& measurement : measurements)
        all[measurement.what] = measurement.about;
    return all;
}

int bench(const Session& session, const BenchOptions& options) {
    for (const Measurement& measurement : measurements)
        if (options.what == measurement.what)
            return bench_program(session, options, measurement);
    const grading::Lab& lab = grading::find_lab(session.labs, options.lab);
    session.make({"lab-" + lab.number});
    if (options.what == "batch")
        return bench_batch(session, lab, options);
    const grading::Recipe recipe(session.build(), lab.name);
    const auto folder = session.build() / "work" / lab.name / "bench";
    std::filesystem::create_directories(folder);
    // What is measured with: the solution where there is one, else the student's own file.
    const auto file =
        std::filesystem::is_directory(lab.solution()) ? lab.solution() / recipe.gap() : lab.gap();
    const std::vector<std::vector<std::string>> bare{
        recipe.compile(file, folder / "graded.o").arguments,
        recipe.link(folder / "graded.o", folder / "program").arguments,
        {(folder / "program").string()}};
    const std::vector<std::vector<std::string>> graded{
        {(session.root / "course").string(), "grade", lab.number, "--file", file.string()}};
    const int rounds = options.rounds > 0 ? options.rounds : 15;
    time_of(bare, folder), time_of(graded, folder);  // warm up
    std::vector<double> bare_times, graded_times, ratios;
    for (int round = 0; round < rounds; ++round) {
        bare_times.push_back(time_of(bare, folder).count());
        graded_times.push_back(time_of(graded, folder).count());
        ratios.push_back(graded_times.back() / bare_times.back());
    }
    if (session.json) {
        std::cout << nlohmann::json{{"lab", lab.name},
                                    {"rounds", rounds},
                                    {"bare_seconds", bare_times},
                                    {"graded_seconds", graded_times},
                                    {"ratio_median", median(ratios)}}
                         .dump(2)
                  << "\n";
        return success;
    }
    std::cout << fmt::format("{}, medians of {} rounds, in turn\n", lab.name, rounds)
              << fmt::format("  bare compile + link + run   {:.3f} s\n", median(bare_times))
              << fmt::format("  ./course grade {}           {:.3f} s\n", lab.number,
                             median(graded_times))
              << fmt::format("  ratio, round by round       {:.2f} ({:.2f} to {:.2f})\n",
                             median(ratios), *std::min_element(ratios.begin(), ratios.end()),
                             *std::max_element(ratios.begin(), ratios.end()));
    return success;
}

}  // namespace course::cli
