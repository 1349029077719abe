// `course bench batch`: what a class's grading costs beyond the compilers, linkers and cases that it must run.
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include <course/cli/bench_tools.hpp>
#include <course/testing/probes.hpp>

namespace course::cli {

namespace fs = std::filesystem;

namespace {

constexpr int students = 24;

/// The commands of one submission, in order, and the folder that it has for itself.
struct Chain {
    fs::path folder;
    std::vector<std::vector<std::string>> commands;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Run \p chains, \p jobs of them at a time. \return  the time on the clock.
double time_bare(const std::vector<Chain>& chains, int jobs) {
    const auto start = std::chrono::steady_clock::now();
    std::map<pid_t, std::pair<std::size_t, std::size_t>> running;  // chain and step
    std::size_t next = 0;
    const auto start_step = [&](std::size_t chain, std::size_t step) {
        running[start_bare(chains[chain].commands[step], chains[chain].folder)] = {chain, step};
    };
    while (next < chains.size() || !running.empty()) {
        while (next < chains.size() && running.size() < static_cast<std::size_t>(jobs))
            start_step(next++, 0);
        int status = 0;
        const auto ended = running.extract(waitpid(-1, &status, 0));
        if (ended.empty())
            continue;
        if (status != 0)
            throw std::runtime_error("a case or a compiler failed: does the file have full marks?");
        const auto [chain, step] = ended.mapped();
        if (step + 1 < chains[chain].commands.size())
            start_step(chain, step + 1);
    }
    return seconds_since(start);
}

}  // namespace

int bench_batch(const Session& session, const grading::Lab& lab, const BenchOptions& options) {
    const grading::Recipe recipe(session.build(), lab.name);
    const grading::Rubric rubric = grading::rubric_for(lab, recipe, session.build());
    const testing::TemporaryFolder folder;
    const std::string text = testing::contents(lab.solution() / recipe.gap());
    if (text.empty())
        throw std::runtime_error("this benchmark hands in solutions, which are not here");
    std::vector<Chain> chains;
    for (int i = 0; i < students; ++i) {
        const fs::path own = folder.path() / "class" / fmt::format("student-{:02}", i);
        const fs::path bare = folder.path() / fmt::format("bare-{:02}", i);
        fs::create_directories(own);
        fs::create_directories(bare);
        std::ofstream(own / recipe.gap()) << text << "// " << i << "\n";
        chains.push_back({bare,
                          {recipe.compile(own / recipe.gap(), bare / "graded.o").arguments,
                           recipe.link(bare / "graded.o", bare / "program").arguments}});
        for (const auto& item : rubric.items)
            for (const auto& one : item.cases)
                chains.back().commands.push_back({(bare / "program").string(), "--case", one.name});
    }
    const auto time_graded = [&](int round) {
        const auto start = std::chrono::steady_clock::now();
        const pid_t pid =
            start_bare({(session.root / "course").string(), "--jobs", std::to_string(session.jobs),
                        "grade", folder.file("class"), "--lab", lab.number, "--report",
                        folder.file(fmt::format("report-{}", round))},
                       session.root);
        int status = 0;
        waitpid(pid, &status, 0);
        if (status != 0)
            throw std::runtime_error("the grading did not give everybody full marks");
        return seconds_since(start);
    };
    std::vector<double> bare, graded, ratios;
    const int rounds = options.rounds > 0 ? options.rounds : 5;
    for (int round = 0; round <= rounds; ++round) {
        const double without = time_bare(chains, session.jobs);
        const double with = time_graded(round);
        if (round == 0)
            continue;  // to warm up
        bare.push_back(without), graded.push_back(with), ratios.push_back(with / without);
    }
    if (session.json) {
        std::cout << nlohmann::json{{"lab", lab.name},
                                    {"students", students},
                                    {"jobs", session.jobs},
                                    {"rounds", rounds},
                                    {"bare_seconds", bare},
                                    {"graded_seconds", graded},
                                    {"ratio_median", median(ratios)}}
                         .dump(2)
                  << "\n";
        return success;
    }
    std::cout << fmt::format("{} hand-ins of {}, {} jobs, medians of {} rounds, in turn\n",
                             students, lab.name, session.jobs, rounds)
              << fmt::format("  bare compile + link + cases   {:.2f} s\n", median(bare))
              << fmt::format("  ./course grade DIR            {:.2f} s\n", median(graded))
              << fmt::format("  ratio, round by round         {:.2f} ({:.2f} to {:.2f})\n",
                             median(ratios), *std::min_element(ratios.begin(), ratios.end()),
                             *std::max_element(ratios.begin(), ratios.end()))
              << fmt::format("  a core-hour grades            {:.0f} submissions\n",
                             3600.0 * students / (median(graded) * session.jobs));
    return success;
}

}  // namespace course::cli
