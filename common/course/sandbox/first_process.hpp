// What the first process of a sandbox tells the supervisor outside.
#pragma once

namespace course::sandbox {

/// The descriptor on which it tells; the command itself does not have it.
inline constexpr int end_descriptor = 4;

/// How the command in the sandbox ended. The first record counts.
struct End {
    /// Whether it was started at all.
    bool started = true;
    /// The status as of `waitpid`; errno if it was not started.
    int status = 0;
    /// Processes that still lived when it had ended.
    int left_over = 0;
};

}  // namespace course::sandbox
