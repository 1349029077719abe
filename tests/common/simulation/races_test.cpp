// Data races: the racy programs are caught, the right ones are not accused.
#include <course/simulation/catch.hpp>
#include <thread>

#include "programs/races.hpp"

using course::explore;
using course::Verdict;

TEST_CASE("a race is found in each racy program and none in a right one", "[instrumented]") {
    for (const auto& program : programs::race_programs()) {
        CAPTURE(program.name);
        const auto search = explore({.schedules = 300}, program.body);
        CHECK(search.verdict == (program.racy ? Verdict::race : Verdict::pass));
    }
}

TEST_CASE("a race is reported with both accesses and their lines", "[instrumented]") {
    int count = 0;
    const auto search = explore({}, [&] {
        std::thread first([&] { ++count; });
        std::thread second([&] { ++count; });
        first.join();
        second.join();
    });
    CHECK(search.verdict == Verdict::race);
    const std::string here = "races_test.cpp:";
    const auto line = search.story.find(here);
    REQUIRE(line != std::string::npos);
    CHECK(search.story.find(here, line + 1) != std::string::npos);
}
