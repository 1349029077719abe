// Every way in which a schedule can end, and what is said about it.
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <course/simulation/catch.hpp>
#include <cstdlib>
#include <future>
#include <mutex>
#include <ostream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

using course::explore;
using course::simulate;
using course::Strategy;
using course::Verdict;
using course::simulation::Report;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Takes a lock to be put into words.
struct Guarded {
    std::mutex& mutex;
    bool operator==(const Guarded&) const { return false; }
    friend std::ostream& operator<<(std::ostream& out, const Guarded& self) {
        std::lock_guard lock(self.mutex);
        return out << "under the lock";
    }
};

int count(const std::string& text, const std::string& part) {
    int found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

int lines(const std::string& text) {
    return count(text, "\n");
}

Report look_for(Verdict verdict, const std::function<void()>& body) {
    auto search = explore({.schedules = 300}, body);
    INFO(search.story);
    CHECK(search.verdict == verdict);
    return search;
}

}  // namespace

TEST_CASE("a deadlock shows the circle and where each mutex was taken") {
    const auto search = look_for(Verdict::deadlock, [] {
        std::mutex a;
        std::mutex b;
        std::thread one([&] { std::scoped_lock first(a), second(b); });
        std::thread two([&] { std::scoped_lock first(b), second(a); });
        one.join();
        two.join();
    });
    CHECK(contains(search.story, "T1 ──waits for──▶ T2 ──waits for──▶ T1"));
    CHECK(contains(search.story, "taken by T2 at simulation/verdicts_test.cpp:"));
}

TEST_CASE("a mutex that is locked twice is a deadlock with itself") {
    const auto search = look_for(Verdict::deadlock, [] {
        std::mutex mutex;
        mutex.lock();
        mutex.lock();
    });
    CHECK(contains(search.story, "it holds itself"));
}

TEST_CASE("a mutex that std::scoped_lock is given twice is a livelock with itself") {
    // std::lock tries, gives up, and begins again: no thread waits, but none gets on.
    const auto search = look_for(Verdict::livelock, [] {
        std::mutex mutex;
        std::thread([&] { std::scoped_lock lock(mutex, mutex); }).join();
    });
    CHECK(contains(search.message, "T1 waits for itself"));
    CHECK(contains(search.story, "T1 ──waits for──▶ T1"));
    CHECK(contains(search.story, "T1 goes in circles: try to lock a mutex that it holds itself"));
    CHECK(contains(search.story, "taken by T1 at simulation/verdicts_test.cpp:"));
}

TEST_CASE("one try to lock what one holds is no failure") {
    look_for(Verdict::pass, [] {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        EXPECT(pthread_mutex_trylock(mutex.native_handle()) != 0);
    });
}

TEST_CASE("a wait that nobody ends is a deadlock") {
    const auto search = look_for(Verdict::deadlock, [] {
        std::mutex mutex;
        std::condition_variable never_notified;
        std::unique_lock lock(mutex);
        never_notified.wait(lock);
    });
    CHECK(contains(search.story, "nobody is left to notify it"));
}

TEST_CASE("a loop that waits for what nobody does is a livelock") {
    look_for(Verdict::livelock, [] {
        std::atomic<bool> never_set{false};
        std::thread thread([&] {
            while (!never_set) {
            }
        });
        thread.join();
    });
    look_for(Verdict::livelock, [] {
        std::atomic<bool> never_set{false};
        while (!never_set) {
            std::this_thread::yield();
        }
    });
}

TEST_CASE("a loop without anything to notice is a livelock too") {
    const auto search = look_for(Verdict::livelock, [] {
        volatile int number = 0;
        for (;;) {
            number = number + 1;
        }
    });
    CHECK(contains(search.story, "verdicts_test.cpp"));
}

TEST_CASE("an exception that leaves a thread is told with its text") {
    const auto search = look_for(
        Verdict::terminate, [] { std::thread([] { throw std::runtime_error("boom"); }).join(); });
    CHECK(contains(search.message, "an exception left T1: boom"));
}

