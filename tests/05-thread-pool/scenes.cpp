// What the pictures of who ran when show.
#include <chrono>
#include <course/simulation/catch.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "thread_pool.hpp"

using namespace std::chrono_literals;

TEST_CASE("ten tasks on four workers", "[.scene]") {
    course::simulate([] {
        lab::ThreadPool pool(4);
        std::vector<std::future<lab::Result>> futures;
        for (int i = 1; i <= 10; ++i)
            futures.push_back(pool.submit([i] {
                course::note("task " + std::to_string(i));
                std::this_thread::sleep_for(1s);
                course::note("");
                return 0L;
            }));
        for (auto& future : futures)
            future.get();
    });
}

TEST_CASE("closing time", "[.scene]") {
    course::explore({.schedules = 600}, [] { const lab::ThreadPool pool(2); });
}
