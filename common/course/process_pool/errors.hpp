// What can go wrong with a process pool, beside what the tasks throw themselves.
#pragma once

#include <sys/types.h>

#include <exception>
#include <stdexcept>
#include <string>

namespace course {

/// The base of what a process pool throws on its own behalf.
class PoolError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The task was cancelled before a worker began it.
/// \source PEP 3148, `CancelledError`.
class CancelledError : public PoolError {
  public:
    CancelledError() : PoolError("the task was cancelled") {}
};

/// The pool can do no more work: an initializer failed, a worker died and the policy is
/// `OnDeath::break_pool`, or the fork server is gone.
/// \source concurrent.futures.process, `BrokenProcessPool`.
class BrokenPool : public PoolError {
  public:
    using PoolError::PoolError;
};

/// Bytes that are no message: too short, too long, or with a tag that nobody sends.
class MessageError : public PoolError {
  public:
    using PoolError::PoolError;
};

/// The worker that ran the task ended before the task did.
class WorkerDied : public PoolError {
  public:
    /// \param item    what it ran, in words.
    /// \param pid     the worker.
    /// \param status  as `waitpid` gives it.
    /// \param reason  why we ended it, if we did; else empty.
    WorkerDied(std::string item, pid_t pid, int status, const std::string& reason);

    /// Number of the signal that ended the worker, or 0.
    int signal() const noexcept;
    /// Its exit status, or -1 if a signal ended it.
    int exit_status() const noexcept;
    /// What it ran: `task 12`, or `item 40 of a map` for one call of a chunk.
    const std::string& item() const noexcept { return item_; }
    /// The worker.
    pid_t pid() const noexcept { return pid_; }

  private:
    std::string item_;
    pid_t pid_;
    int status_;
};

/// A task threw an exception of a type that cannot be made again in the parent.
///
/// The exception types of `<stdexcept>`, `std::bad_alloc`, `std::system_error` and what was announced
/// with `carry_exception` arrive as what they were; all others arrive as this.
class RemoteError : public PoolError {
  public:
    /// \param type  name of the type that was thrown.
    /// \param what  its message.
    RemoteError(std::string type, const std::string& what)
        : PoolError(type + ": " + what), type_(std::move(type)) {}
    /// The type that was thrown, as it is written in C++.
    const std::string& type() const noexcept { return type_; }

  private:
    std::string type_;
};

namespace pool {

/// Makes an exception again from its message.
using ExceptionMaker = std::exception_ptr (*)(const std::string& what);
/// Remember how the exception type with this mangled name is made.
void remember_exception(const char* type, ExceptionMaker make);

}  // namespace pool

/// Let exceptions of type \p E reach the parent as what they are; \p E is made from `what()`.
/// \thread_safety  call it before tasks are submitted, in the parent; a second call changes nothing.
template <class E>
void carry_exception() {
    pool::remember_exception(
        typeid(E).name(), [](const std::string& what) { return std::make_exception_ptr(E(what)); });
}

}  // namespace course
