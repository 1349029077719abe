// `course test`: everything this project tests, with one closing line.
#include <fmt/format.h>

#include <iostream>
#include <regex>
#include <sstream>

#include <course/cli/commands.hpp>

namespace course::cli {

namespace {

/// How many there were.
struct Tally {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
};

/// Add up what a command says of itself: lines `ok ...`, `not ok ...`, `skipped ...`, or the
/// closing line of Catch2 or of `course check`.
Tally read_tally(const Finished& finished) {
    static const std::regex catch_all(R"(All tests passed \(.* in (\d+) test cases?\))");
    static const std::regex catch_some(R"(test cases:\s*(\d+).*)");
    static const std::regex catch_passed(R"(.*\|\s*(\d+) passed.*)");
    static const std::regex closing(R"((\d+) passed, (\d+) failed)");
    Tally tally;
    std::istringstream lines(finished.output);
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (line.starts_with("ok "))
            ++tally.passed;
        else if (line.starts_with("not ok "))
            ++tally.failed;
        else if (line.starts_with("skipped"))
            ++tally.skipped;
        else if (std::regex_search(line, match, catch_all))
            tally.passed += std::stoi(match[1]);
        else if (std::regex_match(line, match, closing))
            tally.passed += std::stoi(match[1]), tally.failed += std::stoi(match[2]);
        else if (std::regex_match(line, match, catch_some)) {
            const int all = std::stoi(match[1]);
            const int passed =
                std::regex_match(line, match, catch_passed) ? std::stoi(match[1]) : 0;
            tally.passed += passed, tally.failed += all - passed;
        }
    }
    // A build has nothing to count but whether it succeeded.
    if (finished.status != 0 && tally.failed == 0)
        ++tally.failed;
    if (finished.status == 0 && tally.passed + tally.failed + tally.skipped == 0)
        ++tally.passed;
    return tally;
}

/// The lines of \p output that say what failed, which are far up when all is over.
std::string failures_in(const std::string& output) {
    static const std::regex failure(R"(\s*(✗|not ok) .*|.*: FAILED:?)");
    std::string failures;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);)
        if (std::regex_match(line, failure))
            failures += line + "\n";
    return failures;
}

/// One part of what is tested.
struct Suite {
    std::string name;
    std::vector<std::string> command;
};

}  // namespace

int test(const Session& session) {
    session.make({"common-tests", "grader-tests", "simulation-tests", "process-pool-tests"});
    for (const char* preset : {"asan", "tsan"})
        session.make({"process-pool-tests"}, preset);
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    const auto built = [&](const std::string& name, const std::string& preset = "dev") {
        return (session.build(preset) / "bin" / name).string();
    };
    const auto target = [&](const std::string& name) {
        return std::vector<std::string>{"ninja", "-C", session.build().string(), "--quiet", name};
    };
    const std::vector<Suite> suites{
        {"common: the parts that labs and grader share", {built("common-tests")}},
        {"simulation: right programs, bugs, races, replay", {built("simulation-tests")}},
        {"process pool: calls, deaths, a thousand kills", {built("process-pool-tests")}},
        {"process pool, AddressSanitizer: the same", {built("process-pool-tests", "asan")}},
        {"process pool, ThreadSanitizer: the same", {built("process-pool-tests", "tsan")}},
        {"grader: submissions and the verdict that each must get", {built("grader-tests")}},
        {"setup: the launcher on machines where something is missing",
         {"tests/setup/setup_test.sh"}},
        {"check: starters, solutions, mutants", {program, "check"}},
        {"Catch2 3: starters, solutions and mutants again, with the other Catch2",
         {"tests/setup/catch2_v3_test.sh"}},
        {"docs: built without a warning", target("docs")},
        {"docs: in a browser, light and dark", target("docs-browser")},
        {"decks: the builder and the overflow test, on decks that are wrong",
         target("slides-test")},
        {"slides: built, and no slide overflows", target("slides-overflow")},
    };
    Tally all;
    std::string failures;
    for (const auto& suite : suites) {
        std::cout << "== " << suite.name << "\n" << std::flush;
        const Finished finished = execute(suite.command, session.root);
        const Tally tally = read_tally(finished);
        std::cout << finished.output
                  << (finished.output.ends_with('\n') || finished.output.empty() ? "" : "\n")
                  << fmt::format("-- {}: {} passed, {} failed{}\n\n",
                                 suite.name.substr(0, suite.name.find(':')), tally.passed,
                                 tally.failed,
                                 tally.skipped ? fmt::format(", {} skipped", tally.skipped) : "")
                  << std::flush;
        if (tally.failed > 0)
            failures += suite.name + "\n" + failures_in(finished.output);
        all.passed += tally.passed;
        all.failed += tally.failed;
        all.skipped += tally.skipped;
    }
    if (!failures.empty())
        std::cout << "What failed (more about it above):\n" << failures << "\n";
    std::cout << fmt::format("{} passed, {} failed{}\n", all.passed, all.failed,
                             all.skipped ? fmt::format(", {} skipped", all.skipped) : "");
    return all.failed == 0 ? success : not_all_well;
}

}  // namespace course::cli
