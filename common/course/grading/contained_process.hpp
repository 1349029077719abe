// Runs a command as a process tree with limits, and ends the whole tree with it.
//
//     grader ---fork--> supervisor ---fork, exec--> command ---> whatever it starts
//        ^                  |  session leader, subreaper: orphans of the tree become its children
//        |                  |  waits for the command or the wall limit, then kills until none is
//        left
//        +---- one Status <-+  and says how it ended, what it used, and who was left over
//
// The supervisor is a fork of the grader, so the grader must have one thread. It needs no
// privileges and no namespaces; the sandbox, where there is one, is a command put in front of this
// one.
#pragma once

#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace course::grading {

/// What a command may use. A limit counts for each process, but `wall` and `output` for the whole
/// tree.
struct Limits {
    /// CPU time, user and system.
    std::chrono::seconds cpu{10};
    /// Time on the clock, after which what waits is ended; what computes has up to 4 times as long.
    std::chrono::milliseconds wall{10'000};
    /// Address space in bytes; none under a sanitizer, whose shadow memory is larger than any
    /// limit.
    std::optional<rlim_t> memory = rlim_t{4} << 30;
    /// Size of one file, in bytes.
    rlim_t file_size = rlim_t{256} << 20;
    /// Bytes of standard output and standard error together, after which the tree is ended.
    std::size_t output = std::size_t{16} << 20;
    /// How many bytes of each of the two are kept.
    std::size_t kept_output = std::size_t{64} << 10;
    /// The one processor to run on, if it is to be pinned.
    std::optional<int> processor;
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
};

/// How a command ended.
struct Outcome {
    /// What ended it; `lost`: its supervisor was stopped or killed by something in its own tree.
    enum class End { exited, signalled, cpu_limit, wall_limit, output_limit, not_started, lost };
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
    /// How it ended, in words.
    std::string describe() const;
};

/// Start \p command on \p context and call \p done once with how it ended; never before this returns.
///
/// \return  its supervisor, which ends the whole tree on SIGTERM.
/// \throws std::system_error  if no process or pipe can be had.
/// \thread_safety  call it on the only thread of the program, which runs \p context.
pid_t run_contained(boost::asio::io_context& context, Command command,
                    std::function<void(Outcome)> done);

/// `SIGSEGV` for 11, and so on.
std::string signal_name(int signal);

}  // namespace course::grading
