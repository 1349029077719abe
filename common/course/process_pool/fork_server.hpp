// ForkServer: a process that is forked while the program has one thread, and forks the workers from then on.
//
//     program ----fork----> fork server ----fork----> worker, worker, ...
//        |  one control socket for each pool |  waits for them, says how they ended,
//        |  spawn, kill  -->                 |  kills them when the pool or the program is gone
//        |  <--  spawned, ended              |
//
// A child of a program with threads has copies of locks whose holders do not exist in it. So the copying is done
// by a process that never had threads; and as it is small, copying is cheap however large the program becomes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>

#include <course/process_pool/system.hpp>

namespace course {

namespace pool {

/// What the program asks the fork server for. A spawn comes with two descriptors: socket and memory.
struct ControlRequest {
    enum class Kind : std::uint32_t { spawn, kill } kind;
    std::uint64_t worker;  ///< the pool's number for it
};

/// What the fork server says.
struct ControlEvent {
    enum class Kind : std::uint32_t { spawned, ended, failed } kind;
    pid_t pid;             ///< the worker's
    int status;            ///< `ended`: as of waitpid; `failed`: errno of fork
    std::uint64_t worker;  ///< the pool's number for it
};

/// The program's end of a fork server. Ends it when the last owner is gone.
class ServerProcess {
  public:
    /// \throws std::logic_error   if the program has more than one thread.
    /// \throws std::system_error  if there can be no process.
    ServerProcess();
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    /// A control socket for one pool. When it is closed, the pool's workers are killed.
    Descriptor connect();
    /// Its process.
    pid_t pid() const noexcept { return pid_; }

    /// The server of the innermost `ForkServer`, if there is one, else a new one.
    static std::shared_ptr<ServerProcess> get();

  private:
    Descriptor socket_;
    pid_t owner_ = getpid();
    pid_t pid_ = -1;
};

}  // namespace pool

/// Put one at the top of `main`, and pools can be made at any time, also when the program has threads:
///
///     int main() {
///         course::ForkServer server;
///         ...
///     }
///
/// Workers begin as a copy of the program as it was at this moment: global variables that change
/// later keep their values of now in the workers, and a library that is loaded later is not there.
/// Without one, a pool starts a fork server for itself, which it can as long as the program has one thread.
class ForkServer {
  public:
    /// \throws std::logic_error   if the program has more than one thread.
    /// \throws std::system_error  if there can be no process.
    /// \thread_safety  one at a time, and scopes must nest.
    /// \source  CPython, `multiprocessing.forkserver`.
    ForkServer();
    /// Ends the server, as soon as no pool needs it.
    ~ForkServer();
    ForkServer(const ForkServer&) = delete;
    ForkServer& operator=(const ForkServer&) = delete;

    /// Its process.
    pid_t pid() const noexcept { return process_->pid(); }

  private:
    std::shared_ptr<pool::ServerProcess> process_;
    std::shared_ptr<pool::ServerProcess> outer_;
};

}  // namespace course
