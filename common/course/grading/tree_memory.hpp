// How much memory a process tree has for itself.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace course::grading {

/// Bytes that the processes below \p ancestor have for themselves: resident, without what files and shared mappings
/// back; and what their files without a name (memfd) hold. Pages that a fork shares with its parent count twice.
std::uint64_t tree_memory(pid_t ancestor);

}  // namespace course::grading
