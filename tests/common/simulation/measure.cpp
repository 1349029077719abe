// Measures the simulation: how often it finds each bug, how fast it is, whether replays are exact.
//
//     simulation-measure table [schedules]    find rates per strategy, and the bounded search
//     simulation-measure bare [runs]          the same programs with real threads, left alone
//     simulation-measure rate [schedules] [races]   schedules per second of a short program; with
//                                                   "races" only while races are reported
//     simulation-measure replays [failures]   failures, each repeated ten times in fresh processes
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

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
            if (!report || bound == 2) {
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
        fclose(stderr);  // where terminate says what it does
        body();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void measure_bare(int runs) {
    for (const auto& bug : programs::bugs()) {
        constexpr int enough = 40;
        int failures = 0;
        int made = 0;
        for (; made < runs && failures < enough; ++made) {
            failures += run_bare(bug.body) ? 0 : 1;
        }
        std::printf("%-30s failed %d times in %d runs\n", bug.name.c_str(), failures, made);
        std::fflush(stdout);
    }
}

void measure_rate(int schedules, bool only_with_races) {
    for (const bool races : {true, false}) {
        if (only_with_races && !races) {
            continue;
        }
        Options options{.strategy = Strategy::random, .schedules = schedules};
        options.races = races;
        const auto start = std::chrono::steady_clock::now();
        const auto report = course::explore(options, programs::four_threads_with_twelve_locks_each);
        const double seconds = seconds_since(start);
        if (!report) {
            std::printf("%s", report.story.c_str());
            return;
        }
        std::printf("%s: %.0f schedules/s, %.1f steps and %.1f switches each, %.2f us a step\n",
                    races ? "races reported" : "plain accesses as points", schedules / seconds,
                    static_cast<double>(report.steps) / schedules,
                    static_cast<double>(report.switches) / schedules,
                    1e6 * seconds / static_cast<double>(report.steps));
    }
}

/// What is to be the same each time, as one line.
std::string identity(const course::simulation::Report& report) {
    char line[200];
    std::snprintf(line, sizeof line, "%s %016llx %lld ns %s",
                  std::string(name(report.verdict)).c_str(),
                  static_cast<unsigned long long>(report.fingerprint),
                  static_cast<long long>(report.elapsed.count()), report.message.c_str());
    return line;
}

Options options_for(const programs::Bug& bug, int seed) {
    Options options{.schedules = 100'000, .seed = static_cast<std::uint64_t>(seed)};
    options.races = bug.races;
    return options;
}

/// In a fresh process: that bug's first failure from that seed on, or the one in COURSE_SCHEDULE.
void show_failure(std::size_t bug, int seed) {
    const auto& program = programs::bugs().at(bug);
    const auto report = course::explore(options_for(program, seed), program.body);
    std::printf("%s\n%s\n", report.schedule.c_str(), identity(report).c_str());
}

std::string output_of(const std::string& command) {
    std::string text;
    FILE* pipe = popen(command.c_str(), "r");
    for (int c; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;) {
        text.push_back(static_cast<char>(c));
    }
    if (pipe != nullptr) {
        pclose(pipe);
    }
    return text;
}

void measure_replays(const std::string& program, int failures) {
    int same = 0;
    int made = 0;
    for (int i = 0; i < failures; ++i) {
        const std::size_t bug = static_cast<std::size_t>(i) % programs::bugs().size();
        const std::string arguments =
            " failure " + std::to_string(bug) + " " + std::to_string(1 + 50 * i);
        const std::string found = output_of(program + arguments);
        const std::string schedule = found.substr(0, found.find('\n'));
        for (int k = 0; k < 10; ++k) {
            ++made;
            const std::string again =
                output_of("COURSE_SCHEDULE=" + schedule + " " + program + arguments);
            same += again == found;
            if (again != found) {
                std::printf("%s: %s  but then %s", programs::bugs()[bug].name.c_str(),
                            found.c_str(), again.c_str());
            }
        }
    }
    std::printf("%d of %d repeats in fresh processes were the same schedule\n", same, made);
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
        measure_rate(count, argc > 3);
    } else if (std::strcmp(what, "replays") == 0) {
        measure_replays(argv[0], count);
    } else if (std::strcmp(what, "failure") == 0 && argc == 4) {
        show_failure(static_cast<std::size_t>(count), std::atoi(argv[3]));
    } else {
        std::fprintf(stderr, "say what to measure: table, bare, rate or replays, and how often\n");
        return 2;
    }
    return 0;
}
