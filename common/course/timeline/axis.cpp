// Where things are on the axis, and what is to be said about them.
#include <course/timeline/axis.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace course::timeline {

namespace {

constexpr double steps_shown = 120;

bool has_time(const Run& run) {
    return run.end.time.count() > 0;
}

/// 1, 2 or 5 times a power of ten: the smallest that makes at most eight parts of \p length.
double round_part(double length) {
    double part = 1;
    for (;;)
        for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
            if (length <= part * factor * 8)
                return part * factor;
            if (factor == 10.0)
                part *= 10;
        }
}

bool alike(const Span& a, const Span& b) {
    return a.activity == b.activity && a.note == b.note && a.what == b.what &&
           a.holder == b.holder && !a.for_ever;
}

}  // namespace

Axis Axis::of(const Run& run, const std::vector<Run>& runs) {
    Axis axis;
    axis.time = has_time(run);
    double end = 2;
    for (const auto& other : runs)
        if (has_time(other) == axis.time)
            end = std::max(end, axis.time ? static_cast<double>(other.end.time.count())
                                          : static_cast<double>(other.end.step));
    axis.end = end;
    axis.begin = axis.time ? 0 : std::max(1.0, end - steps_shown);
    return axis;
}

double Axis::at(Instant instant) const {
    const double value =
        time ? static_cast<double>(instant.time.count()) : static_cast<double>(instant.step);
    return std::clamp((value - begin) / (end - begin), 0.0, 1.0);
}

std::vector<Tick> ticks_of(const Axis& axis, double character) {
    const double part = round_part(axis.end - axis.begin);
    std::vector<double> values;
    for (double value = axis.begin; value < axis.end - part / 1000;) {
        values.push_back(value);
        value = (static_cast<double>(static_cast<std::int64_t>(value / part)) + 1) * part;
    }
    values.push_back(axis.end);
    std::vector<Tick> ticks;
    const auto left_of = [character](const Tick& tick) {
        return std::max(0.0, tick.at - character * static_cast<double>(tick.text.size()) / 2);
    };
    for (const double value : values) {
        const auto whole = static_cast<std::int64_t>(value + 0.5);
        const bool end_of_steps = !axis.time && value == axis.end;  // a step that is none
        const Tick tick{
            (value - axis.begin) / (axis.end - axis.begin),
            axis.time ? to_text(std::chrono::nanoseconds(whole)) : fmt::format("step {}", whole)};
        const auto touches = [&] {
            return !ticks.empty() &&
                   left_of(ticks.back()) +
                           character * (static_cast<double>(ticks.back().text.size()) + 1.5) >
                       left_of(tick);
        };
        while (value == axis.end && !end_of_steps && touches())
            ticks.pop_back();  // the end is what matters most
        if (!end_of_steps && !touches())
            ticks.push_back(tick);
    }
    return ticks;
}

std::vector<Span> visible_spans(const Lane& lane, const Axis& axis) {
    std::vector<Span> spans;
    for (const auto& span : lane.spans) {
        if (!span.for_ever && axis.at(span.begin) >= axis.at(span.end))
            continue;
        if (!spans.empty() && spans.back().end == span.begin && alike(spans.back(), span))
            spans.back().end = span.end, spans.back().for_ever = span.for_ever;
        else if (axis.time && !spans.empty() && spans.back().end.time == span.begin.time &&
                 alike(spans.back(), span))
            spans.back().end = span.end, spans.back().for_ever = span.for_ever;
        else
            spans.push_back(span);
    }
    return spans;
}

std::string label_of(const Span& span) {
    if (span.activity == Activity::blocked) {
        if (span.what.starts_with("for the end of"))
            return fmt::format("joins T{}", span.holder);
        return span.holder >= 0 ? fmt::format("waits for T{}", span.holder) : describe(span);
    }
    if (span.activity == Activity::ready || span.activity == Activity::wanting_core ||
        span.activity == Activity::returned)
        return span.activity == Activity::wanting_core ? describe(span) : "";
    return span.note.empty() && span.activity != Activity::running ? describe(span) : span.note;
}

std::string measure_of(const Run& run) {
    if (!has_time(run))
        return fmt::format("{} steps", run.end.step);
    std::string text = to_text(run.end.time);
    if (run.computed().count() > 0)
        text += fmt::format(
            ", {} % CPU on {} core{}",
            (run.computed().count() * 100 + run.end.time.count() / 2) / run.end.time.count(),
            run.cores, run.cores == 1 ? "" : "s");
    return text;
}

std::vector<std::string> troubles_of(const Run& run) {
    std::vector<std::string> all;
    for (const auto& access : run.race)
        all.push_back(fmt::format("T{} {}{}", access.thread, access.write ? "writes" : "reads",
                                  access.place.empty() ? "" : " at " + access.place));
    for (const auto& lane : run.lanes)
        if (!lane.spans.empty() && lane.spans.back().for_ever)
            all.push_back(
                fmt::format("{} {}, for ever{}", lane.name, describe(lane.spans.back()),
                            lane.spans.back().place.empty() ? "" : ": " + lane.spans.back().place));
    return all;
}

}  // namespace course::timeline
