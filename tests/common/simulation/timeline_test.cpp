// What a simulation writes down for the pictures of who ran when.
#include <unistd.h>

#include <course/simulation/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using course::explore;
using course::simulate;
using course::Strategy;
using namespace std::chrono_literals;

TEST_CASE("the timeline is JSON with every step") {
    const auto run = simulate([] { std::thread([] { std::this_thread::sleep_for(1s); }).join(); });
    CHECK(run.timeline.find("\"elapsed_ns\":1000000000") != std::string::npos);
    CHECK(run.timeline.find("\"operation\":\"sleep\"") != std::string::npos);
}

namespace {

/// The documents that \p body leaves in a file named by COURSE_TIMELINE.
std::vector<std::string> timelines_of(const std::function<void()>& body) {
    char file[] = "/tmp/timeline-XXXXXX";
    close(mkstemp(file));
    setenv("COURSE_TIMELINE", file, 1);
    body();
    unsetenv("COURSE_TIMELINE");
    std::ifstream in(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    unlink(file);
    return lines;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("each simulation appends its timeline to the file that was asked for") {
    const auto sleep = [] { std::this_thread::sleep_for(1s); };
    const auto lines = timelines_of([&] {
        simulate(sleep, {.strategy = Strategy::in_order, .cores = 3, .title = "a nap"});
        explore({.schedules = 5}, sleep);
        explore({.schedules = 5}, [] { course::simulation::expect(false, "no"); });
    });
    REQUIRE(lines.size() == 3);
    CHECK(has(lines[0], "\"title\":\"a nap\""));
    CHECK(has(lines[0], "\"cores\":3"));
    CHECK(has(lines[0], "timeline_test.cpp:"));  // places, although it passed
    CHECK(has(lines[1], "\"verdict\":\"pass\""));
    CHECK(has(lines[1], "\"operation\":\"sleep\""));  // the plain order
    CHECK(has(lines[2], "\"verdict\":\"check failed\""));
    CHECK(timelines_of([] {}).empty());
}

TEST_CASE("the timeline says what a thread notes, holds and is woken by") {
    const auto run = simulate([] {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::thread other([&] {
            course::note("wants it");
            mutex.lock();
            mutex.unlock();
        });
        std::this_thread::sleep_for(10ms);
        lock.unlock();
        other.join();
    });
    CHECK(has(run.timeline, "\"note\":\"wants it\""));
    CHECK(has(run.timeline, "\"kind\":\"takes\""));
    CHECK(has(run.timeline, "\"kind\":\"releases\""));
    CHECK(has(run.timeline, "\"woken_by\":0"));
    CHECK(has(run.timeline, "\"joins\":1"));
    CHECK(has(run.timeline, "\"kind\":\"ends\""));
}

TEST_CASE("a hundred years are drawn") {
    constexpr std::chrono::hours hundred_years(100 * 365 * 24);
    const auto run = simulate([&] {
        std::thread half([&] { std::this_thread::sleep_for(hundred_years / 2); });
        std::this_thread::sleep_for(hundred_years);
        half.join();
        EXPECT(false);
    });
    CHECK(has(run.story, "|" + std::string(30, 'z') + std::string(30, ' ') + "|"));
    CHECK(has(run.story, "3153600000 s"));
}

TEST_CASE("a note is no step") {
    const auto steps = [](bool notes) {
        return simulate([notes] {
                   for (int i = 0; i < 10; ++i) {
                       if (notes) {
                           course::note("again");
                       }
                       std::this_thread::yield();
                   }
               })
            .fingerprint;
    };
    CHECK(steps(true) == steps(false));
    course::note("outside of a simulation it does nothing");
}
