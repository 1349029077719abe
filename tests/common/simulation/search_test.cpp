// The search: it finds each bug, says how, and the same schedule can be had again.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <course/simulation/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

#include "programs/bugs.hpp"

using course::explore;
using course::simulate;
using course::Strategy;
using course::Verdict;
using course::simulation::Options;
using namespace std::chrono_literals;

namespace {

/// Sets COURSE_SCHEDULE as somebody does who wants to see a schedule again.
class Wanted {
  public:
    explicit Wanted(const std::string& schedule) { setenv("COURSE_SCHEDULE", schedule.c_str(), 1); }
    ~Wanted() { unsetenv("COURSE_SCHEDULE"); }
    Wanted(const Wanted&) = delete;
    Wanted& operator=(const Wanted&) = delete;
};

}  // namespace

TEST_CASE("the default search finds each bug", "[instrumented]") {
    for (const auto& bug : programs::bugs()) {
        CAPTURE(bug.name);
        Options options{.schedules = 3000};
        options.races = bug.races;
        CHECK(explore(options, bug.body).verdict == bug.verdict);
    }
}

TEST_CASE("the bounded search finds each bug within a few preemptions", "[instrumented]") {
    for (const auto& bug : programs::bugs()) {
        CAPTURE(bug.name);
        Options options{.strategy = Strategy::bounded, .schedules = 20'000, .bound = bug.bound};
        options.races = bug.races;
        CHECK(explore(options, bug.body).verdict == bug.verdict);
    }
}

TEST_CASE("a failing schedule repeats exactly", "[instrumented]") {
    for (const auto& bug : programs::bugs()) {
        for (const Strategy strategy : {Strategy::mix, Strategy::bounded}) {
            CAPTURE(bug.name);
            Options options{.strategy = strategy, .schedules = 20'000, .bound = bug.bound};
            options.races = bug.races;
            const auto found = explore(options, bug.body);
            REQUIRE(found.verdict == bug.verdict);
            const Wanted wanted(found.schedule);
            const auto again = explore(options, bug.body);
            CHECK(again.verdict == found.verdict);
            CHECK(again.message == found.message);
            CHECK(again.fingerprint == found.fingerprint);
        }
    }
}

namespace {

/// What \p body prints to standard output, of whatever process.
std::string printed_by(const std::function<void()>& body) {
    char name[] = "/tmp/printed-XXXXXX";
    const int file = mkstemp(name);
    unlink(name);
    fflush(stdout);
    const int before = dup(STDOUT_FILENO);
    dup2(file, STDOUT_FILENO);
    body();
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), ' ');
    CHECK(pread(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    close(file);
    return text;
}

}  // namespace

TEST_CASE("a schedule that is repeated shows what the program prints") {
    const auto body = [] {
        std::thread([] { std::puts("from a thread"); }).join();
        std::printf("to the last line\n");
        EXPECT(false);
    };
    CHECK(printed_by([&] { explore({.schedules = 5}, body); }).empty());
    const Wanted wanted("0");  // the plain order
    course::simulation::Report again;
    CHECK(printed_by([&] { again = explore({.schedules = 5}, body); }) ==
          "from a thread\nto the last line\n");
    CHECK(again.verdict == Verdict::check_failed);
    CHECK(again.seed == 0);
}

TEST_CASE("a program that prints without end does not fill the disk") {
    const Wanted wanted("1");
    const auto in_steps = [] {
        for (;;) {
            std::printf("%s\n", std::string(999, 'x').c_str());
            std::this_thread::yield();
        }
    };
    const auto in_one_step = [] {
        for (;;) {
            std::puts("for ever and ever");
        }
    };
    for (const std::function<void()>& body : {std::function<void()>(in_steps), {in_one_step}}) {
        course::simulation::Report report;
        const std::string text =
            printed_by([&] { report = explore({.schedules = 5, .step_limit = 20'000}, body); });
        CHECK(report.verdict != Verdict::pass);
        CHECK(text.size() < 2'000'100);
        CHECK(text.size() > 2'000'000);
        CHECK(text.ends_with("the rest is not shown)\n"));
    }
}

TEST_CASE("the story of a long schedule says what it leaves out") {
    const auto body = [] {
        for (;;) {
            std::this_thread::sleep_for(1ms);
        }
    };
    const auto lines = [](const std::string& text) {
        return std::count(text.begin(), text.end(), '\n');
    };
    const auto found = explore({.schedules = 1, .step_limit = 50'000}, body);
    REQUIRE(found.verdict == Verdict::step_limit);
    CHECK(found.story.find("the schedule went on to step 50001") != std::string::npos);
    CHECK(lines(found.story) < 60);
    const Wanted wanted(found.schedule);
    const auto again = explore({.schedules = 1, .step_limit = 50'000}, body);
    CHECK(again.story.find("the last 10000 of ") != std::string::npos);
    CHECK(again.story.find("the schedule went on to step 50001") != std::string::npos);
    CHECK(lines(again.story) > 10'000);
    CHECK(lines(again.story) < 10'060);
    CHECK(again.story.size() < 2'000'000);
}

TEST_CASE("all failures are counted if that is asked for") {
    Options options{.strategy = Strategy::random, .schedules = 500};
    options.all_failures = true;
    const auto search = explore(options, programs::bugs().front().body);
    CHECK(search.schedules == 500);
    CHECK(search.failures > 50);
    CHECK(search.failures < 450);
    CHECK(search.verdicts.at(Verdict::deadlock) == search.failures);
}

TEST_CASE("outcomes are counted over all schedules", "[instrumented]") {
    const auto search = explore({.strategy = Strategy::random, .schedules = 300}, [] {
        std::atomic<int> x{0};
        std::atomic<int> y{0};
        int first = 0;
        int second = 0;
        std::thread one([&] {
            x = 1;
            first = y;
        });
        std::thread two([&] {
            y = 1;
            second = x;
        });
        one.join();
        two.join();
        course::observe(first * 10 + second);
    });
    CHECK(search.verdict == Verdict::pass);
    CHECK(search.outcomes.count(0) == 0);  // memory is sequentially consistent
    CHECK(search.outcomes.size() == 3);
}

TEST_CASE("jitter finds sleeping that is used as synchronisation") {
    const auto body = [] {
        std::atomic<bool> done{false};
        std::thread thread([&] { done = true; });
        std::this_thread::sleep_for(50ms);
        EXPECT(done.load());
        thread.join();
    };
    CHECK(explore({.schedules = 300}, body).verdict == Verdict::pass);
    CHECK(explore({.schedules = 300, .jitter = 0.1}, body).verdict == Verdict::check_failed);
}

TEST_CASE("spurious wake-ups find a wait without a loop") {
    const auto body = [] {
        std::mutex mutex;
        std::condition_variable changed;
        bool ready = false;
        std::thread waiter([&] {
            std::unique_lock lock(mutex);
            if (!ready) {
                changed.wait(lock);
            }
            EXPECT(ready);
        });
        {
            std::lock_guard lock(mutex);
            ready = true;
        }
        changed.notify_one();
        waiter.join();
    };
    CHECK(explore({.schedules = 300}, body).verdict == Verdict::pass);
    CHECK(explore({.schedules = 300, .spurious_wakeups = 0.1}, body).verdict ==
          Verdict::check_failed);
}

TEST_CASE("computing threads share the virtual cores") {
    const auto eight_times = [] {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([] { course::compute(100ms); });
        }
    };
    for (const auto& [cores, time] : {std::pair{1, 800ms}, {2, 400ms}, {4, 200ms}, {8, 100ms}}) {
        Options options{.strategy = Strategy::in_order};
        options.cores = cores;
        CHECK(simulate(eight_times, options).elapsed == time);
    }
}
