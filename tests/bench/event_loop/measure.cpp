// What a turn in lab 14's loop costs, and a sleep: `./course bench loop`. Beside it a bare coroutine's resume, which
// is the limit, a hand-over between threads and, where there is python3, asyncio.
//
// All are measured in turn, in rounds, in one run; the table has the medians.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdio>
#include <iostream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "event_loop.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using Samples = std::map<std::string, std::vector<double>>;

constexpr int jobs = 100;
constexpr int turns = 1'000;  // short enough to fit between two interruptions, mostly
constexpr int sleepers = 100'000;
constexpr int hand_overs = 5'000;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// A coroutine that suspends for ever, and whose frame is its own.
struct Bare {
    struct promise_type {
        Bare get_return_object() {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept {}
    };
    std::coroutine_handle<> frame;
};

Bare suspends() {
    for (;;)
        co_await std::suspend_always{};
}

double bare_resume() {
    std::vector<std::coroutine_handle<>> frames;
    for (int job = 0; job < jobs; ++job)
        frames.push_back(suspends().frame);
    const auto start = Clock::now();
    for (int turn = 0; turn < turns; ++turn)
        for (const auto frame : frames)
            frame.resume();
    const double each = seconds_since(start) / (jobs * turns);
    for (const auto frame : frames)
        frame.destroy();
    return each;
}

lab::Task<> yields(lab::Loop& loop) {
    for (int turn = 0; turn < turns; ++turn)
        co_await loop.yield();
}

double switch_in_loop() {
    lab::Loop loop;
    for (int job = 0; job < jobs; ++job)
        loop.spawn(yields(loop));
    const auto start = Clock::now();
    loop.run();
    return seconds_since(start) / (jobs * turns);
}

lab::Task<> sleeps(lab::Loop& loop) {
    co_await loop.sleep_for(std::chrono::seconds(1));
}

/// What each of many sleeping jobs costs from its spawn to its end, beyond the second.
double sleep_in_loop() {
    const auto start = Clock::now();
    lab::Loop loop;
    for (int job = 0; job < sleepers; ++job)
        loop.spawn(sleeps(loop));
    loop.run();
    return (seconds_since(start) - 1) / sleepers;
}

/// Two threads take turns; a turn is a number of the one for the other.
double thread_hand_over() {
    std::mutex mutex;  // guards turn
    std::condition_variable turn_changed;
    int turn = 0;
    const auto take_turns = [&](int mine) {
        std::unique_lock lock(mutex);
        for (; mine < hand_overs; mine += 2) {
            turn_changed.wait(lock, [&] { return turn == mine; });
            ++turn;
            turn_changed.notify_one();
        }
    };
    const auto start = Clock::now();
    std::thread other(take_turns, 1);
    take_turns(0);
    other.join();
    return seconds_since(start) / hand_overs;
}

/// False if there is no python3, or it failed.
bool measure_python(Samples& samples, const std::string& script) {
    FILE* const pipe = popen(("python3 " + script + " 2>/dev/null").c_str(), "r");
    if (!pipe)
        return false;
    std::string output;
    for (int byte = fgetc(pipe); byte != EOF; byte = fgetc(pipe))
        output += static_cast<char>(byte);
    if (pclose(pipe) != 0)
        return false;
    const auto measured = nlohmann::json::parse(output);
    for (const auto& [name, value] : measured.items())
        samples[name].push_back(value.get<double>());
    return true;
}

void print(Samples& samples) {
    const auto line = [&](const std::string& what, const std::string& name,
                          const std::string& goal = "", double most = 0) {
        if (samples[name].empty())
            return;
        const double value = median(samples[name]);
        fmt::print("  {:<44} {:>10.1f}", what, value * 1e9);
        if (!goal.empty())
            fmt::print("   goal {:<8} {}", goal, value <= most ? "met" : "NOT MET");
        fmt::print("\n");
    };
    fmt::print("nanoseconds a switch, {} jobs that take turns\n", jobs);
    line("a bare coroutine is resumed: the limit", "bare resume");
    line("lab 14's loop, yield", "switch", "<= 10", 10e-9);
    line("asyncio, sleep(0)", "asyncio switch");
    line("a thread hands over to another", "hand-over");
    fmt::print("\nnanoseconds a sleeping job beyond the second it sleeps, {} of them\n", sleepers);
    line("lab 14's loop, spawn to end", "sleep", "<= 1000", 1e-6);
    line("asyncio, gather of sleep(1)", "asyncio sleep");
}

}  // namespace

int main(int argc, char* argv[]) {
    int rounds = 9;
    bool json = false;
    std::string script;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--json")
            json = true;
        else if (argument == "--rounds" && i + 1 < argc)
            rounds = std::stoi(argv[++i]);
        else
            script = argument;
    }
    Samples samples;
    bool with_python = !script.empty();
    for (int round = 0; round < rounds; ++round) {
        for (int again = 0; again < 9; ++again) {
            samples["bare resume"].push_back(bare_resume());
            samples["switch"].push_back(switch_in_loop());
        }
        samples["sleep"].push_back(sleep_in_loop());
        samples["hand-over"].push_back(thread_hand_over());
        if (with_python)
            with_python = measure_python(samples, script);
    }
    if (json) {
        nlohmann::json medians;
        for (const auto& [name, values] : samples)
            medians[name] = median(values);
        std::cout << medians.dump(2) << "\n";
    } else {
        print(samples);
        if (!with_python)
            fmt::print("\npython3 was not there, or failed: no figures of it\n");
        fmt::print("\nmedians of {} rounds\n", rounds);
    }
}
