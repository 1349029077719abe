// From the simulation's events to lanes: what each thread did, waited for and held.
#include <course/testing/testing.hpp>
#include <course/timeline/model.hpp>

#include "events.hpp"

using namespace course::timeline;
using namespace std::chrono_literals;
using timelines::document;
using timelines::event;

namespace {

/// The spans of a lane that take time.
std::vector<Span> long_spans(const Lane& lane) {
    std::vector<Span> spans;
    for (const auto& span : lane.spans)
        if (span.end.time > span.begin.time)
            spans.push_back(span);
    return spans;
}

Run only(const std::string& lines) {
    const auto runs = read(lines);
    REQUIRE(runs.size() == 1);
    return runs[0];
}

}  // namespace

TEST_CASE("a lane shows who slept from when to when, and its note") {
    const Run run = only(timelines::two_at_one_lock());
    REQUIRE(run.lanes.size() == 3);
    CHECK(run.end.time == 40ms);
    const auto spans = long_spans(run.lanes[1]);
    REQUIRE(spans.size() == 1);
    CHECK(spans[0].activity == Activity::sleeping);
    CHECK(spans[0].begin.time == 0ms);
    CHECK(spans[0].end.time == 30ms);
    CHECK(spans[0].note == "fry <eggs>");
    CHECK(spans[0].timed_out);
    CHECK(run.lanes[1].finished);
}

TEST_CASE("who waits for a lock sees who holds it and who woke it") {
    const Run run = only(timelines::two_at_one_lock());
    const auto spans = long_spans(run.lanes[2]);
    REQUIRE(spans.size() == 2);
    CHECK(describe(spans[0]) == "waits to lock the mutex that T1 holds");
    CHECK(spans[0].end.time == 30ms);
    CHECK(spans[0].woken_by == 1);
    REQUIRE(run.lanes[1].holds.size() == 1);
    CHECK(run.lanes[1].holds[0].end.time == 30ms);
    CHECK(run.lanes[1].holds[0].contended);
    REQUIRE(run.lanes[2].holds.size() == 1);
    CHECK(run.lanes[2].holds[0].begin.time == 30ms);
    CHECK_FALSE(run.lanes[2].holds[0].contended);
    const auto main = long_spans(run.lanes[0]);
    REQUIRE(main.size() == 2);
    CHECK(describe(main[0]) == "waits for the end of T1");
    CHECK(describe(main[1]) == "waits for the end of T2");
}

TEST_CASE("a lock that changes hands parts the wait of who is still waiting") {
    const nlohmann::json lock = {{"object", "0x10"}};
    const Run run = only(
        document({event(0, 0, 1, "executes", "lock", lock), event(0, 0, 1, "takes", "lock", lock),
                  event(0, 0, 1, "waits", "sleep"), event(1, 0, 2, "waits", "lock", lock),
                  event(2, 0, 3, "waits", "lock", lock), event(0, 10, 4, "time is over", "sleep"),
                  event(0, 10, 4, "releases", "sleep", lock), event(0, 10, 4, "ends", "finish"),
                  event(1, 10, 5, "executes", "lock", lock), event(1, 10, 5, "takes", "lock", lock),
                  event(1, 10, 5, "waits", "sleep"), event(1, 30, 6, "time is over", "sleep"),
                  event(1, 30, 6, "releases", "sleep", lock), event(1, 30, 6, "ends", "finish"),
                  event(2, 30, 7, "executes", "lock", lock), event(2, 30, 7, "ends", "finish")},
                 3));
    const auto spans = long_spans(run.lanes[2]);
    REQUIRE(spans.size() == 2);
    CHECK(spans[0].holder == 0);
    CHECK(spans[0].end.time == 10ms);
    CHECK(spans[1].holder == 1);
    CHECK(spans[1].end.time == 30ms);
}

TEST_CASE("a deadlock waits for ever and a race does not") {
    const Run stuck = only(timelines::deadlock());
    CHECK(stuck.lanes[1].spans.back().for_ever);
    CHECK(describe(stuck.lanes[1].spans.back()) == "waits to lock mutex 2 that T2 holds");
    CHECK(stuck.lanes[2].spans.back().for_ever);
    CHECK(stuck.lanes[1].holds.at(0).for_ever);
    CHECK_FALSE(stuck.lanes[1].finished);
    const Run raced =
        only(document({event(0, 0, 1, "executes", "start"),
                       event(0, 0, 1, "waits", "join a thread", {{"joins", 1}}),
                       event(1, 0, 2, "executes", "start")},
                      2,
                      {{"verdict", "data race"},
                       {"race",
                        {{{"thread", 0}, {"write", true}, {"step", 1}, {"at", "a:1"}},
                         {{"thread", 1}, {"write", false}, {"step", 2}, {"at", ""}}}}}));
    CHECK_FALSE(raced.lanes[0].spans.back().for_ever);
    REQUIRE(raced.race.size() == 2);
    CHECK(raced.race[0].write);
    CHECK(raced.race[1].at.step == 2);
}

TEST_CASE("computing and wanting a core are told apart, and the cores' time is added up") {
    const Run run = only(document(
        {event(0, 0, 1, "executes", "start"), event(0, 0, 1, "waits", "compute"),
         event(1, 0, 2, "executes", "start"), event(1, 0, 2, "waits", "wait for a core"),
         event(0, 10, 3, "time is over", "compute"), event(0, 10, 3, "ends", "finish"),
         event(1, 10, 4, "executes", "wait for a core"), event(1, 10, 4, "waits", "compute"),
         event(1, 25, 5, "time is over", "compute"), event(1, 25, 5, "ends", "finish")},
        2));
    CHECK(run.computed() == 25ms);
    const auto spans = long_spans(run.lanes[1]);
    REQUIRE(spans.size() == 2);
    CHECK(spans[0].activity == Activity::wanting_core);
    CHECK(spans[1].activity == Activity::computing);
}

TEST_CASE("a line that is no timeline is refused with its number") {
    CHECK_THROWS_WITH(read(timelines::two_at_one_lock() + "{\"verdict\": 1}\n"),
                      course::testing::ContainsSubstring("line 2 is not a timeline"));
    CHECK(read("").empty());
}

TEST_CASE("times are written in the largest unit of which there is one") {
    CHECK(to_text(0s) == "0 s");
    CHECK(to_text(1s) == "1 s");
    CHECK(to_text(250ms) == "250 ms");
    CHECK(to_text(1'250ms) == "1.25 s");
    CHECK(to_text(7ns) == "7 ns");
    CHECK(to_text(1'000'001ns) == "1.000001 ms");
}

TEST_CASE("the model as JSON has every lane with its spans") {
    const auto json = nlohmann::json::parse(to_json(read(timelines::two_at_one_lock())));
    REQUIRE(json.size() == 1);
    CHECK(json[0].at("elapsed_ns") == 40'000'000);
    REQUIRE(json[0].at("lanes").size() == 3);
    CHECK(json[0].at("lanes")[1].at("spans").back().at("activity") == "running");
}
