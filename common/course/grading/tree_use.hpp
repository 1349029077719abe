// What a process tree uses: all of its processes together.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace course::grading {

/// What the processes of a tree use together.
struct TreeUse {
    /// Bytes that they have for themselves: resident, without what files and shared mappings back; and what their
    /// files without a name (memfd) hold. Pages that a fork shares with its parent count twice.
    std::uint64_t memory = 0;
    /// CPU time, also of those that have ended.
    std::chrono::milliseconds cpu{0};
};

/// What the processes below \p ancestor use.
TreeUse tree_use(pid_t ancestor);

}  // namespace course::grading
