// Scenes of the lab with threads, for the tests of the pictures.
#include <chrono>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <thread>

#include "counter.hpp"

using namespace std::chrono_literals;

namespace {

void wait(const char* what) {
    course::note(what);
    std::this_thread::sleep_for(1s);
}

}  // namespace

TEST_CASE("two waits", "[.scene]") {
    course::simulate([] { lab::together([] { wait("one"); }, [] { wait("two"); }); });
}

TEST_CASE("beside it", "[.scene]") {
    course::simulate([] { course::compute(20ms); },
                     {.strategy = course::Strategy::in_order, .cores = 1, .title = "alone"});
    course::simulate([] { lab::together([] { course::compute(20ms); }, [] { wait("two"); }); });
}

TEST_CASE("nothing at all", "[.scene]") {
    CHECK(true);
}
