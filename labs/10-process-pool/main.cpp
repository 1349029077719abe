// Ten slow calls on one, two and four workers; what a chunk is worth; what goes wrong, and what you hear of it.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <course/process_pool/process_pool.hpp>
#include <course/testing/not_implemented.hpp>

#include "pool_map.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<lab::Item> numbers(std::size_t count) {
    std::vector<lab::Item> items;
    for (std::size_t i = 0; i < count; ++i)
        items.push_back(std::to_string(i));
    return items;
}

/// A line of the output, or what is missing for it.
void line(const std::string& what, const std::function<void()>& print) {
    std::printf("  %-28s ", what.c_str());
    std::fflush(stdout);  // else a worker has a copy of it
    try {
        print();
    } catch (const course::NotImplemented& missing) {
        std::printf("%s is not there yet\n", missing.item().c_str());
    } catch (const lab::ItemError& error) {
        std::printf("%s\n", error.what());
    }
}

lab::Result slow(const lab::Item& item) {
    std::this_thread::sleep_for(100ms);
    return item;
}

lab::Result as_it_is(const lab::Item& item) {
    return item;
}

void show_overlap() {
    std::puts("Ten calls of 0.1 s");
    for (const std::size_t workers : {1u, 2u, 4u, 10u})
        line(std::to_string(workers) + (workers == 1 ? " worker" : " workers"), [&] {
            const auto start = Clock::now();
            lab::pool_map(slow, numbers(10), workers, 1);
            std::printf("%6.1f s\n", seconds_since(start));
        });
}

/// Microseconds for each of \p count calls of \p all; the median of 5.
double cost(std::size_t count, const std::function<void()>& all) {
    std::vector<double> times;
    for (int round = 0; round < 5; ++round) {
        const auto start = Clock::now();
        all();
        times.push_back(seconds_since(start) / static_cast<double>(count) * 1e6);
    }
    std::sort(times.begin(), times.end());
    return times[2];
}

void show_chunks(course::ProcessPool& pool) {
    std::puts("\n20000 calls that do nothing, 2 workers, in us for each (median of 5)");
    std::puts("                                yours   course::ProcessPool");
    const auto items = numbers(20'000);
    for (const std::size_t chunksize : {1u, 10u, 100u, 1'000u})
        line("chunksize " + std::to_string(chunksize), [&] {
            const auto yours = [&] { lab::pool_map(as_it_is, items, 2, chunksize); };
            std::printf("%7.2f ", cost(items.size(), yours));
            std::printf("%12.2f\n",
                        cost(items.size(), [&] { pool.map(as_it_is, items, chunksize).get(); }));
        });
}

void show_failures() {
    std::puts("\nEight items, and what happens to number 5");
    const auto with_number_5 = [](const std::function<void()>& happens) {
        lab::pool_map(
            [&](const lab::Item& item) {
                if (item == "5")
                    happens();
                return item;
            },
            numbers(8), 2, 2);
        std::puts("nothing was heard of it");
    };
    line("it throws", [&] { with_number_5([] { throw std::runtime_error("no such account"); }); });
    line("it crashes", [&] { with_number_5([] { raise(SIGSEGV); }); });
    line("it calls _exit(0)", [&] { with_number_5([] { _exit(0); }); });
}

}  // namespace

int main() {
    course::ProcessPool pool({.max_workers = 2});  // while there is one thread
    show_overlap();
    show_chunks(pool);
    show_failures();
}
