// Runs a command as a process tree with limits, and ends the whole tree with it.
//
//     grader ---fork--> supervisor ---fork, exec--> command ---> whatever it starts
//        ^                  |  session leader, subreaper: orphans of the tree become its children
//        |                  |  waits for the command or the wall limit, then kills until none is
//        left
//        +---- one Status <-+  and says how it ended, what it used, and who was left over
//
// The supervisor is a fork of the grader, so the grader must have one thread. It needs no
// privileges and no namespaces. The sandbox, where there is one, is a command put in front of this
// one; then it is the sandbox's first process that knows how the command ended and what was left
// over, and it tells the supervisor.
#pragma once

#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <course/sandbox/sandbox.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace course::grading {

/// What a command may use. A limit counts for each process, but `wall`, `tree_memory` and `output`
/// for the whole tree.
struct Limits {
    /// CPU time, user and system; all processes together may use four times as much.
    std::chrono::seconds cpu{10};
    /// Time on the clock, after which what waits is ended; what computes has up to 4 times as long.
    std::chrono::milliseconds wall{10'000};
    /// Address space in bytes; none under a sanitizer, whose shadow memory is larger than any
    /// limit.
    std::optional<rlim_t> memory = rlim_t{4} << 30;
    /// Memory that the whole tree has for itself, in bytes, looked at 20 times a second.
    std::uint64_t tree_memory = std::uint64_t{3} << 30;
    /// Size of one file, in bytes.
    rlim_t file_size = rlim_t{256} << 20;
    /// Bytes of standard output and standard error together, after which the tree is ended.
    std::size_t output = std::size_t{16} << 20;
    /// How many bytes of each of the two are kept.
    std::size_t kept_output = std::size_t{64} << 10;
    /// The one processor to run on, if it is to be pinned.
    std::optional<int> processor;

    /// The limits in words, in one line.
    std::string describe() const;
};

/// A command to run.
struct Command {
    /// Program and arguments; the program is looked up in PATH.
    std::vector<std::string> arguments;
    /// Folder to run in; empty: the grader's.
    std::string folder;
    /// Variables set beside those that the grader passes on (PATH, HOME, LANG, TMPDIR).
    std::vector<std::string> environment;
    /// What it may use.
    Limits limits;
    /// Whether to open a report channel (see report_channel.hpp) and name it in the environment.
    bool with_channel = false;
    /// The sandbox to run in, which must live as long; nullptr: none.
    const sandbox::Sandbox* sandbox = nullptr;
    /// What is to be seen there, and what may be used.
    sandbox::Room room;
};

/// How a command ended.
struct Outcome {
    /// What ended it; `lost`: its supervisor was stopped or killed by something in its own tree;
    /// `no_sandbox`: its walls did not stand, which is not the command's doing.
    enum class End {
        exited,
        signalled,
        cpu_limit,
        wall_limit,
        output_limit,
        memory_limit,
        not_started,
        no_sandbox,
        lost
    };
    /// What ended it.
    End end = End::not_started;
    /// Exit status, number of the signal, or errno if it could not be started.
    int code = 0;
    /// Time on the clock from start to end.
    std::chrono::microseconds wall{0};
    /// CPU time of the whole tree.
    std::chrono::microseconds cpu{0};
    /// Largest resident set of one process, in KiB.
    long max_rss = 0;
    /// Processes of the tree that still lived when the command had ended, and were killed.
    int left_over = 0;
    /// At the wall limit: what each process of the tree was waiting in.
    std::string waiting;
    /// At the wall limit: whether something in the tree was still computing.
    bool computing = false;
    /// The first bytes of standard output.
    std::string output;
    /// The first bytes of standard error.
    std::string error;
    /// Bytes written to both in all.
    std::size_t written = 0;
    /// The bytes that came over the report channel.
    std::string report;
    /// The nonce that was given to the channel.
    std::string nonce;

    /// Whether it ended by itself with status 0.
    bool succeeded() const { return end == End::exited && code == 0; }
    /// Whether the command was never run, for reasons that are not its own.
    bool is_our_failure() const { return end == End::not_started || end == End::no_sandbox; }
    /// How it ended, in words.
    std::string describe() const;
};

/// Start \p command on \p context and call \p done once with how it ended; never before this returns.
///
/// \return  its supervisor, which ends the whole tree on SIGTERM.
/// \throws std::system_error  if no process or pipe can be had.
/// \throws sandbox::Unavailable  if the sandbox can't show what the command needs.
/// \thread_safety  call it on the only thread of the program, which runs \p context.
pid_t run_contained(boost::asio::io_context& context, Command command,
                    std::function<void(Outcome)> done);

/// `SIGSEGV` for 11, and so on.
std::string signal_name(int signal);

}  // namespace course::grading
