// What is run in which child process, and what becomes of its result.
#include "search.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "calls.hpp"
#include "fresh_state.hpp"
#include "heap.hpp"
#include "kernel_threads.hpp"
#include "report.hpp"
#include "state_memory.hpp"

namespace course::simulation {
namespace {

/// One thread runs at a time: on one core handing over costs a tenth.
void pin_to_one_core() {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(sched_getcpu(), &cores);
    sched_setaffinity(0, sizeof cores, &cores);
}

void silence_output() {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
}

}  // namespace

Search::Search(const Options& options, const std::function<void()>& body)
    : options_(options),
      body_(body),
      channel_(*static_cast<Channel*>(state_memory(sizeof(Channel), 0, true))),
      stack_(__builtin_frame_address(0)) {
#ifdef COURSE_UNDER_ADDRESS_SANITIZER
    options_.isolate = true;  // memory that it guards can't be put back
#endif
}

Search::~Search() {
    munmap(&channel_, sizeof(Channel));
}

std::uint64_t Search::seed_of(int schedule) const {
    return plain_order_ ? 0 : options_.seed + static_cast<std::uint64_t>(schedule);
}

Report Search::run() {
    Report report;
    begin_search(channel_.path, channel_.tree);
    survey(report);
    if (report.failures > 0) {
        fill_counts(report);
        return report;
    }
    while (report.schedules < options_.schedules && !channel_.tree.over) {
        const int last = options_.isolate ? report.schedules + 1 : options_.schedules;
        const Ended ended = run_child(report.schedules, last, false, false);
        report.schedules = channel_.schedule + 1;
        if (ended == Ended::failed) {
            note_failure(report, seed_of(channel_.schedule));
            if (!options_.all_failures) {
                break;
            }
            if (options_.strategy == Strategy::bounded) {
                next_path(channel_.path, channel_.tree);
            }
        }
    }
    report.exhausted = channel_.tree.over && !channel_.tree.incomplete;
    fill_counts(report);
    if (report.failures == 0) {
        report.elapsed = std::chrono::nanoseconds(channel_.outcome.elapsed);
        report.fingerprint = channel_.outcome.fingerprint;
        report.outlived = channel_.outcome.outlived;
    }
    return report;
}

void Search::fill_counts(Report& report) const {
    report.steps = channel_.total_steps;
    report.switches = channel_.total_switches;
    for (int i = 0; i < channel_.observed_kinds; ++i) {
        report.outcomes[channel_.observed_values[i]] = channel_.observed_counts[i];
    }
    if (report.schedules > report.failures) {
        report.verdicts[Verdict::pass] = report.schedules - report.failures;
    }
}

/// Learn about the program what the search wants to know beforehand.
void Search::survey(Report& report) {
    constexpr int unfair_schedules = 3;
    constexpr int looks_for_races = 4;
    if (options_.strategy == Strategy::in_order) {
        return;
    }
    surveying_ = true;
    if (options_.strategy != Strategy::bounded) {
        // The plain order shows how long a schedule is, for PCT. If it fails, no search is needed,
        // and the story is the simplest possible.
        plain_order_ = true;
        const Ended ended = run_child(0, 1, false, false);
        channel_.expected_choices = channel_.outcome.choices;
        if (ended == Ended::failed && !options_.all_failures) {
            report.schedules = 1;
            note_failure(report, 0);
        }
        plain_order_ = false;
        // A loop that polls makes a schedule much longer if it runs before what it waits for.
        for (int i = 0; i < unfair_schedules && report.failures == 0 && !hung_; ++i) {
            survey_strategy_ = Strategy::pct;
            run_child(i, i + 1, false, false);
            channel_.expected_choices =
                std::max(channel_.expected_choices, channel_.outcome.choices);
        }
    }
    survey_strategy_ = Strategy::random;
    for (int i = 0; i < looks_for_races && !options_.races && report.failures == 0 && !hung_; ++i) {
        run_child(i, i + 1, false, false);
    }
    surveying_ = false;
    channel_.total_steps = channel_.total_switches = 0;
    if (report.failures == 0) {
        channel_.observed_kinds = 0;
    }
}

void Search::note_failure(Report& report, std::uint64_t seed) {
    ++report.verdicts[channel_.outcome.verdict];
    if (++report.failures == 1) {
        describe_failure(report, seed);
    }
}

/// Repeat the schedule that just failed, and make the report of it.
void Search::describe_failure(Report& report, std::uint64_t seed) {
    const Outcome failed = channel_.outcome;
    const RaceRecord race = channel_.race;
    const int schedule = channel_.schedule;
    const std::uint64_t steps = channel_.total_steps;
    const std::uint64_t switches = channel_.total_switches;
    channel_.watched_access = failed.verdict == Verdict::race ? race.earlier.number : 0;
    hangs_at_ = hung_ ? failed.fingerprint : 0;
    run_child(schedule, schedule + 1, true, true);
    channel_.watched_access = 0;
    hangs_at_ = 0;
    const bool repeated = channel_.outcome.verdict == failed.verdict &&
                          channel_.outcome.fingerprint == failed.fingerprint;
    channel_.outcome = failed;
    channel_.schedule = schedule;
    channel_.total_steps = steps;
    channel_.total_switches = switches;
    fill_report(report, channel_, {options_, seed, repeated});
}

Report Search::run_one(std::uint64_t seed) {
    Report report;
    options_.seed = seed;
    const Ended ended = run_child(0, 1, false, true);
    report.schedules = 1;
    report.failures = ended == Ended::failed ? 1 : 0;
    if (ended == Ended::failed) {
        ++report.verdicts[channel_.outcome.verdict];
    }
    fill_counts(report);
    if (ended == Ended::failed && channel_.outcome.verdict == Verdict::race) {
        channel_.watched_access = channel_.race.earlier.number;
        quiet_ = true;  // what it prints has been seen
        run_child(0, 1, true, true);
    }
    fill_report(report, channel_, {options_, seed, true});
    return report;
}

Report Search::repeat(const std::string& name) {
    Report unneeded;
    options_.all_failures = true;  // what the survey may find is not what was asked for
    survey(unneeded);
    quiet_ = false;
    if (options_.strategy == Strategy::bounded) {
        follow_path(channel_.path, name);
        return run_one(options_.seed);
    }
    const std::uint64_t seed = std::stoull(name);
    plain_order_ = seed == 0;
    return run_one(seed);
}

Search::Ended Search::run_child(int first, int last, bool repeat, bool detailed) {
    channel_.schedule = first;
    channel_.finished = false;
    channel_.step = 0;
    channel_.fingerprint = 0;
    channel_.outcome = {};
    channel_.outcome.verdict = Verdict::crash;
    std::optional<ShownOutput> output;
    if (!quiet_) {
        output.emplace();
    }
    const pid_t child = fork();
    if (child < 0) {
        throw std::runtime_error("the simulation can't start a child process: fork failed");
    }
    if (child == 0) {
        if (output) {
            output->begin_in_child();
        } else {
            silence_output();
        }
        run_schedules(first, last, repeat, detailed);
    }
    if (output) {
        output->begin_in_parent();
    }
    return watch(child, output ? &*output : nullptr);
}

void Search::run_schedules(int first, int last, bool repeat, bool detailed) {
    pin_to_one_core();
    malloc_trim(0);  // the less heap there is, the less is put back
    prepare_process();
    install_end_handlers();
    use_arenas();
    FreshState state;
    if (last > first + 1) {
#ifndef COURSE_UNDER_ADDRESS_SANITIZER  // whose own variables would be reset, too
        keep_kernel_threads();
#endif
        state.capture(stack_);
    }
    for (int schedule = first; schedule < last; ++schedule) {
        if (schedule > first) {
            state.restore();
        }
        channel_.schedule = schedule;
        channel_.seed = seed_of(schedule);
        Scheduler::Plan plan{options_, channel_.seed, repeat, surveying_, detailed, true};
        if (plain_order_) {
            plan.options.strategy = Strategy::in_order;
            plan.options.jitter = plan.options.spurious_wakeups = 0;
        } else if (surveying_) {
            plan.options.strategy = survey_strategy_;
            plan.options.bound = 1;
        }
        scheduler().run(plan, channel_, body_);
        const bool searching = !repeat && !surveying_;
        if (options_.strategy == Strategy::bounded && searching &&
            !next_path(channel_.path, channel_.tree)) {
            break;
        }
    }
    channel_.finished = true;
    raw_syscall(SYS_exit_group, 0);
    __builtin_unreachable();
}

}  // namespace course::simulation
