// The least that a switch costs, between coroutines and between threads: what loops and pools are measured beside.
#pragma once

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <mutex>
#include <thread>
#include <vector>

namespace bench {

/// Seconds since \p start.
inline double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A coroutine that suspends for ever, and whose frame is its own.
struct Bare {
    /// \cond
    struct promise_type {
        Bare get_return_object() {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept {}
    };
    /// \endcond
    std::coroutine_handle<> frame;
};

inline Bare suspends() {
    for (;;)
        co_await std::suspend_always{};
}

/// Seconds to resume a coroutine until it suspends again: \p coroutines take \p turns each.
inline double bare_resume(int coroutines, int turns) {
    std::vector<std::coroutine_handle<>> frames;
    for (int i = 0; i < coroutines; ++i)
        frames.push_back(suspends().frame);
    const auto start = std::chrono::steady_clock::now();
    for (int turn = 0; turn < turns; ++turn)
        for (const auto frame : frames)
            frame.resume();
    const double each = seconds_since(start) / (double(coroutines) * turns);
    for (const auto frame : frames)
        frame.destroy();
    return each;
}

/// Seconds for a thread to hand over to another: two take turns, \p times in all; a turn is a number of one of them.
inline double thread_hand_over(int times) {
    std::mutex mutex;  // guards turn
    std::condition_variable turn_changed;
    int turn = 0;
    const auto take_turns = [&](int mine) {
        std::unique_lock lock(mutex);
        for (; mine < times; mine += 2) {
            turn_changed.wait(lock, [&] { return turn == mine; });
            ++turn;
            turn_changed.notify_one();
        }
    };
    const auto start = std::chrono::steady_clock::now();
    std::thread other(take_turns, 1);
    take_turns(0);
    other.join();
    return seconds_since(start) / times;
}

}  // namespace bench
