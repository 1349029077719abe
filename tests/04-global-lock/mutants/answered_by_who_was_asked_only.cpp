// Mistake: Only who was asked, and hands over, takes the question back.
// Loses:   04.4
// Hint:    The first one was asked, and then waited for I/O. The second one was cut off long before an
//          interval was over. Whose question did it answer?
#include "interpreter.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace lab {

/// The lock that all bytecode runs under: a line of threads with numbers, as at a bakery.
///
///          has the lock     waits       draws the next number
///            serving_                         drawn_
///               5          6    7               8
///               ▲          │
///               └─ asked_ ─┘ 5 has been served for a whole interval
///
/// Who is asked goes to the end of the line: serving_ becomes 6, and 5 comes back as 8.
class Interpreter::GlobalLock {
  public:
    explicit GlobalLock(std::chrono::milliseconds switch_interval) : interval_(switch_interval) {}

    void take() {
        std::unique_lock lock(mutex_);
        const std::size_t mine = drawn_++;
        while (serving_ != mine) {
            const std::size_t seen = serving_;
            if (!line_moved_.wait_for(lock, interval_, [&] { return serving_ != seen; }))
                asked_ = true;  // the same thread has had it for the whole interval
        }
        const auto me = std::this_thread::get_id();
        if (last_holder_ != std::thread::id() && last_holder_ != me)
            ++switches_;
        last_holder_ = me;
    }

    void let_go() {
        {
            const std::lock_guard lock(mutex_);
            ++serving_;
        }
        line_moved_.notify_all();  // notify_one may wake one who is not next
    }

    /// Between two steps: whoever was asked gets in line again.
    void hand_over_if_asked() {
        if (!asked_)  // an atomic, so that a step costs no lock
            return;
        asked_ = false;
        let_go();
        take();  // with a new number: all who wait already come first
    }

    std::size_t switches() const {
        const std::lock_guard lock(mutex_);
        return switches_;
    }

  private:
    const std::chrono::milliseconds interval_;
    mutable std::mutex mutex_;
    std::condition_variable line_moved_;  // serving_ has changed
    std::atomic<bool> asked_ = false;     // written under mutex_
    std::size_t drawn_ = 0;               // guarded by mutex_: the number that is drawn next
    std::size_t serving_ = 0;             // guarded by mutex_: who has the lock, or may take it
    std::thread::id last_holder_;         // guarded by mutex_
    std::size_t switches_ = 0;            // guarded by mutex_
};

Interpreter::Interpreter(std::chrono::milliseconds switch_interval)
    : lock_(std::make_unique<GlobalLock>(switch_interval)) {}

Interpreter::~Interpreter() = default;

void Interpreter::run(const std::vector<Bytecode>& program) {
    lock_->take();
    try {
        for (const auto& step : program) {
            lock_->hand_over_if_asked();
            step();
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
        lock_->take();  // the step may catch it and go on
        throw;
    }
    lock_->take();
}

std::size_t Interpreter::switches() const {
    return lock_->switches();
}

}  // namespace lab
