// Mistake: Lets go of the lock again when the I/O throws.
// Loses:   04.2
// Hint:    The step has caught the exception and goes on. Has it got the lock? And was it let go of
//          once only?
#include "interpreter.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace lab {

/// The lock that all bytecode runs under.
///
///     waits, not longer than the interval       held by somebody
///            │ time is over: asks                   │ between two steps: was I asked?
///            ▼                                      ▼
///        asked_ = true ───────────────────────▶ lets go, waits until another one has it
class Interpreter::GlobalLock {
  public:
    explicit GlobalLock(std::chrono::milliseconds switch_interval) : interval_(switch_interval) {}

    void take() {
        std::unique_lock lock(mutex_);
        while (held_) {
            const std::size_t seen = switches_;
            const bool free = free_.wait_for(lock, interval_, [&] { return !held_; });
            if (!free && switches_ == seen)  // the same thread had it all the time
                asked_ = true;
        }
        held_ = true;
        if (last_holder_ != std::this_thread::get_id()) {
            switches_ += last_holder_ == std::thread::id() ? 0 : 1;
            last_holder_ = std::this_thread::get_id();
            asked_ = false;  // who asked has it, or asks the next holder again
            taken_by_another_.notify_all();
        }
    }

    void let_go() {
        {
            const std::lock_guard lock(mutex_);
            held_ = false;
        }
        free_.notify_one();
    }

    /// Between two steps: if somebody has asked, let them have it, and wait for the next turn.
    void hand_over_if_asked() {
        if (!asked_)  // an atomic, so that a step costs no lock
            return;
        {
            std::unique_lock lock(mutex_);
            held_ = false;
            free_.notify_one();
            // Without this wait we would take it before anybody has woken up.
            const auto me = std::this_thread::get_id();
            taken_by_another_.wait(lock, [&] { return last_holder_ != me; });
        }
        take();
    }

    std::size_t switches() const {
        const std::lock_guard lock(mutex_);
        return switches_;
    }

  private:
    const std::chrono::milliseconds interval_;
    mutable std::mutex mutex_;
    std::condition_variable free_;              // !held_
    std::condition_variable taken_by_another_;  // last_holder_ has changed
    std::atomic<bool> asked_ = false;           // written under mutex_
    bool held_ = false;                         // guarded by mutex_
    std::thread::id last_holder_;               // guarded by mutex_
    std::size_t switches_ = 0;                  // guarded by mutex_
};

Interpreter::Interpreter(std::chrono::milliseconds switch_interval)
    : lock_(std::make_unique<GlobalLock>(switch_interval)) {}

Interpreter::~Interpreter() = default;

void Interpreter::run(const std::vector<Bytecode>& program) {
    lock_->take();
    try {
        for (const auto& step : program) {
            step();
            lock_->hand_over_if_asked();
        }
    } catch (...) {
        lock_->let_go();
        throw;
    }
    lock_->let_go();
}

void Interpreter::blocking(const std::function<void()>& io) {
    lock_->let_go();
    try {
        io();
    } catch (...) {
        lock_->take();
        lock_->let_go();
        throw;
    }
    lock_->take();
}

std::size_t Interpreter::switches() const {
    return lock_->switches();
}

}  // namespace lab
