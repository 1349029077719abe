// Runs the solutions many times, also beside processes that never rest.
#include <course/cli/stress.hpp>

#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <map>
#include <thread>

namespace course::cli {

using namespace grading;

BusyNeighbours::BusyNeighbours() {
    const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    for (int processor = 0; processor < processors; ++processor) {
        const pid_t pid = fork();
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            cpu_set_t set;
            CPU_ZERO(&set);
            CPU_SET(processor, &set);
            sched_setaffinity(0, sizeof set, &set);
            for (volatile unsigned turns = 0;; turns = turns + 1) {
            }
        }
        if (pid > 0)
            pids_.push_back(pid);
    }
}

BusyNeighbours::~BusyNeighbours() {
    for (const pid_t pid : pids_) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
}

namespace {

struct Count {
    int runs = 0;
    int failures = 0;
    std::chrono::microseconds slowest_cpu{0};
    std::chrono::microseconds slowest_wall{0};
    std::string first_failure;
};

/// Add the cases of \p result to \p counts.
void count(const LabResult& result, std::map<std::string, Count>& counts) {
    for (const auto& item : result.items)
        for (const auto& one : item.cases) {
            Count& total = counts[item.rubric.id + "  " + one.rubric.name];
            ++total.runs;
            total.slowest_cpu = std::max(total.slowest_cpu, one.cpu);
            total.slowest_wall = std::max(total.slowest_wall, one.wall);
            if (one.verdict != Verdict::pass && ++total.failures == 1)
                total.first_failure = std::string(name(one.verdict)) + " " + one.summary + " " + one.got;
        }
}

}  // namespace

int stress_solutions(const Session& session, const std::vector<const Lab*>& labs, int runs) {
    std::map<std::string, Count> counts;
    for (const Lab* lab : labs) {
        const Recipe recipe(session.build(), lab->name);
        const Rubric rubric = rubric_for(*lab, recipe, session.build());
        const auto repeat = [&](const GraderOptions& options, int times) {
            ProcessQueue queue(session.jobs);
            Grader grader(recipe, rubric, queue, options);
            const auto work = session.build() / "work" / lab->name / "stress";
            grader.grade(lab->solution() / recipe.gap(), work, [&](const LabResult& result) {
                if (result.build != Verdict::pass)
                    throw std::runtime_error(result.messages);
                count(result, counts);
            });
            queue.run();
            for (int i = 1; i < times; ++i) {
                grader.run_cases(work, [&](const LabResult& result) { count(result, counts); });
                queue.run();
            }
        };
        GraderOptions options{case_limits(recipe), {}};
        repeat(options, runs - runs / 2);
        const BusyNeighbours neighbours;
        options.limits.processor = 0;
        repeat(options, runs / 2);
    }
    int failures = 0;
    for (const auto& [case_name, total] : counts) {
        failures += total.failures;
        std::cout << fmt::format("{:<70} {:>4} runs  {} failed  slowest {:.3f} s CPU  {:.3f} s wall{}\n", case_name,
                                 total.runs, total.failures, static_cast<double>(total.slowest_cpu.count()) / 1e6,
                                 static_cast<double>(total.slowest_wall.count()) / 1e6,
                                 total.failures ? "  first: " + total.first_failure : "");
    }
    return failures;
}

}  // namespace course::cli
