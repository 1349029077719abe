// Who ran when: lanes of threads, and what each did from when to when.
//
//     COURSE_TIMELINE=FILE test program ──▶ a JSON document a line ──▶ read ──▶ Run
//                                                                               │ lanes, spans, holds
//                                                        draw_text ◀────────────┼──▶ draw_svg
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace course::timeline {

/// A moment of a schedule: virtual time, and the step, which also grows while no time passes.
struct Instant {
    /// Since the schedule began.
    std::chrono::nanoseconds time{};
    /// Counted from 0.
    std::uint64_t step = 0;

    /// Whether they are the same.
    friend bool operator==(const Instant&, const Instant&) = default;
};

/// What a thread does.
enum class Activity {
    running,       ///< has the turn; takes steps, but as a rule no virtual time
    ready,         ///< could run, while another thread does
    computing,     ///< occupies a virtual core
    wanting_core,  ///< would compute if a core were free
    sleeping,      ///< waits for a time
    blocked,       ///< waits for something that another thread does
    returned,      ///< has returned from the body, and waits for the threads it left
};

/// One activity of one thread, from when to when.
struct Span {
    /// What it does.
    Activity activity = Activity::running;
    /// When it began.
    Instant begin;
    /// When it was over; the end of the schedule if it never was.
    Instant end;
    /// It was not over when the schedule ended, and never would be.
    bool for_ever = false;
    /// The thread's note: what it said it was going to do.
    std::string note;
    /// If blocked, for what: "to lock mutex 1", "for the end of T2".
    std::string what;
    /// The thread that holds it, or whose end is waited for; -1 if none is known.
    int holder = -1;
    /// The thread that ended the wait; -1 if none did.
    int woken_by = -1;
    /// The wait ended because its time was over.
    bool timed_out = false;
    /// File and line of the call, or "".
    std::string place;
};

/// How long a thread held a lock.
struct Hold {
    /// Which: "mutex 1", or "the mutex" if there is only one.
    std::string lock;
    /// When it was taken.
    Instant begin;
    /// When it was given back.
    Instant end;
    /// It never was.
    bool for_ever = false;
    /// Somebody waited for it meanwhile.
    bool contended = false;
};

/// One side of a data race.
struct Access {
    /// Who.
    int thread = 0;
    /// Whether it wrote.
    bool write = false;
    /// When, as far as steps tell.
    Instant at;
    /// File and line.
    std::string place;
};

/// A thread's life.
struct Lane {
    /// "T1"; the thread of the body is "T0 (main)".
    std::string name;
    /// When it began to run.
    Instant begin;
    /// When it was over, or else the end of the schedule.
    Instant end;
    /// Whether it was over.
    bool finished = false;
    /// What it did, in order and without gaps.
    std::vector<Span> spans;
    /// The locks that it held.
    std::vector<Hold> holds;
};

/// One schedule.
struct Run {
    /// What the author of the scene calls it, or "".
    std::string title;
    /// "pass", "deadlock", ...
    std::string verdict;
    /// What went wrong.
    std::string message;
    /// Its name, for `./course replay`; "" is the plain order.
    std::string schedule;
    /// Whether every step is known: very long schedules are recorded up to a limit.
    bool complete = true;
    /// Virtual cores.
    int cores = 0;
    /// When it was over.
    Instant end;
    /// The threads by number.
    std::vector<Lane> lanes;
    /// Both sides of the data race, if it ended by one.
    std::vector<Access> race;

    /// Whether it passed.
    bool passed() const { return verdict == "pass"; }
    /// Time on virtual cores, all threads together.
    std::chrono::nanoseconds computed() const;
};

/// The runs in \p lines, one JSON document a line, as the simulation appends them.
/// \throws std::runtime_error  if a line is not such a document, with its number.
std::vector<Run> read(const std::string& lines);

/// \p runs as JSON, for other tools.
std::string to_json(const std::vector<Run>& runs);

/// "sleeping", "computing", ...
std::string name(Activity activity);

/// What the span is about, in a few words: "download 1", "waits to lock the mutex that T2 holds".
std::string describe(const Span& span);

/// "1 s", "250 ms": without superfluous digits, in the largest unit of which it is at least one.
std::string to_text(std::chrono::nanoseconds time);

}  // namespace course::timeline