TEST_CASE("a joinable thread that is destroyed terminates") {
    const auto search = look_for(Verdict::terminate, [] { std::thread thread([] {}); });
    CHECK(contains(search.message, "joinable"));
}

TEST_CASE("a thread that somebody waits for can be joined by nobody else") {
    const auto search = look_for(Verdict::terminate, [] {
        std::thread sleeper([] { std::this_thread::sleep_for(std::chrono::seconds(1)); });
        std::thread other([&] {
            if (sleeper.joinable())
                sleeper.join();
        });
        if (sleeper.joinable())
            sleeper.join();
        other.join();
    });
    CHECK(contains(search.message, "Invalid argument"));
}

TEST_CASE("exit and abort and a failed assert in a thread are told with the thread") {
    CHECK(contains(
        look_for(Verdict::terminate, [] { std::thread([] { std::exit(3); }).join(); }).message,
        "exit(3) was called in T1"));
    CHECK(contains(look_for(Verdict::terminate, [] { _exit(4); }).message, "_exit(4)"));
    CHECK(contains(look_for(Verdict::terminate, [] { std::abort(); }).message, "abort()"));
    const auto search = look_for(Verdict::terminate, [] { assert(1 + 1 == 3); });
    CHECK(contains(search.message, "assert(1 + 1 == 3) failed at"));
    CHECK(contains(search.message, "verdicts_test.cpp:"));
}

TEST_CASE("a crash is told with the thread and the line") {
    const auto search = look_for(Verdict::crash, [] {
        std::thread([] {
            volatile int* volatile nowhere = nullptr;
            *nowhere = 1;
        }).join();
    });
    CHECK(contains(search.message, "Segmentation fault in T1"));
    CHECK(contains(search.story, "verdicts_test.cpp:"));
}

namespace {

int count_down(int depth) {
    volatile char frame[1000] = {};
    frame[depth % 1000] = 1;
    return depth == 0 ? 0 : count_down(depth - 1) + frame[depth % 1000];
}

}  // namespace

TEST_CASE("a stack overflow is a crash") {
    look_for(Verdict::crash, [] { course::observe(count_down(1'000'000)); });
}

TEST_CASE("memory that is freed twice is a crash") {
    look_for(Verdict::crash, [] {
        auto* volatile number = new int(1);
        delete number;
        delete number;
    });
}

TEST_CASE("a thread that outlives the body may finish but not wait for ever") {
    const auto search = look_for(Verdict::leftover, [] {
        std::thread([] {
            std::mutex mutex;
            std::condition_variable never_notified;
            std::unique_lock lock(mutex);
            never_notified.wait(lock);
        }).detach();
    });
    CHECK(contains(search.message, "1 of its threads waits for ever"));
    const auto run =
        simulate([] { std::thread([] { std::this_thread::sleep_for(1s); }).detach(); });
    CHECK(run.verdict == Verdict::pass);
    CHECK(run.outlived == 1);
    CHECK(run.elapsed == 0s);
}

TEST_CASE("an expectation that fails shows its values") {
    const auto search = look_for(Verdict::check_failed, [] {
        int balance = 5;
        EXPECT(balance == 7);
    });
    CHECK(contains(search.message, "balance == 7"));
    CHECK(contains(search.message, "5 == 7"));
}

TEST_CASE("the story ends at the expectation that failed") {
    // The first expression that is ever written as text makes Catch2 and the streams set
    // themselves up: with locks and calls of call_once that are none of the body's business.
    const auto search = look_for(Verdict::check_failed, [] {
        std::mutex mutex;
        std::lock_guard lock(mutex);
        const double price = 4.5;
        EXPECT(price == 5.5);
    });
    const auto without_words = look_for(Verdict::check_failed, [] {
        std::mutex mutex;
        std::lock_guard lock(mutex);
        course::simulation::expect(false, "the price");
    });
    CHECK(contains(search.message, "4.5 == 5.5"));
    CHECK(contains(search.story, "lock   simulation/verdicts_test.cpp:"));
    CHECK(lines(search.story) == lines(without_words.story));
    CHECK(count(search.timeline, "\"kind\":") == count(without_words.timeline, "\"kind\":"));
    CHECK(search.fingerprint == without_words.fingerprint);
}

