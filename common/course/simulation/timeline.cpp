// Who ran when: drawn for a terminal, listed step by step, and as JSON.
#include <stdio.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <vector>

#include "report.hpp"

namespace course::simulation {
namespace {

constexpr int columns = 60;
constexpr std::size_t listed_steps = 30;
constexpr std::size_t listed_if_wanted = 10'000;

/// What a thread did for a while, for one character of the drawing.
char mark_of(Operation waiting) {
    switch (waiting) {
        case Operation::sleep:
            return 'z';
        case Operation::compute:
            return '#';
        case Operation::core:
            return '-';
        case Operation::drain:
            return ' ';
        default:
            return '.';
    }
}

/// In floating point: the product does not fit into a Time after five years.
int column_of(Time time, Time end) {
    const double column = static_cast<double>(time) * columns / static_cast<double>(end);
    return std::min(static_cast<int>(column), columns - 1);
}

std::string kind_name(Event::Kind kind) {
    switch (kind) {
        case Event::executes:
            return "executes";
        case Event::waits:
            return "waits";
        case Event::times_out:
            return "time is over";
        case Event::takes:
            return "takes";
        case Event::releases:
            return "releases";
        case Event::notes:
            return "notes";
        case Event::ends:
            return "ends";
    }
    return "?";
}

/// Whether it is a step of the schedule, and not something between two.
bool is_step(const Event& event) {
    return event.kind == Event::executes || event.kind == Event::waits ||
           event.kind == Event::times_out;
}

nlohmann::json access_json(const AccessRecord& access, const std::string& place) {
    return {
        {"thread", access.thread}, {"write", access.write}, {"step", access.step}, {"at", place}};
}

Time end_of(const Channel& channel) {
    return channel.event_count > 0 ? channel.events[channel.event_count - 1].time : 0;
}

int threads_of(const Channel& channel) {
    int count = 0;
    for (int i = 0; i < channel.event_count; ++i) {
        count = std::max(count, channel.events[i].thread + 1);
    }
    return count;
}

/// One line of the drawing: the waits of a thread, filled from their begin to their end.
std::string draw_thread(const Channel& channel, int thread, Time end) {
    std::string line(columns, ' ');
    Time since = 0;
    char mark = 0;
    for (int i = 0; i < channel.event_count; ++i) {
        const Event& event = channel.events[i];
        if (event.thread != thread || (!is_step(event) && event.kind != Event::ends)) {
            continue;
        }
        if (mark != 0 && event.time > since) {
            const int first = column_of(since, end);
            const int last = event.time == end ? columns : column_of(event.time, end);
            std::fill(line.begin() + first, line.begin() + std::max(first + 1, last), mark);
        }
        mark = event.kind == Event::waits ? mark_of(event.operation) : 0;
        since = event.time;
    }
    if (mark != 0 && end > since) {
        std::fill(line.begin() + column_of(since, end), line.end(), mark);
    }
    return line;
}

}  // namespace

std::string seconds(Time time) {
    char text[40];
    snprintf(text, sizeof text, "%.9f", static_cast<double>(time) / 1e9);
    std::string result = text;
    result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.') {
        result.pop_back();
    }
    return result + " s";
}

std::string draw_timeline(const Channel& channel) {
    const Time end = end_of(channel);
    if (end == 0) {
        return "";
    }
    std::string text = "  who did what when (z sleeps, # computes, - wants a core, . waits)\n";
    const int threads = std::min(threads_of(channel), 24);
    for (int thread = 0; thread < threads; ++thread) {
        char label[16];
        snprintf(label, sizeof label, "  %4s |", ("T" + std::to_string(thread)).c_str());
        text += label + draw_thread(channel, thread, end) + "|\n";
    }
    return text + "       0" + std::string(columns - 1, ' ') + seconds(end) + "\n";
}

std::string list_steps(const Channel& channel, const Symbols& symbols) {
    std::vector<const Event*> steps;
    for (int i = 0; i < channel.event_count; ++i) {
        if (is_step(channel.events[i]) || channel.events[i].kind == Event::notes) {
            steps.push_back(&channel.events[i]);
        }
    }
    // Who repeats a schedule wants to see all of it, but not more than anybody can read.
    const bool wanted = std::getenv("COURSE_SCHEDULE") != nullptr;
    const std::size_t listed = wanted ? listed_if_wanted : listed_steps;
    const std::size_t first = steps.size() > listed ? steps.size() - listed : 0;
    const bool recorded_all = channel.event_count < max_events;
    std::string text = first == 0 ? "  step by step\n" : "  the last steps\n";
    if (first > 0 && (wanted || !recorded_all)) {
        text = "  the last " + std::to_string(listed) + " of " + std::to_string(steps.size()) +
               (recorded_all ? " steps\n" : " steps that were recorded\n");
    }
    for (std::size_t i = first; i < steps.size(); ++i) {
        const Event& event = *steps[i];
        const bool is_note = event.kind == Event::notes;
        char line[160];
        snprintf(line, sizeof line, "  %6llu  %*sT%-3d %s%s%s",
                 static_cast<unsigned long long>(event.step), std::min<int>(event.thread, 12) * 2,
                 "", event.thread,
                 is_note ? channel.notes[event.other].text : name(event.operation),
                 event.kind == Event::waits ? ": has to wait" : "",
                 event.kind == Event::times_out ? ": time is over" : "");
        text += line;
        const std::string place = is_note ? "" : symbols.line(event.place);
        text += (place.empty() ? "" : "   " + place) + "\n";
    }
    if (!recorded_all) {
        text += "  (here the record is full; the schedule went on to step " +
                std::to_string(channel.outcome.steps) + ")\n";
    }
    return text;
}

std::string timeline_json(const Channel& channel, const Symbols& symbols, const Report& report,
                          const Options& options) {
    nlohmann::json events = nlohmann::json::array();
    for (int i = 0; i < channel.event_count; ++i) {
        const Event& event = channel.events[i];
        nlohmann::json one = {{"step", event.step},
                              {"time_ns", event.time},
                              {"thread", event.thread},
                              {"operation", name(event.operation)},
                              {"kind", kind_name(event.kind)}};
        if (event.kind == Event::notes) {
            one["note"] = channel.notes[event.other].text;
        } else if (event.other >= 0) {
            one[event.kind == Event::waits ? "joins" : "woken_by"] = event.other;
        }
        if (event.object != nullptr) {
            char address[24];
            snprintf(address, sizeof address, "%p", event.object);
            one["object"] = address;
        }
        const std::string place = is_step(event) ? symbols.line(event.place) : "";
        if (!place.empty()) {
            one["at"] = place;
        }
        events.push_back(std::move(one));
    }
    nlohmann::json document = {
        {"verdict", std::string(name(report.verdict))},
        {"message", report.message},
        {"schedule", report.seed == 0 ? "" : report.schedule},  // the plain order has no name
        {"title", options.title},
        {"cores", options.cores},
        {"elapsed_ns", report.elapsed.count()},
        {"threads", threads_of(channel)},
        {"complete", channel.event_count < max_events},
        {"events", std::move(events)}};
    if (report.verdict == Verdict::race) {
        document["race"] = {
            access_json(channel.race.earlier, symbols.line(channel.race.earlier.place)),
            access_json(channel.race.later,
                        symbols.line(channel.threads[channel.race.later.thread].place))};
    }
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace course::simulation
