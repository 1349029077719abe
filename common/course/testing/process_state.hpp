// What a process has right now: its descriptors, threads and children, read from /proc.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace course::testing {

/// One open file descriptor of a process.
struct Descriptor {
    /// The number.
    int number = -1;
    /// What `/proc/PID/fd/N` links to: a path, `pipe:[123]`, `socket:[456]`.
    std::string target;
    /// Offset in bytes of the open file description; 0 for a pipe.
    long long offset = 0;
    /// Whether `exec` closes it.
    bool close_on_exec = false;

    /// Same number and same target: what is compared before and after a test case.
    friend bool operator==(const Descriptor& a, const Descriptor& b) {
        return a.number == b.number && a.target == b.target;
    }
};

/// The open descriptors of \p pid (0: of this process), by number, without the one used to look.
/// \throws std::system_error  if there is no such process.
/// \source  proc(5), `/proc/PID/fd` and `/proc/PID/fdinfo`.
std::vector<Descriptor> descriptors(pid_t pid = 0);

/// The identifiers of the threads of \p pid (0: of this process), the first one being its own.
/// \throws std::system_error  if there is no such process.
std::vector<pid_t> threads(pid_t pid = 0);

/// One child process.
struct Child {
    /// Its process identifier.
    pid_t pid = 0;
    /// Whether it has ended and nobody has waited for it.
    bool zombie = false;
};

/// The children of \p pid (0: of this process), living or dead but not waited for, by pid.
std::vector<Child> children(pid_t pid = 0);

/// Whether \p pid has ended with its last thread: it is gone, or a zombie of whoever got it as an orphan.
bool has_ended(pid_t pid);

/// Return when \p pid has ended, whoever is its parent. Looks each millisecond, without a limit.
void wait_for_end(pid_t pid);

/// Whether each task of \p family and its descendants, but the calling one, sleeps, and slept from one look
/// to the next: then nobody is left who could wake them, unless the clock does.
bool nobody_moves(pid_t family);

/// Everything that a test case must leave as it found it.
struct ProcessState {
    /// Open descriptors.
    std::vector<Descriptor> descriptors;
    /// Identifiers of the threads.
    std::vector<pid_t> threads;
    /// Child processes.
    std::vector<Child> children;

    /// The state of this process now.
    static ProcessState now();
};

/// What \p after has more than \p before (and descriptors that it lost), in words; empty if
/// nothing.
std::string difference(const ProcessState& before, const ProcessState& after);

}  // namespace course::testing
