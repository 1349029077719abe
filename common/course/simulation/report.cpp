// Makes the story of a failed schedule.
#include "report.hpp"

#include <stdio.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "strategy.hpp"

namespace course::simulation {
namespace {

std::string thread_name(int id) {
    return "T" + std::to_string(id);
}

std::string call_stack(const Symbols& symbols, const Place& place, const char* indent) {
    constexpr std::size_t limit = 6;
    const std::vector<Frame> frames = symbols.frames(place);
    std::string text;
    for (std::size_t i = 0; i < std::min(frames.size(), limit); ++i) {
        text += indent + frames[i].file + ":" + std::to_string(frames[i].line) + "  " +
                frames[i].function + "\n";
    }
    if (frames.size() > limit) {
        text +=
            indent + std::string("... and ") + std::to_string(frames.size() - limit) + " more\n";
    }
    return text;
}

/// Where the thread took what others wait for: its last successful step on that object.
const Place* where_taken(const Channel& channel, int holder, const void* object) {
    for (int i = channel.event_count; i-- > 0;) {
        const Event& event = channel.events[i];
        if (event.thread == holder && event.object == object && event.kind == Event::takes) {
            return &event.place;
        }
    }
    return nullptr;
}

/// Whether it waits, be it by trying again and again to get what it holds itself.
bool waits(const ThreadRecord& thread) {
    return thread.blocked || (thread.spinning && thread.holder >= 0);
}

std::string describe_wait(const ThreadRecord& thread) {
    switch (thread.operation) {
        case Operation::lock:
        case Operation::try_lock:
        case Operation::lock_shared:
            return std::string(thread.blocked ? "waits to " : "goes in circles: ") +
                   name(thread.operation) + " a mutex";
        case Operation::wait:
            return "waits on a condition variable, and nobody is left to notify it";
        case Operation::join:
            return "waits for the end of " + thread_name(thread.holder);
        case Operation::futex_wait:
            return "waits for an atomic, semaphore, latch, barrier or future";
        case Operation::drain:
            return "has returned from the body";
        case Operation::once:
            return "waits for another thread's initialisation";
        case Operation::semaphore_wait:
        case Operation::barrier:
        case Operation::input_output:
        case Operation::child_process:
            return std::string(name(thread.operation)) + ", and it will never be over";
        default:
            return std::string("waits to ") + name(thread.operation);
    }
}

std::string describe_thread(const Channel& channel, int id, const Symbols& symbols) {
    const ThreadRecord& thread = channel.threads[id];
    std::string text = "  " + thread_name(id) + " ";
    if (!waits(thread)) {
        if (id == channel.outcome.thread && !thread.spinning) {
            text += "was running, here\n";
        } else {
            text += std::string(thread.spinning ? "goes in circles: " : "can run, next: ") +
                    name(thread.operation) + "\n";
        }
        return text + call_stack(symbols, thread.place, "       ");
    }
    text += describe_wait(thread);
    const bool has_holder = thread.holder >= 0 && thread.operation != Operation::join;
    if (has_holder) {
        text += " that " + (thread.holder == id ? std::string("it holds itself")
                                                : thread_name(thread.holder) + " holds");
    }
    if (thread.deadline != never) {
        text += ", until " + seconds(thread.deadline);
    }
    text += "\n" + call_stack(symbols, thread.place, "       ");
    if (has_holder) {
        const Place* taken = where_taken(channel, thread.holder, thread.object);
        const std::string line = taken != nullptr ? symbols.line(*taken) : "";
        if (!line.empty()) {
            text += "     taken by " + thread_name(thread.holder) + " at " + line + "\n";
        }
    }
    return text;
}

/// Threads that wait for each other in a circle, or nothing.
std::vector<int> find_cycle(const Channel& channel) {
    for (int start = 0; start < channel.thread_count; ++start) {
        std::vector<int> path;
        int at = start;
        while (at >= 0 && waits(channel.threads[at]) &&
               std::find(path.begin(), path.end(), at) == path.end()) {
            path.push_back(at);
            at = channel.threads[at].holder;
        }
        const auto again = std::find(path.begin(), path.end(), at);
        if (again != path.end()) {
            return {again, path.end()};
        }
    }
    return {};
}

std::string draw_cycle(const std::vector<int>& cycle) {
    std::string text = "  ";
    for (const int id : cycle) {
        text += thread_name(id) + " ──waits for──▶ ";
    }
    return text + thread_name(cycle.front()) + "\n\n";
}

std::string describe_threads(const Channel& channel, const Symbols& symbols) {
    const std::vector<int> cycle = find_cycle(channel);
    std::string text = cycle.empty() ? "" : draw_cycle(cycle);
    for (const int id : cycle) {
        text += describe_thread(channel, id, symbols);
    }
    int finished = 0;
    for (int id = 0; id < channel.thread_count; ++id) {
        finished += channel.threads[id].finished;
        if (!channel.threads[id].finished &&
            std::find(cycle.begin(), cycle.end(), id) == cycle.end()) {
            text += describe_thread(channel, id, symbols);
        }
    }
    if (finished > 0) {
        text += "  " + std::to_string(finished) +
                (finished == 1 ? " thread has" : " threads have") + " finished\n";
    }
    return text;
}

std::string describe_access(const AccessRecord& access, const Place& place,
                            const Symbols& symbols) {
    return "  " + thread_name(access.thread) + (access.write ? " writes" : " reads") +
           (access.atomic ? " (an atomic operation)" : "") + "\n" +
           call_stack(symbols, place, "       ");
}

std::string describe_race(const Channel& channel, const Symbols& symbols) {
    const RaceRecord& race = channel.race;
    std::string text =
        describe_access(race.earlier, race.earlier.place, symbols) +
        describe_access(race.later, channel.threads[race.later.thread].place, symbols);
    char what[160];
    snprintf(what, sizeof what, "  the same %zu byte%s at %p.\n", race.size,
             race.size == 1 ? "" : "s", race.address);
    text += what;
    return text +
           "  Neither happens before the other. What would order them: one mutex held for both, "
           "an\n"
           "  atomic stored with release after the first and loaded with acquire before the "
           "second,\n"
           "  or a join or a future between them.\n";
}

std::string command_line() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::string command;
    for (std::size_t at = 0; at < text.size(); at += text.substr(at).find('\0') + 1) {
        const std::string word = text.c_str() + at;
        const bool plain = word.find_first_of(" \"'$()[]*?") == std::string::npos;
        command += (command.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
    }
    return command;
}

std::string found_by(const Report& report, const Channel& channel,
                     const ScheduleIdentity& identity) {
    const std::string strategy(name(
        identity.seed == 0 ? Strategy::in_order : strategy_of(identity.options, identity.seed)));
    std::string text =
        "  in schedule " + std::to_string(report.schedules > 0 ? report.schedules : 1);
    text += identity.seed == 0 ? " (the plain order: a thread runs until it waits)"
                               : " (seed " + std::to_string(identity.seed) + ", " + strategy + ")";
    return text + ", step " + std::to_string(channel.outcome.steps) + ", at " +
           seconds(channel.outcome.elapsed) + "\n";
}

std::string tell(const Report& report, const Channel& channel, const Symbols& symbols,
                 const ScheduleIdentity& identity) {
    std::string story = std::string(name(report.verdict)) + ": " + report.message + "\n" +
                        found_by(report, channel, identity) + "\n";
    story += report.verdict == Verdict::race ? describe_race(channel, symbols)
                                             : describe_threads(channel, symbols);
    story += "\n" + draw_timeline(channel) + list_steps(channel, symbols);
    if (!identity.repeated) {
        story +=
            "  (repeated at once, it went differently: something in it is not under control)\n";
    }
    return story;
}

}  // namespace

void fill_report(Report& report, const Channel& channel, const ScheduleIdentity& identity) {
    const Outcome& outcome = channel.outcome;
    report.verdict = outcome.verdict;
    report.message = outcome.message;
    report.elapsed = std::chrono::nanoseconds(outcome.elapsed);
    report.seed = identity.seed;
    if (identity.options.strategy != Strategy::in_order) {
        report.schedule = identity.options.strategy == Strategy::bounded
                              ? path_name(channel.path)
                              : std::to_string(identity.seed);
    }
    report.fingerprint = outcome.fingerprint;
    report.outlived = outcome.outlived;
    Symbols symbols;
    if (report.verdict != Verdict::pass) {
        for (int id = 0; id < channel.thread_count; ++id) {
            symbols.want(channel.threads[id].place);
        }
        for (int i = 0; i < channel.event_count; ++i) {
            symbols.want(channel.events[i].place);
        }
        symbols.want(channel.race.earlier.place);
        // With another base only how soon it fails is asked for, not where.
        if (std::getenv("COURSE_SEARCH_BASE") == nullptr) {
            symbols.look_up();
        }
        report.story = tell(report, channel, symbols, identity);
        report.again = (report.schedule.empty() ? "" : "COURSE_SCHEDULE=" + report.schedule + " ") +
                       command_line();
    } else {
        report.story = draw_timeline(channel);
        if (std::getenv("COURSE_TIMELINE") != nullptr) {  // else nobody asks where it was
            for (int i = 0; i < channel.event_count; ++i) {
                symbols.want(channel.events[i].place);
            }
            symbols.look_up();
        }
    }
    report.timeline = timeline_json(channel, symbols, report, identity.options);
}

}  // namespace course::simulation
