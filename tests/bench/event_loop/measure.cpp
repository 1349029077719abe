// What a turn in lab 14's loop costs, and a sleep: `./course bench loop`. Beside it a bare coroutine's resume, which
// is the limit, a hand-over between threads and, where there is python3, asyncio.
//
// All are measured in turn, in rounds, in one run; the table has the medians.
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "event_loop.hpp"
#include "measuring.hpp"
#include "switches.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using bench::median;
using bench::Samples;
using bench::seconds_since;

constexpr int jobs = 100;
constexpr int turns = 1'000;  // short enough to fit between two interruptions, mostly
constexpr int sleepers = 100'000;
constexpr int hand_overs = 5'000;

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
    const bench::Options options = bench::options(argc, argv, 9);
    Samples samples;
    bool with_python = !options.script.empty();
    for (int round = 0; round < options.rounds; ++round) {
        for (int again = 0; again < 9; ++again) {
            samples["bare resume"].push_back(bench::bare_resume(jobs, turns));
            samples["switch"].push_back(switch_in_loop());
        }
        samples["sleep"].push_back(sleep_in_loop());
        samples["hand-over"].push_back(bench::thread_hand_over(hand_overs));
        if (with_python)
            with_python = bench::add_python(samples, options.script, "");
    }
    if (options.json) {
        bench::print_medians(samples);
    } else {
        print(samples);
        bench::print_closing(options.rounds, with_python);
    }
}
