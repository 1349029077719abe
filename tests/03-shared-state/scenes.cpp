// What the pictures of who ran when show.
#include <chrono>
#include <course/simulation/catch.hpp>
#include <string>
#include <thread>

#include "shared_state.hpp"

using namespace std::chrono_literals;

TEST_CASE("two transfers", "[.scene]") {
    course::explore({.schedules = 500}, [] {
        lab::Account one(100);
        lab::Account two(100);
        const std::jthread there([&] {
            course::note("one to two");
            lab::transfer(one, two, 30);
        });
        const std::jthread back([&] {
            course::note("two to one");
            lab::transfer(two, one, 50);
        });
    });
}

TEST_CASE("a queue of one", "[.scene]") {
    course::simulate([] {
        lab::BoundedQueue queue(1);
        const std::jthread chef([&] {
            for (int dish = 1; dish <= 4; ++dish) {
                course::note("dish " + std::to_string(dish));
                std::this_thread::sleep_for(1s);
                course::note("");
                queue.push(dish);
            }
            queue.close();
        });
        const std::jthread guest([&] {
            while (const auto dish = queue.pop()) {
                course::note("eats " + std::to_string(*dish));
                std::this_thread::sleep_for(3s);
                course::note("");
            }
        });
    });
}
