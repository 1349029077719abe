// The rubric of lab 05: how long it takes, who does it, what comes out, how it ends.
#include "thread_pool.hpp"

#include <atomic>
#include <chrono>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <latch>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using course::Verdict;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::thrown_by;
using lab::Item;
using lab::Result;
using lab::ThreadPool;

namespace {

Result one_second() {
    std::this_thread::sleep_for(1s);
    return 1;
}

/// "3" takes three seconds, and its result is 3.
Result as_named(const Item& item) {
    const Result seconds = item[0] - '0';
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    return seconds;
}

/// How long \p count tasks of a second take on \p workers.
course::simulation::Report seconds_on(std::size_t workers, int count) {
    return course::simulate([=] {
        ThreadPool pool(workers);
        std::vector<std::future<Result>> futures;
        for (int i = 0; i < count; ++i)
            futures.push_back(pool.submit(one_second));
        for (auto& future : futures)
            future.get();
    });
}

void hint_about_the_worst() {
    hint("The report says which thread it was. Is each worker joined, and does none throw?");
    hint(
        "The report names two lines that touch the same memory. Which mutex do both hold? If one "
        "of "
        "them is the pool's end: has it waited for all that the other does?",
        Mishap::race);
    hint(
        "Who sleeps although there is something to do, or nothing more will ever come? Who was "
        "told of it, and when?",
        Mishap::deadlock);
    hint("A worker without a task looks again and again. What can it wait for instead?",
         Mishap::stuck);
    hint(
        "An exception has left a worker, or a thread was joined never or twice: each ends the "
        "program.",
        Mishap::crash);
}

}  // namespace

// --- 05.1 ---------------------------------------------------------------------------------------

TEST_CASE("as many tasks run at once as there are workers", "[05.1][1 point]") {
    hint_about_the_worst();
    const auto two = seconds_on(2, 2);
    CHECK(two.verdict == Verdict::pass);
    hint(
        "Two tasks of a second on two workers take a second. Do both run at once? Does a worker "
        "hold the lock while it "
        "works?");
    CHECK(two.elapsed == 1s);
    const auto asleep = course::simulate([] {
        ThreadPool pool(2);
        std::this_thread::sleep_for(1s);  // by then both workers wait
        auto first = pool.submit(one_second);
        auto second = pool.submit(one_second);
        first.get();
        second.get();
    });
    hint("Two workers sleep, two tasks come. Is there a wake-up for each?");
    CHECK(asleep.elapsed == 2s);
    hint("Two tasks of a second on one worker take two. How many work?");
    CHECK(seconds_on(1, 2).elapsed == 2s);
    hint("Ten tasks of a second on four workers take three. How many work?");
    CHECK(seconds_on(4, 10).elapsed == 3s);
    hint("A pool without workers would never do anything.");
    CHECK_THROWS_AS(ThreadPool(0), std::invalid_argument);
}

TEST_CASE("the workers stay and do one task after the other", "[05.1][1 point]") {
    hint_about_the_worst();
    std::set<std::thread::id> threads;
    const auto run = course::simulate([&] {
        std::mutex mutex;
        ThreadPool pool(3);
        std::vector<std::future<Result>> futures;
        for (int i = 0; i < 9; ++i)
            futures.push_back(pool.submit([&] {
                std::this_thread::sleep_for(1s);
                const std::lock_guard lock(mutex);
                threads.insert(std::this_thread::get_id());
                return 0L;
            }));
        for (auto& future : futures)
            future.get();
    });
    CHECK(run.verdict == Verdict::pass);
    hint("To start a thread is what a pool saves. How many threads have done the nine tasks?");
    CHECK(threads.size() == 3);
    hint(
        "Two tasks wait for each other, so it takes two workers. Has one gone home, or does it "
        "sleep? "
        "Does it ask again when it is woken?",
        Mishap::deadlock);
    const auto meeting = course::explore({.schedules = 600}, [] {
        std::latch both(2);
        const auto meet = [&] {
            both.arrive_and_wait();
            return 0L;
        };
        ThreadPool pool(2);
        for (int i = 0; i < 3; ++i)
            pool.submit([] { return 0L; });
        auto one = pool.submit(meet);
        auto other = pool.submit(meet);
        one.get();
        other.get();
    });
    CHECK(meeting.verdict == Verdict::pass);
}

