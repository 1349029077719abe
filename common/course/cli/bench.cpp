// `course bench edit`: from a saved file to a verdict, beside the bare compiler, linker and
// program.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include <course/cli/commands.hpp>

namespace course::cli {

namespace {

using Seconds = std::chrono::duration<double>;

Seconds time_of(const std::vector<std::vector<std::string>>& commands,
                const std::filesystem::path& folder) {
    const auto start = std::chrono::steady_clock::now();
    for (const auto& command : commands)
        if (const Finished finished = execute(command, folder); finished.status != 0)
            throw std::runtime_error(command.front() + " failed:\n" + finished.output);
    return std::chrono::steady_clock::now() - start;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int bench(const Session& session, const BenchOptions& options) {
    const grading::Lab& lab = grading::find_lab(session.labs, options.lab);
    session.make({"lab-" + lab.number});
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
    time_of(bare, session.root), time_of(graded, session.root);  // warm up
    std::vector<double> bare_times, graded_times, ratios;
    for (int round = 0; round < options.rounds; ++round) {
        bare_times.push_back(time_of(bare, session.root).count());
        graded_times.push_back(time_of(graded, session.root).count());
        ratios.push_back(graded_times.back() / bare_times.back());
    }
    if (session.json) {
        std::cout << nlohmann::json{{"lab", lab.name},
                                    {"rounds", options.rounds},
                                    {"bare_seconds", bare_times},
                                    {"graded_seconds", graded_times},
                                    {"ratio_median", median(ratios)}}
                         .dump(2)
                  << "\n";
        return success;
    }
    std::cout << fmt::format("{}, medians of {} rounds, in turn\n", lab.name, options.rounds)
              << fmt::format("  bare compile + link + run   {:.3f} s\n", median(bare_times))
              << fmt::format("  ./course grade {}           {:.3f} s\n", lab.number,
                             median(graded_times))
              << fmt::format("  ratio, round by round       {:.2f} ({:.2f} to {:.2f})\n",
                             median(ratios), *std::min_element(ratios.begin(), ratios.end()),
                             *std::max_element(ratios.begin(), ratios.end()));
    return success;
}

}  // namespace course::cli
