// A trial: one thing measured in a process of its own, on so many processors, until its end or a cut-off.
//
//     program ──fork──▶ trial: pins itself, runs the body ──▶ its threads, its fork server, its workers
//        │ seconds, or why there are none  ◀── pipe ──┘
//        │ in the end, or at the cut-off: all that it has started is killed (the program is their subreaper)
//
// Each trial begins alike, whatever was measured before it: with one thread, and with no memory of its own.
#pragma once

#include <functional>

namespace bench {

/// What came of a trial.
struct Trial {
    /// How it ended.
    enum class End {
        done,
        given_up,    ///< it took longer than the cut-off
        impossible,  ///< the machine would not give it the threads or processes
    };
    /// How it ended.
    End end = End::done;
    /// Time on the clock, in seconds. 0 unless it is done.
    double wall = 0;
    /// Processor time of the trial and all its processes, in seconds. 0 unless it is done.
    double cpu = 0;
    /// The most memory that the trial's own process had at once, beyond what it began with, in bytes.
    double memory = 0;
};

/// How a trial is made.
struct TrialOptions {
    /// How many processors it may use; 0: all that this program may.
    unsigned processors = 0;
    /// Seconds after which it is given up.
    double cut_off = 60;
};

/// Run \p body in a child, and say how long it took.
///
/// \throws std::runtime_error  with the message of what \p body threw, or if the child died.
/// \thread_safety  one thread, and no other children of the program meanwhile.
Trial try_in_a_child(const std::function<void()>& body, const TrialOptions& options = {});

}  // namespace bench
