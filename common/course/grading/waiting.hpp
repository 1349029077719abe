// What the processes below a given one are waiting in: the explanation of a hang.
#pragma once

#include <sys/types.h>

#include <string>

namespace course::grading {

/// One line for each thread of each process below \p ancestor: who it is and the system call it
/// waits in, such as `the test waits in read from pipe:[4711] (descriptor 5)`. At most 32 lines.
/// \source  proc(5), `/proc/PID/task/TID/syscall`.
std::string what_waits(pid_t ancestor);

/// What `what_waits` says of a thread that does not wait.
inline constexpr const char* is_running = "is running";

}  // namespace course::grading
