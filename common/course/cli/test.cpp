// `course test`: everything this project tests, with one closing line.
#include <fmt/format.h>

#include <deque>
#include <filesystem>
#include <iostream>
#include <regex>
#include <sstream>

#include <course/cli/commands.hpp>
#include <course/grading/process_queue.hpp>

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

/// Suites that run one after the other: what they use is no two's at once.
using Lane = std::deque<Suite>;

/// Runs suites and prints what they say, each when it has ended.
class Tests {
  public:
    explicit Tests(std::filesystem::path root) : root_(std::move(root)) {}

    /// Run \p lanes, two of them at a time, and return when all have ended.
    void run(std::vector<Lane> lanes) {
        grading::ProcessQueue queue(2);
        for (Lane& lane : lanes)
            start(queue, lane);
        queue.run();
    }

    /// The closing lines. \return  whether nothing failed.
    bool close() const {
        if (!failures_.empty())
            std::cout << "What failed (more about it above):\n" << failures_ << "\n";
        std::cout << fmt::format("{} passed, {} failed{}\n", all_.passed, all_.failed,
                                 all_.skipped ? fmt::format(", {} skipped", all_.skipped) : "");
        return all_.failed == 0;
    }

  private:
    void start(grading::ProcessQueue& queue, Lane& lane) {
        if (lane.empty())
            return;
        const Suite suite = lane.front();
        lane.pop_front();
        std::cout << "... " << suite.name << "\n" << std::flush;
        queue.submit(trusted(suite.command, root_),
                     [this, &queue, &lane, suite](const grading::Outcome& outcome) {
                         tell(suite, finished(suite.command, outcome));
                         start(queue, lane);
                     });
    }

    void tell(const Suite& suite, const Finished& finished) {
        const Tally tally = read_tally(finished);
        std::cout << "== " << suite.name << "\n"
                  << finished.output
                  << (finished.output.ends_with('\n') || finished.output.empty() ? "" : "\n")
                  << fmt::format("-- {}: {} passed, {} failed{} ({} s)\n\n",
                                 suite.name.substr(0, suite.name.find(':')), tally.passed,
                                 tally.failed,
                                 tally.skipped ? fmt::format(", {} skipped", tally.skipped) : "",
                                 std::chrono::round<std::chrono::seconds>(finished.wall).count())
                  << std::flush;
        if (tally.failed > 0)
            failures_ += suite.name + "\n" + failures_in(finished.output);
        all_.passed += tally.passed;
        all_.failed += tally.failed;
        all_.skipped += tally.skipped;
    }

    std::filesystem::path root_;
    Tally all_;
    std::string failures_;
};

}  // namespace

int test(const Session& session) {
    session.make({"common-tests", "grader-tests", "grader-soak", "simulation-tests", "process-pool-tests"});
    for (const char* preset : {"asan", "tsan"})
        session.make({"process-pool-tests"}, preset);
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    const auto built = [&](const std::string& name, const std::string& preset = "dev") {
        return (session.build(preset) / "bin" / name).string();
    };
    const auto target = [&](const std::string& name) {
        return std::vector<std::string>{"ninja", "-C", session.build().string(), "--quiet", name};
    };
    Tests tests(session.root);
    tests.run({
        {
            {"common: the parts that labs and grader share", {built("common-tests")}},
            {"simulation: right programs, bugs, races, replay", {built("simulation-tests")}},
            {"process pool: calls, deaths, a thousand kills", {built("process-pool-tests")}},
            {"process pool, AddressSanitizer: the same", {built("process-pool-tests", "asan")}},
            {"process pool, ThreadSanitizer: the same", {built("process-pool-tests", "tsan")}},
        },
        // One after the other, because they build something.
        {
            {"grader: submissions and the verdict that each must get", {built("grader-tests")}},
            {"platforms: Gradescope, Autolab and GitHub, played from the export to the grade",
             {"tests/grader/platforms_test.sh", program}},
            {"soak: submissions of all kinds get the same grades again",
             {built("grader-soak"), "30"}},
            {"setup: the launcher on machines where something is missing",
             {"tests/setup/setup_test.sh"}},
            {"reports: the page of a class in a browser, light and dark", target("report-browser")},
            {"docs: built without a warning", target("docs")},
            {"docs: in a browser, light and dark", target("docs-browser")},
            {"decks: the builder and the overflow test, on decks that are wrong",
             target("slides-test")},
            {"slides: built, and no slide overflows", target("slides-overflow")},
        },
    });
    tests.run({{
        {"check: starters, solutions, mutants", {program, "check"}},
        {"Catch2 3: starters, solutions, a mutant for each item with the other Catch2",
         {"tests/setup/catch2_v3_test.sh"}},
    }});
    return tests.close() ? success : not_all_well;
}

}  // namespace course::cli