TEST_CASE("an expectation that fails needs nobody else to be put into words") {
    // Another thread stands in the middle of what the text of the expression asks for.
    const auto search = look_for(Verdict::check_failed, [] {
        std::mutex mutex;
        std::thread other([&] {
            std::lock_guard lock(mutex);
            std::this_thread::sleep_for(1s);
        });
        std::this_thread::sleep_for(1ms);
        EXPECT(Guarded{mutex} == Guarded{mutex});
        other.join();
    });
    CHECK(contains(search.message, "under the lock"));
}

TEST_CASE("an exception that leaves the body is a failed check in a search") {
    const auto search =
        look_for(Verdict::check_failed, [] { throw std::runtime_error("not today"); });
    CHECK(contains(search.message, "not today"));
}

TEST_CASE("an exception that leaves the body reaches the caller of simulate") {
    CHECK_THROWS_AS(simulate([] { throw std::out_of_range("here"); }), std::out_of_range);
}

TEST_CASE("simulate lets the caller see what the body wrote") {
    std::vector<int> numbers;
    CHECK(simulate([&] { std::thread([&] { numbers.push_back(7); }).join(); }).verdict ==
          Verdict::pass);
    CHECK(numbers == std::vector<int>{7});
}

TEST_CASE("a mutex may be unlocked only by who holds it") {
    CHECK(contains(look_for(Verdict::check_failed,
                            [] {
                                std::mutex mutex;
                                mutex.unlock();
                            })
                       .message,
                   "unlocks a mutex that nobody holds"));
    CHECK(contains(look_for(Verdict::check_failed,
                            [] {
                                std::mutex mutex;
                                mutex.lock();
                                std::thread([&] { mutex.unlock(); }).join();
                            })
                       .message,
                   "unlocks a mutex that T0 holds"));
}

TEST_CASE("an endless schedule meets the step limit") {
    const auto search = explore({.schedules = 1, .step_limit = 1000}, [] {
        std::mutex mutex;
        for (;;) {
            std::lock_guard lock(mutex);
        }
    });
    CHECK(search.verdict == Verdict::step_limit);
}

TEST_CASE("beyond the limit a thread can't start and there is room again when one is over") {
    const auto starts = [](std::vector<std::jthread>& threads) {
        try {
            threads.emplace_back([] { std::this_thread::sleep_for(1s); });
            return true;
        } catch (const std::system_error& error) {
            EXPECT(error.code() == std::errc::resource_unavailable_try_again);
            return false;
        }
    };
    const auto body = [&] {
        std::vector<std::jthread> threads;
        EXPECT(starts(threads));
        EXPECT(starts(threads));
        EXPECT(!starts(threads));
        EXPECT(threads.size() == 2);
        threads.front().join();
        threads.back().join();
        EXPECT(starts(threads));
    };
    CHECK(explore({.schedules = 50, .thread_limit = 2}, body).verdict == Verdict::pass);
    CHECK(simulate(body, {.strategy = Strategy::in_order, .thread_limit = 2}).elapsed == 2s);
    const auto unlimited = explore({.schedules = 50}, body);
    CHECK(unlimited.verdict == Verdict::check_failed);

    const auto unhandled =
        explore({.schedules = 50, .thread_limit = 0}, [] { std::thread([] {}).join(); });
    CHECK(unhandled.verdict == Verdict::check_failed);
    CHECK(contains(unhandled.message, "the body threw std::system_error"));
}
