// Lab 20's program: what two tasks of the articles need, how long each way would take, and what rules of thumb cost.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

#include "choosing.hpp"
#include "given.hpp"
#include "rules.hpp"

namespace {

using namespace std::chrono_literals;
using lab::microseconds;

constexpr const char* names[] = {"serial",     "thread per task",     "threads",
                                 "64 threads", "processes",           "processes, chunks",
                                 "coroutines", "threads in processes"};

const char* name(lab::Way way) {
    return names[static_cast<std::size_t>(way)];
}

microseconds now(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return std::chrono::duration_cast<microseconds>(std::chrono::seconds(time.tv_sec) +
                                                    std::chrono::nanoseconds(time.tv_nsec));
}

/// Run \p task often, 100 at a time: one is too short for a clock of microseconds.
std::vector<lab::Sample> samples(const std::function<void()>& task) {
    std::vector<lab::Sample> all;
    for (int run = 0; run < 11; ++run) {
        const auto wall = now(CLOCK_MONOTONIC);
        const auto cpu = now(CLOCK_THREAD_CPUTIME_ID);
        for (int i = 0; i < 100; ++i)
            task();
        all.push_back({now(CLOCK_MONOTONIC) - wall, now(CLOCK_THREAD_CPUTIME_ID) - cpu});
    }
    return all;
}

void read_random() {
    std::array<char, 100> bytes;
    const int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, bytes.data(), bytes.size()) < 0)
        std::puts("  /dev/urandom can't be read");
    close(file);
}

void sum_of_squares() {
    volatile long limit = 10'000;
    volatile long sum = 0;
    long squares = 0;
    for (long i = 0; i < limit; ++i)
        squares += i * i;
    sum = squares;
    (void)sum;
}

void show_needs(const char* what, const std::function<void()>& task) {
    const lab::Needs needs = lab::needs(samples(task));
    std::printf("  %-36s computes %8.1f us, waits %8.1f us: %3.0f %% wait\n", what,
                static_cast<double>(needs.cpu.count()) / 100,
                static_cast<double>(needs.wait.count()) / 100, 100 * lab::blocking_share(needs));
}

void show_predictions() {
    const lab::Work page{
        .tasks = 1000, .cpu = 200us, .wait = 20ms, .awaitable = true, .bytes = 4096, .cores = 2};
    for (const lab::Way way : lab::ways) {
        const auto time = lab::predict(page, way, lab::this_machine);
        std::printf("  %-24s %10s\n", name(way),
                    time ? (std::to_string(time->count()) + " s").c_str() : "can't be done");
    }
}

void show_rule(const std::string& what, const lab::Rule& rule) {
    const auto wrong = lab::refute(rule, lab::given);
    std::printf("  %-36s %8.2f", what.c_str(), lab::mean_regret(rule, lab::given));
    if (wrong) {
        const lab::Work& work = lab::given[wrong->row].work;
        std::printf("   %7.1f x: %d tasks, %s %lld us, compute %lld us, %d processor%s: %s",
                    wrong->regret, work.tasks, work.awaitable ? "await" : "wait",
                    static_cast<long long>(work.wait.count()),
                    static_cast<long long>(work.cpu.count()), work.cores,
                    work.cores == 1 ? "" : "s", name(wrong->best));
    }
    std::puts("");
}

/// Do \p part, or say what is missing.
void show(const char* title, const std::function<void()>& part) {
    std::printf("%s\n", title);
    try {
        part();
    } catch (const course::NotImplemented& missing) {
        std::printf("  not there yet: %s\n", missing.item().c_str());
    }
    std::puts("");
}

}  // namespace

int main() {
    show("What a task needs, on this machine", [] {
        show_needs("read 100 bytes of /dev/urandom", read_random);
        show_needs("sum of squares up to 10,000", sum_of_squares);
        show_needs("sleep for 100 us", [] { std::this_thread::sleep_for(100us); });
    });
    show("1000 pages: each is waited for, 20 ms, then parsed, 0.2 ms", show_predictions);
    show("Regret on the given table: mean, and where it is largest", [] {
        for (const auto& [what, rule] : lab::rules_of_thumb())
            show_rule(what, rule);
        show_rule("yours", [](const lab::Work& work) -> std::optional<lab::Way> {
            return lab::choose(work, lab::this_machine);
        });
    });
}
