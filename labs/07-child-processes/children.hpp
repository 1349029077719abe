// Contract of lab 07: run other programs, and know how each ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace lab {

/// A program to run.
struct Command {
    /// The program, looked up in PATH, and its arguments: `{"grep", "-c", "soup"}`.
    std::vector<std::string> arguments;
    /// What it reads from its standard input, which then ends.
    std::string input;
    /// How long it may run; none: as long as it likes.
    std::optional<std::chrono::milliseconds> deadline;
};

/// How a program ended. Exactly one of exit status and signal is set.
struct Ending {
    /// It exited with this status, 0 to 255; -1 if a signal killed it.
    int exit_status = -1;
    /// This signal killed it, such as SIGKILL; 0 if it exited.
    int signal = 0;
    /// Whether the deadline passed first: before it had ended and nobody held its output. Then who was
    /// left was killed. If that was only a child of it, its own exit status or signal stands above.
    bool timed_out = false;
    /// What it and its children wrote to its standard output, until nobody held that any more; after a
    /// deadline, what had been read by then.
    std::string output;
};

/// Run \p command, until it has ended and nobody holds its output, or until its deadline. The caller
/// sleeps while there is nothing to do.
///
/// 07.1 The program has its own process, descriptors 0 and 1 of its own, also if the caller has closed
/// these, and standard error of the caller. It finds no other descriptor open, and no signal, whichever
/// it is, ignored or blocked. Afterwards the caller has the same children and descriptors as before. A
/// signal that the caller handles meanwhile does not end the wait.
///
/// 07.2 Input and output may be of any size, in any order. A program that leaves its input unread does
/// no harm.
///
/// 07.3 When the deadline has passed, the program, if it still runs, and whatever it has started are
/// killed. Who has left by `setsid` or `setpgid` may live on, and hold the output: nobody waits for that.
///
/// \throws std::system_error  if the program can't be started, with the reason, such as ENOENT.
/// \throws std::invalid_argument  if there are no arguments.
/// \thread_safety  may be called from several threads, if none of them waits for children of others.
Ending run(const Command& command);

/// 07.4 Run all \p commands, at most \p at_once at the same time; when one ends, the next one starts.
///
/// \return  how each ended, in the order of the commands.
/// \throws  what `run` throws, once no program of the call is running any more. No further one is then
///          started.
/// \throws std::invalid_argument  if \p at_once is 0.
std::vector<Ending> run_all(const std::vector<Command>& commands, std::size_t at_once);

}  // namespace lab
