// Mistake: Who was asked lets one other pass, and then comes before the rest of the line.
// Loses:   04.3
// Hint:    A, B and C came in this order, and each step is longer than the interval. Who is next
//          when one of them lets go, and what makes sure of it?
#include "interpreter.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace lab {

class Interpreter::GlobalLock {
  public:
    explicit GlobalLock(std::chrono::milliseconds switch_interval) : interval_(switch_interval) {}

    void take(bool interrupted = false) {
        std::unique_lock lock(mutex_);
        const auto me = std::this_thread::get_id();
        if (interrupted && !line_.empty())
            line_.insert(line_.begin() + 1, me);
        else
            line_.push_back(me);
        const auto my_turn = [&] { return !held_ && line_.front() == me; };
        while (!my_turn()) {
            const std::size_t seen = turns_;
            if (!changed_.wait_for(lock, interval_, [&] { return my_turn() || turns_ != seen; }))
                asked_ = true;
        }
        line_.pop_front();
        held_ = true;
        ++turns_;
        asked_ = false;
        if (last_holder_ != std::thread::id() && last_holder_ != me)
            ++switches_;
        last_holder_ = me;
        changed_.notify_all();
    }

    void let_go() {
        {
            const std::lock_guard lock(mutex_);
            held_ = false;
        }
        changed_.notify_all();
    }

    void hand_over_if_asked() {
        if (!asked_)
            return;
        let_go();
        take(true);
    }

    std::size_t switches() const {
        const std::lock_guard lock(mutex_);
        return switches_;
    }

  private:
    const std::chrono::milliseconds interval_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<bool> asked_ = false;
    bool held_ = false;
    std::deque<std::thread::id> line_;
    std::size_t turns_ = 0;
    std::thread::id last_holder_;
    std::size_t switches_ = 0;
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
