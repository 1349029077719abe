// simulate() and explore(), and what a body may call.
#include "simulate.hpp"

#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <vector>

#include "calls.hpp"
#include "search.hpp"
#include "self_test.hpp"
#include "state_memory.hpp"

namespace course::simulation {
namespace {

std::vector<std::function<void(const Report&)>>& listeners() {
    static std::vector<std::function<void(const Report&)>> all;
    return all;
}

void tell(const Report& report) {
    if (!report.story.empty()) {
        for (const auto& listener : listeners()) {
            listener(report);
        }
    }
}

/// The number in the environment variable \p name, if it is set.
std::optional<int> number_in(const char* name) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::optional(std::stoi(text)) : std::nullopt;
}

/// What who runs the program wants of every search.
Options with_wishes(Options options) {
    constexpr std::uint64_t far = 1'000'000;  // more seeds than a search uses
    options.seed += far * static_cast<std::uint64_t>(number_in("COURSE_SEARCH_BASE").value_or(0));
    options.schedules = number_in("COURSE_SEARCH_SCHEDULES").value_or(options.schedules);
    return options;
}

bool timeline_wanted() {
    return std::getenv("COURSE_TIMELINE") != nullptr;
}

void append_timeline(const Report& report) {
    std::ofstream file(std::getenv("COURSE_TIMELINE"), std::ios::app);
    file << report.timeline << "\n";
}

/// The body, once more, in this process: its effects are the caller's to see.
void run_here(const std::function<void()>& body, const Options& options, Report& report) {
    auto* channel = static_cast<Channel*>(state_memory(sizeof(Channel), 0, true));
    prepare_process();
    const std::exception_ptr thrown =
        scheduler().run({options, options.seed, false, false, false, false}, *channel, body);
    const Outcome outcome = channel->outcome;
    if (outcome.verdict == Verdict::pass) {
        munmap(channel, sizeof(Channel));  // else its threads are stuck, and still refer to it
    } else if (!thrown) {
        report.verdict = outcome.verdict;
        report.message = outcome.message;
        report.failures = 1;
    }
    report.elapsed = std::chrono::nanoseconds(outcome.elapsed);
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

}  // namespace

Report simulate(const std::function<void()>& body, const Options& options) {
    require_control();
    Search search(options, body);
    Report report = search.run_one(options.seed);
    if (timeline_wanted()) {
        append_timeline(report);
    }
    if (report.verdict == Verdict::pass || search.outcome().body_threw) {
        run_here(body, options, report);
    }
    tell(report);
    return report;
}

Report explore(const Options& options, const std::function<void()>& body) {
    require_control();
    Search search(with_wishes(options), body);
    const char* wanted = std::getenv("COURSE_SCHEDULE");
    Report report = wanted != nullptr ? search.repeat(wanted) : search.run();
    if (timeline_wanted() && !report.timeline.empty()) {
        append_timeline(report);
    } else if (timeline_wanted()) {
        Options plain = options;
        plain.strategy = Strategy::in_order;
        append_timeline(Search(plain, body).run_one(0));
    }
    tell(report);
    return report;
}

void observe(std::int64_t value) {
    if (current_thread == nullptr) {
        return;
    }
    const SimulationScope scope;
    Channel& channel = scheduler().channel();
    int at = 0;
    while (at < channel.observed_kinds && channel.observed_values[at] != value) {
        ++at;
    }
    if (at == max_observed) {
        return;
    }
    if (at == channel.observed_kinds) {
        channel.observed_values[channel.observed_kinds++] = value;
        channel.observed_counts[at] = 0;
    }
    ++channel.observed_counts[at];
}

void note(std::string_view what) {
    if (Thread* me = controlled()) {
        scheduler().note(*me, what);
    }
}

void expect(bool ok, std::string_view what) {
    if (!ok && current_thread == nullptr) {
        throw std::logic_error("expected outside of a simulation: " + std::string(what));
    }
    if (!ok) {
        scheduler().end(Verdict::check_failed, "%.*s", static_cast<int>(what.size()), what.data());
    }
}

void last_words() {
    if (Thread* me = controlled()) {
        scheduler().begin_last_words(*me);
    }
}

bool simulated() {
    return current_thread != nullptr;
}

void on_story(std::function<void(const Report&)> listener) {
    listeners().push_back(std::move(listener));
}

}  // namespace course::simulation
