// What the pictures of who ran when show.
#include "event_loop.hpp"

#include <course/simulation/catch.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

void work(const std::string& what, std::chrono::nanoseconds duration) {
    course::note(what);
    course::compute(duration);
    course::note("");
}

const course::simulation::Options one_core{.strategy = course::Strategy::in_order, .cores = 1};

/// Two hundred milliseconds of work, a second in the oven, and again some work.
lab::Task<> cooks(lab::Loop& loop, std::string dish) {
    work(dish, 200ms);
    co_await loop.sleep_for(1s);
    work(dish, 200ms);
}

lab::Task<> computes(std::chrono::nanoseconds duration) {
    work("sums", duration);
    co_return;
}

}  // namespace

TEST_CASE("three dishes and one chef", "[.scene]") {
    course::simulate(
        [] {
            lab::Loop loop;
            loop.spawn(
                lab::gather(loop, cooks(loop, "soup"), cooks(loop, "fish"), cooks(loop, "cake")));
            loop.run();
        },
        one_core);
}

TEST_CASE("a job that never yields", "[.scene]") {
    course::simulate(
        [] {
            lab::Loop loop;
            loop.spawn(cooks(loop, "soup"));
            loop.spawn(cooks(loop, "fish"));
            loop.spawn(computes(2s));
            loop.run();
        },
        one_core);
}
