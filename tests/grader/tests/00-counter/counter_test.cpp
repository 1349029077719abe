// The rubric of the lab with threads: in virtual time, over many schedules.
#include <chrono>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <thread>

#include "counter.hpp"

using namespace std::chrono_literals;

TEST_CASE("no schedule loses a count", "[00.1][5 points]") {
    course::testing::hint("Who reads the counter while somebody else is about to write it?");
    const auto search =
        course::explore({.schedules = 200}, [] { EXPECT(lab::count_twice() == 2); });
    CHECK(search.verdict == course::Verdict::pass);
}

TEST_CASE("two waits of a second take a second", "[00.2][5 points]") {
    const auto wait = [] { std::this_thread::sleep_for(1s); };
    const auto run = course::simulate([&] { lab::together(wait, wait); });
    CHECK(run.verdict == course::Verdict::pass);
    CHECK(run.elapsed == 1s);
}
