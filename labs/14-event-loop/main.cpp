// One chef, many dishes: two articles' programs, what starves, 100,000 sleepers and what each takes.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "event_loop.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A part of the output, or what is missing for it.
void part(const char* title, const std::function<void()>& print) {
    std::printf("%s\n", title);
    try {
        print();
    } catch (const course::NotImplemented& missing) {
        std::printf("  not there yet: %s\n", missing.item().c_str());
    }
    std::puts("");
}

/// Run \p job and all that it spawns, and say how long that took.
void run(lab::Loop& loop, lab::Task<> task) {
    const auto start = Clock::now();
    const lab::Job job = loop.spawn(std::move(task));
    loop.run();
    job.result();
    std::printf("  %.2f s\n", seconds_since(start));
}

//! [count]
lab::Task<> count(lab::Loop& loop) {
    std::printf("  One");
    co_await loop.sleep_for(1s);
    std::printf("  Two");
}

lab::Task<> three_counts(lab::Loop& loop) {
    co_await lab::gather(loop, count(loop), count(loop), count(loop));
}
//! [count]

lab::Task<> foo_or_bar(lab::Loop& loop, const char* name) {
    std::printf("  %s begins", name);
    co_await loop.sleep_for(1s);
    std::printf("  %s ends", name);
}

lab::Task<> sleeper(lab::Loop& loop, Clock::time_point start) {
    co_await loop.sleep_for(100ms);
    std::printf("  slept for 0.1 s, says the sleeper after %.1f s\n", seconds_since(start));
}

/// Computes for half a second, and gives way each \p step, if at all.
lab::Task<> computes(lab::Loop& loop, std::chrono::milliseconds step) {
    for (auto left = 500ms; left > 0ms; left -= step) {
        for (const auto begin = Clock::now(); Clock::now() - begin < step;) {
        }
        co_await loop.yield();
    }
}

void show_starving(std::chrono::milliseconds step) {
    lab::Loop loop;
    loop.spawn(sleeper(loop, Clock::now()));
    loop.spawn(computes(loop, step));
    loop.run();
}

/// Resident memory of this process, in bytes.
double memory() {
    std::ifstream file("/proc/self/statm");
    double all = 0, resident = 0;
    file >> all >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

lab::Task<> sleeps(lab::Loop& loop, int& asleep, double& at_most) {
    if (++asleep == 100'000)
        at_most = memory();
    co_await loop.sleep_for(1s);
}

void show_sleepers() {
    const double before = memory();
    double at_most = 0;
    int asleep = 0;
    const auto start = Clock::now();
    {
        lab::Loop loop;
        for (int i = 0; i < 100'000; ++i)
            loop.spawn(sleeps(loop, asleep, at_most));
        loop.run();
    }
    std::printf("  100,000 jobs:   %.2f s, %6.0f bytes each\n", seconds_since(start),
                (at_most - before) / 100'000);
}

void show_threads() {
    constexpr int threads = 1'000;
    const double before = memory();
    double at_most = 0;
    const auto start = Clock::now();
    {
        std::vector<std::jthread> all;
        for (int i = 0; i < threads; ++i)
            all.emplace_back([] { std::this_thread::sleep_for(1s); });
        at_most = memory();
    }
    std::printf("    1,000 threads: %.2f s, %6.0f bytes each, and 8 MiB of addresses\n",
                seconds_since(start), (at_most - before) / threads);
}

lab::Task<> cancel_after(lab::Loop& loop, lab::Job late, std::chrono::nanoseconds limit) {
    co_await loop.sleep_for(limit);
    late.cancel();
}

/// A timeout, made of what the loop has.
lab::Task<> patient_for(lab::Loop& loop, std::chrono::nanoseconds limit, lab::Task<> task) {
    //! [timeout]
    const lab::Job job = loop.spawn(std::move(task));
    lab::Job clock = loop.spawn(cancel_after(loop, job, limit));
    co_await loop.join(job);
    clock.cancel();
    job.result();
    //! [timeout]
}

lab::Task<> bakes(lab::Loop& loop, const char* what, std::chrono::nanoseconds duration) {
    try {
        co_await loop.sleep_for(duration);
        std::printf("  %s: done", what);
    } catch (const lab::Cancelled&) {
        std::printf("  %s: cancelled", what);
    }
}

}  // namespace

int main() {
    std::setbuf(stdout, nullptr);
    part("Three times count(), gathered", [] {
        lab::Loop loop;
        run(loop, three_counts(loop));
    });
    part("foo and bar, on one thread", [] {
        lab::Loop loop;
        run(loop, lab::gather(loop, foo_or_bar(loop, "foo"), foo_or_bar(loop, "bar")));
    });
    part("A cake that takes an hour, and patience for 0.2 s", [] {
        lab::Loop loop;
        run(loop, patient_for(loop, 200ms, bakes(loop, "cake", 1h)));
    });
    part("A job computes for 0.5 s and never yields", [] { show_starving(500ms); });
    part("A job computes for 0.5 s and yields every 10 ms", [] { show_starving(10ms); });
    part("All sleep for a second", [] {
        show_sleepers();
        show_threads();
    });
}
