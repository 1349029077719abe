// No false alarm: right programs pass in every schedule, and take the same virtual time in each.
#include <course/simulation/catch.hpp>
#include <cstdlib>

#include "programs/bugs.hpp"
#include "programs/right.hpp"

using course::explore;
using course::simulate;
using course::Strategy;
using course::Verdict;

namespace {

/// Schedules per program and strategy; a soak asks for more.
int schedules() {
    const char* wanted = std::getenv("SIMULATION_SCHEDULES");
    return wanted != nullptr ? std::atoi(wanted) : 60;
}

}  // namespace

TEST_CASE("a right program passes in every schedule of every strategy") {
    for (const auto& program : programs::right_programs()) {
        for (const Strategy strategy :
             {Strategy::random, Strategy::pos, Strategy::pct, Strategy::mix}) {
            CAPTURE(program.name, name(strategy));
            const auto search =
                explore({.strategy = strategy, .schedules = schedules(), .bound = 3}, program.body);
            CHECK(search.verdict == Verdict::pass);
        }
    }
}

TEST_CASE("virtual time is exact and the same in every schedule") {
    using Clock = std::chrono::steady_clock;
    for (const auto& program : programs::right_programs()) {
        if (!program.elapsed) {
            continue;
        }
        CAPTURE(program.name);
        const auto search = explore({.schedules = 40}, [&] {
            const auto start = Clock::now();
            program.body();
            course::observe((Clock::now() - start).count());
        });
        CHECK(search.outcomes == std::map<std::int64_t, int>{{program.elapsed->count(), 40}});
        CHECK(simulate(program.body).elapsed == *program.elapsed);
    }
}

TEST_CASE("a right pool passes the bounded search which says that it saw all") {
    const auto search = explore({.strategy = Strategy::bounded, .schedules = 100'000, .bound = 1},
                                programs::pool_that_shuts_down);
    CHECK(search.verdict == Verdict::pass);
    CHECK(search.exhausted);
    CHECK(search.schedules > 100);
}
