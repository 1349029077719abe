// Contract of lab 04: an interpreter with one lock for everything, as CPython has it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace lab {

/// One step of a program. It may throw, and may call Interpreter::blocking.
using Bytecode = std::function<void()>;

/// Runs bytecode of many threads, of one at a time.
///
/// \thread_safety  any number of threads may call `run`; `blocking` is called by bytecode that runs.
class Interpreter {
  public:
    /// \param switch_interval  how long a thread waits for the lock before it asks for it.
    explicit Interpreter(std::chrono::milliseconds switch_interval = std::chrono::milliseconds(5));
    ~Interpreter();
    Interpreter(const Interpreter&) = delete;
    Interpreter& operator=(const Interpreter&) = delete;

    /// Run the steps of \p program one after the other, in the calling thread.
    ///
    /// 04.1 No two threads run bytecode at the same time. If a step throws, the lock is free again and the
    /// exception comes out.
    ///
    /// 04.3 First come, first served: the lock goes to the thread that has waited longest. Who has it gives
    /// it away after the step in which somebody has waited for them for the switch interval, and
    /// gets in line again, at the end. So a thread with k others in front of it, the one that runs
    /// included, waits at most k times (interval + one step) while they compute.
    ///
    /// 04.4 Nobody is interrupted before that. It is the waiting that counts, not how long the turn has
    /// lasted: it goes on until somebody has waited for its holder for a whole interval.
    void run(const std::vector<Bytecode>& program);

    /// 04.2 Let go of the lock, do \p io, and take the lock again, also if \p io throws.
    /// \throws  what \p io throws.
    void blocking(const std::function<void()>& io);

    /// 04.4 How often the lock has gone from one thread to another.
    std::size_t switches() const;

  private:
    class GlobalLock;  // what it is made of is yours to choose
    std::unique_ptr<GlobalLock> lock_;
};

}  // namespace lab