TEST_CASE("tasks begin in order and an idle worker sleeps", "[05.1][1 point]") {
    hint_about_the_worst();
    std::vector<int> order;
    std::chrono::nanoseconds begun{};
    const auto run = course::simulate([&] {
        const auto start = std::chrono::steady_clock::now();
        ThreadPool pool(1);
        std::this_thread::sleep_for(1'000'003us);  // a moment that no polling would meet
        std::vector<std::future<Result>> futures;
        for (int i = 0; i < 4; ++i)
            futures.push_back(pool.submit([&, i] {
                if (i == 0)
                    begun = std::chrono::steady_clock::now() - start;
                order.push_back(i);
                return 0L;
            }));
        for (auto& future : futures)
            future.get();
    });
    CHECK(run.verdict == Verdict::pass);
    hint("First submitted, first begun.");
    CHECK(order == std::vector<int>{0, 1, 2, 3});
    hint("The task was there, and the worker came later: does it sleep and look, or is it woken?");
    CHECK(begun == 1'000'003us);
    hint("A worker without a task looks again and again. What can it wait for instead?");
    CHECK(run.steps < 2'000);
}

// --- 05.2 ---------------------------------------------------------------------------------------

TEST_CASE("what a task returns or throws is in its future and the worker goes on",
          "[05.2][1 point]") {
    hint_about_the_worst();
    Result result = 0;
    std::string thrown;
    std::string number;
    Result after = 0;
    const auto run = course::simulate([&] {
        ThreadPool pool(1);
        auto good = pool.submit([] { return 42L; });
        auto bad = pool.submit([]() -> Result { throw std::runtime_error("no such account"); });
        auto odd = pool.submit([]() -> Result { throw 7; });
        auto next = pool.submit([] { return 43L; });
        result = good.get();
        thrown = thrown_by([&] { bad.get(); });
        number = thrown_by([&] { odd.get(); });
        after = next.get();
    });
    CHECK(run.verdict == Verdict::pass);
    CHECK(result == 42);
    hint("What a task throws is for who has its future, whatever its type.");
    CHECK(thrown == "no such account");
    CHECK(number == "the number 7");
    CHECK(after == 43);
}

TEST_CASE("map gives the results in the order of the items", "[05.2][1 point]") {
    hint_about_the_worst();
    std::vector<Result> results;
    const auto few = course::simulate([&] {
        ThreadPool pool(3);
        results = pool.map(as_named, {"3", "1", "2"});
    });
    CHECK(few.verdict == Verdict::pass);
    hint("Who is done first is not first. Which future belongs to which item?");
    CHECK(results == std::vector<Result>{3, 1, 2});
    hint(
        "All are submitted before you wait for any: three tasks on three workers take as long as "
        "the longest.");
    CHECK(few.elapsed == 3s);
    const auto uneven = course::simulate([] {
        ThreadPool pool(2);
        pool.map(as_named, {"3", "1", "1", "1"});
    });
    hint("One item takes as long as three others. Who takes the next item when a worker is free?");
    CHECK(uneven.elapsed == 3s);
    const auto risks = course::simulate([] {
        ThreadPool pool(20);
        pool.map([](const Item&) { return one_second(); }, std::vector<Item>(60, "payment"));
    });
    hint("60 items of a second, 20 workers: three seconds.");
    CHECK(risks.elapsed == 3s);
}

TEST_CASE("the exception of a check comes out of map when all checks are over", "[05.2][1 point]") {
    hint_about_the_worst();
    std::string thrown;
    int checked = 0;
    const auto run = course::simulate([&] {
        ThreadPool pool(3);
        std::atomic<int> over = 0;
        thrown = thrown_by([&] {
            pool.map(
                [&](const Item& item) {
                    const Result seconds = as_named(item);
                    ++over;
                    if (seconds < 3)
                        throw std::runtime_error("risk " + item);
                    return seconds;
                },
                {"2", "3", "1"});
        });
        checked = over;
    });
    CHECK(run.verdict == Verdict::pass);
    hint("The exception came out while other checks still ran: they use what your caller owns.");
    CHECK(checked == 3);
    hint(
        "Of several exceptions the first item's comes out, not the first in time, and none is "
        "lost.");
    CHECK(thrown == "risk 2");
}

// --- 05.3 ---------------------------------------------------------------------------------------

TEST_CASE("what was submitted is done before the pool ends and nothing is accepted after",
          "[05.3][1 point]") {
    hint_about_the_worst();
    int by_shutdown = 0;
    int by_destructor = 0;
    std::string refused;
    const auto run = course::simulate([&] {
        std::atomic<int> done = 0;
        const auto task = [&done] {
            std::this_thread::sleep_for(1s);
            return static_cast<Result>(++done);
        };
        {
            ThreadPool pool(1);
            for (int i = 0; i < 3; ++i)
                pool.submit(task);
            pool.shutdown();
            by_shutdown = done;
            refused = thrown_by([&] { pool.submit(task); });
            pool.shutdown();  // does nothing more
        }
        done = 0;
        {
            ThreadPool pool(2);
            for (int i = 0; i < 5; ++i)
                pool.submit(task);
        }
        by_destructor = done;
    });
    CHECK(run.verdict == Verdict::pass);
    hint("Tasks in the queue were promised to somebody. When may a worker go home?");
    CHECK(by_shutdown == 3);
    CHECK(by_destructor == 5);
    hint("After shutdown nobody would ever do it: submit has to say so.");
    CHECK(refused != "nothing");
}

TEST_CASE("no schedule loses a task or leaves a worker asleep", "[05.3][1 point]") {
    hint_about_the_worst();
    hint("A task was lost. Who took it, or who threw it away?");
    const auto search = course::explore({.schedules = 600}, [] {
        std::atomic<int> done = 0;
        {
            ThreadPool pool(2);
            pool.submit([&] { return static_cast<Result>(++done); });
            pool.submit([&] { return static_cast<Result>(++done); });
        }
        EXPECT(done == 2);
    });
    CHECK(search.verdict == Verdict::pass);
    const auto idle = course::explore({.schedules = 600}, [] { const ThreadPool pool(3); });
    CHECK(idle.verdict == Verdict::pass);
    hint("Two call shutdown at once. Who joins the workers, and how does the other one know?",
         Mishap::race);
    hint("A thread is joined once. Who does it, if two call shutdown at once?", Mishap::crash);
    const auto twice = course::explore({.schedules = 600}, [] {
        ThreadPool pool(2);
        const std::jthread other([&] { pool.shutdown(); });
        pool.shutdown();
    });
    CHECK(twice.verdict == Verdict::pass);
}

TEST_CASE("a task submitted beside a shutdown is done or refused", "[05.3][1 point]") {
    hint_about_the_worst();
    hint(
        "It was accepted, and nobody did it. Where is the flag looked at, and where is the task "
        "put into the queue?");
    const auto search = course::explore({.schedules = 600}, [] {
        std::atomic<bool> done = false;
        std::optional<std::future<Result>> accepted;
        {
            ThreadPool pool(1);
            const std::jthread other([&] {
                try {
                    accepted = pool.submit([&] {
                        done = true;
                        return 0L;
                    });
                } catch (const std::runtime_error&) {
                }
            });
            pool.shutdown();
        }
        EXPECT(done == accepted.has_value());
    });
    CHECK(search.verdict == Verdict::pass);
}

// --- 05.4 ---------------------------------------------------------------------------------------

TEST_CASE("a task may submit another one", "[05.4][1 point]") {
    hint_about_the_worst();
    hint(
        "Somebody waits for what never comes: a lock, room, a wake-up. Could only the worker that "
        "waits give it? Or has nobody told it of the task?",
        Mishap::deadlock);
    std::chrono::nanoseconds submitting{};
    const auto run = course::simulate([&] {
        ThreadPool pool(1);
        std::future<Result> inner;
        pool.submit([&] {
                const auto start = std::chrono::steady_clock::now();
                inner = pool.submit(one_second);
                submitting = std::chrono::steady_clock::now() - start;
                return 0L;
            })
            .get();
        inner.get();
    });
    CHECK(run.verdict == Verdict::pass);
    hint("submit returns at once, also in a task: who does what it has submitted?");
    CHECK(submitting == 0s);
    hint("A task of the pool has submitted another one: it must be done, too.");
    const auto search = course::explore({.schedules = 400}, [] {
        std::atomic<int> done = 0;
        ThreadPool pool(1);
        std::future<Result> inner;
        auto outer = pool.submit([&] {
            inner = pool.submit([&] { return static_cast<Result>(++done); });
            return static_cast<Result>(++done);
        });
        EXPECT(outer.get() > 0);
        EXPECT(inner.get() > 0);
        EXPECT(done == 2);
    });
    CHECK(search.verdict == Verdict::pass);
}
