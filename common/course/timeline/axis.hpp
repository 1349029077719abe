// What the two drawings share: the axis, and which spans are to be seen on it. Internal to the
// folder.
#pragma once

#include <course/timeline/model.hpp>
#include <string>
#include <vector>

namespace course::timeline {

/// Virtual time where time passes, else steps.
struct Axis {
    /// Whether it is virtual time, in nanoseconds.
    bool time = true;
    /// Where it begins: a long run of steps is cut, because what went wrong is at its end.
    double begin = 0;
    /// Where it ends.
    double end = 1;

    /// The axis for all of \p runs of this kind, so that equal lengths are equal times.
    static Axis of(const Run& run, const std::vector<Run>& runs);
    /// Where \p instant is: 0 at the begin, 1 at the end.
    double at(Instant instant) const;
};

/// A mark on the axis.
struct Tick {
    /// Where: 0 to 1.
    double at;
    /// "250 ms", "step 20".
    std::string text;
};

/// Round numbers and the end, as far as their texts have room side by side.
/// \param character  how much of the axis a character of a text takes.
std::vector<Tick> ticks_of(const Axis& axis, double character);

/// The spans that have a width on \p axis; neighbours that do not differ are one.
std::vector<Span> visible_spans(const Lane& lane, const Axis& axis);

/// The words that stand in a span: its note, or what it does.
std::string label_of(const Span& span);

/// "800 ms, 100 % CPU": how long it took, and how busy the cores were.
std::string measure_of(const Run& run);

/// What ended badly, one sentence a line: who waits for ever, both sides of a race.
std::vector<std::string> troubles_of(const Run& run);

}  // namespace course::timeline
