// Your pool on a real clock: tasks that wait, and what a task costs beside Boost's pool and a thread per task.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "thread_pool.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// --- Tasks that wait -----------------------------------------------------------------------------

lab::Result tenth_of_a_second() {
    std::this_thread::sleep_for(100ms);
    return 1;
}

void show_seconds(std::size_t workers, int tasks) {
    const auto start = Clock::now();
    lab::ThreadPool pool(workers);
    std::vector<std::future<lab::Result>> futures;
    for (int i = 0; i < tasks; ++i)
        futures.push_back(pool.submit(tenth_of_a_second));
    for (auto& future : futures)
        future.get();
    std::printf("  %2d tasks on %2zu workers   %.1f s\n", tasks, workers, seconds_since(start));
}

void show_waiting() {
    std::puts("Tasks of 0.1 s");
    try {
        show_seconds(2, 2);
        show_seconds(1, 2);
        show_seconds(4, 10);
        const auto start = Clock::now();
        lab::ThreadPool pool(20);
        pool.map([](const lab::Item&) { return tenth_of_a_second(); },
                 std::vector<lab::Item>(60, "payment"));
        std::printf("  60 items on 20 workers   %.1f s\n", seconds_since(start));
    } catch (const course::NotImplemented& missing) {
        std::printf("  %s is not there yet\n", missing.item().c_str());
    }
}

// --- What a task costs ---------------------------------------------------------------------------

constexpr std::size_t workers = 2;

/// Nanoseconds for each of \p tasks tasks that do nothing, with a future for each.
using Way = std::function<void(std::vector<std::future<lab::Result>>&)>;

double cost(const Way& submit_all) {
    std::vector<std::future<lab::Result>> futures;
    const auto start = Clock::now();
    submit_all(futures);
    for (auto& future : futures)
        future.get();
    return seconds_since(start) / static_cast<double>(futures.size()) * 1e9;
}

/// The same with the pool that Boost has.
std::future<lab::Result> submit(boost::asio::thread_pool& pool, lab::Task task) {
    std::packaged_task<lab::Result()> packaged(std::move(task));
    std::future<lab::Result> future = packaged.get_future();
    boost::asio::post(pool, std::move(packaged));
    return future;
}

lab::Result nothing() {
    return 0;
}

void show_costs() {
    std::puts(
        "\nA task that does nothing, with its future, 2 workers, in ns (median of 9 rounds, in "
        "turn)");
    constexpr int many = 20'000;
    const std::pair<const char*, Way> ways[] = {
        {"boost::asio::thread_pool",
         [](auto& futures) {
             boost::asio::thread_pool pool(workers);
             for (int i = 0; i < many; ++i)
                 futures.push_back(submit(pool, nothing));
             pool.join();
         }},
        {"yours",
         [](auto& futures) {
             lab::ThreadPool pool(workers);
             for (int i = 0; i < many; ++i)
                 futures.push_back(pool.submit(nothing));
         }},
        {"a thread per task (std::async)",
         [](auto& futures) {
             for (int i = 0; i < 200; ++i) {
                 futures.push_back(std::async(std::launch::async, nothing));
                 futures.back().wait();
             }
         }},
    };
    std::vector<std::vector<double>> times(3);
    for (int round = 0; round < 9; ++round)
        for (std::size_t i = 0; i < 3; ++i)
            try {
                times[i].push_back(cost(ways[i].second));
            } catch (const course::NotImplemented&) {
                times[i].push_back(0);
            }
    for (auto& of_one : times)
        std::sort(of_one.begin(), of_one.end());
    for (std::size_t i = 0; i < 3; ++i) {
        if (times[i][4] > 0)
            std::printf("  %-32s %8.0f   %6.2f x\n", ways[i].first, times[i][4],
                        times[i][4] / times[0][4]);
        else
            std::printf("  %-32s not there yet\n", ways[i].first);
    }
}

}  // namespace

int main() {
    show_waiting();
    show_costs();
}
