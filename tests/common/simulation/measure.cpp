// Measures the simulation: how often it finds each bug, how fast it is, whether replays are exact.
//
//     simulation-measure table [schedules]    find rates per strategy, and the bounded search
//     simulation-measure bare [runs]          the same programs with real threads, left alone
//     simulation-measure rate [schedules]     schedules per second of the 66-step program
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <course/simulation/simulate.hpp>

#include "programs/bugs.hpp"

namespace {

using course::Strategy;
using course::simulation::Options;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void measure_table(int schedules) {
    std::printf("%-30s %9s %9s %9s %9s %9s   bounded search\n", "per cent of the seeds that fail",
                "random", "PCT d=3", "PCT d=5", "POS", "mix");
    for (const auto& bug : programs::bugs()) {
        std::printf("%-30s", bug.name.c_str());
        const auto rate = [&](Strategy strategy, int depth) {
            Options options{.strategy = strategy, .schedules = schedules, .bound = depth};
            options.races = bug.races;
            options.all_failures = true;
            const auto report = course::explore(options, bug.body);
            std::printf(" %8.2f%%", 100.0 * report.failures / report.schedules);
            std::fflush(stdout);
        };
        rate(Strategy::random, 0);
        rate(Strategy::pct, 3);
        rate(Strategy::pct, 5);
        rate(Strategy::pos, 0);
        rate(Strategy::mix, 0);
        for (int bound = 0; bound <= 2; ++bound) {
            Options options{.strategy = Strategy::bounded, .schedules = 60'000, .bound = bound};
            options.races = bug.races;
            const auto start = std::chrono::steady_clock::now();
            const auto report = course::explore(options, bug.body);
            if (!report || bound == 2 || !report.exhausted) {
                std::printf("   <= %d preemptions: %s %d schedules, %.1f s\n", bound,
                            !report            ? "found after"
                            : report.exhausted ? "not in any of"
                                               : "not in the first",
                            report.schedules, seconds_since(start));
                break;
            }
        }
    }
}

/// Run the body in a process of its own, without the simulation; false if it failed or hung.
bool run_bare(const std::function<void()>& body) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(1);
        body();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void measure_bare(int runs) {
    for (const auto& bug : programs::bugs()) {
        int failures = 0;
        for (int i = 0; i < runs && failures < 20; ++i) {
            failures += run_bare(bug.body) ? 0 : 1;
        }
        std::printf("%-30s hung %d times in %d runs\n", bug.name.c_str(), failures, runs);
        std::fflush(stdout);
    }
}

void measure_rate(int schedules) {
    for (const bool races : {true, false}) {
        Options options{.strategy = Strategy::random, .schedules = schedules};
        options.races = races;
        const auto start = std::chrono::steady_clock::now();
        const auto report =
            course::explore(options, programs::four_threads_with_twelve_locks_each);
        const double seconds = seconds_since(start);
        std::printf("%s: %.0f schedules/s, %.1f steps and %.1f switches each, %.2f us a step\n",
                    races ? "races reported" : "plain accesses as points", schedules / seconds,
                    static_cast<double>(report.steps) / schedules,
                    static_cast<double>(report.switches) / schedules,
                    1e6 * seconds / static_cast<double>(report.steps));
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    const char* what = argc > 1 ? argv[1] : "";
    const int count = argc > 2 ? std::atoi(argv[2]) : 2000;
    if (std::strcmp(what, "table") == 0) {
        measure_table(count);
    } else if (std::strcmp(what, "bare") == 0) {
        measure_bare(count);
    } else if (std::strcmp(what, "rate") == 0) {
        measure_rate(count);
    } else {
        std::fprintf(stderr, "say what to measure: table, bare or rate, and how often\n");
        return 2;
    }
    return 0;
}
