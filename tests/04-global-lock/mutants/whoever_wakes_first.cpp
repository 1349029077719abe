// Mistake: Tells all that it is free: whoever wakes up first has it.
// Loses:   04.3
// Hint:    A, B and C came in this order, and each step is longer than the interval. Who is next
//          when one of them lets go, and what makes sure of it?
#include "interpreter.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace lab {

class Interpreter::GlobalLock {
  public:
    explicit GlobalLock(std::chrono::milliseconds switch_interval) : interval_(switch_interval) {}

    void take() {
        std::unique_lock lock(mutex_);
        while (held_) {
            const std::size_t seen = switches_;
            if (!free_.wait_for(lock, interval_, [&] { return !held_; }) && switches_ == seen)
                asked_ = true;
        }
        held_ = true;
        const auto me = std::this_thread::get_id();
        if (last_holder_ != me) {
            switches_ += last_holder_ == std::thread::id() ? 0 : 1;
            last_holder_ = me;
            asked_ = false;
            taken_by_another_.notify_all();
        }
    }

    void let_go() {
        {
            const std::lock_guard lock(mutex_);
            held_ = false;
        }
        free_.notify_all();
    }

    void hand_over_if_asked() {
        if (!asked_)
            return;
        {
            std::unique_lock lock(mutex_);
            held_ = false;
            free_.notify_all();
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
    std::condition_variable free_;
    std::condition_variable taken_by_another_;
    std::atomic<bool> asked_ = false;
    bool held_ = false;
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
