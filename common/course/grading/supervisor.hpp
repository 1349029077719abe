// The supervisor: the process between the grader and a command, which ends the command's whole
// tree.
#pragma once

#include <course/grading/contained_process.hpp>
#include <cstdint>

namespace course::grading {

/// What the supervisor tells the grader at the end, followed by `waiting_length` bytes of text.
struct SupervisorStatus {
    /// Outcome::End as a number.
    int end = 0;
    /// Exit status, signal or errno.
    int code = 0;
    /// Time on the clock in microseconds.
    std::int64_t wall = 0;
    /// CPU time of the tree in microseconds.
    std::int64_t cpu = 0;
    /// Largest resident set in KiB.
    std::int64_t max_rss = 0;
    /// Processes that were left over and killed.
    int left_over = 0;
    /// Whether something was still computing at the wall limit.
    bool computing = false;
    /// Length of the text that follows.
    int waiting_length = 0;
};

/// The ends of pipes and sockets that the supervisor and its command get; -1 where there is none.
struct SupervisorEnds {
    /// Where the command's standard output goes.
    int output = -1;
    /// Where its standard error goes.
    int error = -1;
    /// The command's end of the report channel.
    int channel = -1;
    /// Where the status goes.
    int status = -1;
};

/// Become the supervisor of \p command; called in a forked child of a grader with one thread.
/// SIGTERM ends the tree early, which is reported as `output_limit`. The end of the grader ends it, too.
[[noreturn]] void supervise(const Command& command, const SupervisorEnds& ends, pid_t grader);

}  // namespace course::grading
