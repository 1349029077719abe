// The rubric of lab 03: what holds in every schedule, whoever runs when.
#include "shared_state.hpp"

#include <atomic>
#include <chrono>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using course::Strategy;
using course::Verdict;
using course::testing::hint;
using course::testing::Mishap;
using lab::Account;
using lab::BoundedQueue;

namespace {

void hint_about_races() {
    hint("The report names two lines that touch the same memory. Which mutex do both hold?",
         Mishap::race);
}

/// What the calls of a thread have brought, read after it is joined.
template <class T>
class Result {
  public:
    template <class Body>
    explicit Result(Body body) : thread_([this, body] { value_ = body(); }) {}
    T get() {
        thread_.join();
        return value_;
    }

  private:
    T value_{};
    std::jthread thread_;
};

}  // namespace

// --- 03.1 ---------------------------------------------------------------------------------------

TEST_CASE("no schedule loses a deposit and anybody may look", "[03.1][1 point]") {
    hint_about_races();
    hint("Read, add and write are three steps: who may come between?");
    const auto two = course::explore({.schedules = 300}, [] {
        Account account(0);
        {
            const std::jthread one([&] { account.deposit(50); });
            const std::jthread other([&] { account.deposit(70); });
        }
        EXPECT(account.balance() == 120);
    });
    CHECK(two.verdict == Verdict::pass);
    const auto look = course::explore({.schedules = 300}, [] {
        Account account(10);
        const std::jthread one([&] { account.deposit(50); });
        const long seen = account.balance();
        EXPECT((seen == 10 || seen == 60));
    });
    hint("Every deposit counts, before or after you look, and never half.");
    CHECK(look.verdict == Verdict::pass);
}

// --- 03.2 ---------------------------------------------------------------------------------------

TEST_CASE("of two who take the last money one gets it", "[03.2][1 point]") {
    hint_about_races();
    hint(
        "Both looked, and there was enough for one. What may happen between the look and the act?");
    const auto search = course::explore({.schedules = 300}, [] {
        Account account(100);
        Result<bool> one([&] { return account.withdraw(60); });
        Result<bool> two([&] { return account.withdraw(60); });
        EXPECT(one.get() + two.get() == 1);
        EXPECT(account.balance() == 40);
    });
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("nobody takes what is not there", "[03.2][1 point]") {
    bool all = false;
    bool more = true;
    long left = -1;
    const auto run = course::simulate([&] {
        Account account(100);
        all = account.withdraw(100);
        more = account.withdraw(1);
        left = account.balance();
    });
    hint("One thread locks a mutex that it has: who else in your code takes it?");
    CHECK(run.verdict == Verdict::pass);
    hint("Exactly what is there may be taken.");
    CHECK(all);
    hint("If there is not enough, nothing changes.");
    CHECK_FALSE(more);
    CHECK(left == 0);
}

// --- 03.3 ---------------------------------------------------------------------------------------

TEST_CASE("transfers in opposite directions end and lose nothing", "[03.3][1 point]") {
    hint_about_races();
    hint("Each has one account and waits for the other. In which order does everybody lock?",
         Mishap::deadlock);
    hint("Two threads hold one lock each and try the other again and again. Who lets go?",
         Mishap::stuck);
    hint("What leaves one account arrives in the other, or nothing moves at all.");
    const auto search = course::explore({.schedules = 500}, [] {
        Account one(100);
        Account two(100);
        {
            const std::jthread there([&] { lab::transfer(one, two, 30); });
            const std::jthread back([&] { lab::transfer(two, one, 50); });
        }
        EXPECT(one.balance() == 120);
        EXPECT(two.balance() == 80);
    });
    CHECK(search.verdict == Verdict::pass);
    const auto others = course::explore({.schedules = 500}, [] {
        Account one(100);
        Account two(100);
        {
            const std::jthread there([&] { lab::transfer(one, two, 30); });
            const std::jthread taker([&] { EXPECT(one.withdraw(30)); });
            two.deposit(10);
        }
        EXPECT(one.balance() == 40);
        EXPECT(two.balance() == 140);
    });
    CHECK(others.verdict == Verdict::pass);
}

TEST_CASE("nobody sees money on its way", "[03.3][1 point]") {
    hint_about_races();
    hint("Each has one account and waits for the other. In which order does everybody lock?",
         Mishap::deadlock);
    hint("Two threads hold one lock each and try the other again and again. Who lets go?",
         Mishap::stuck);
    hint(
        "Two transfers looked, and there was enough for one. Were both locks held from the look to "
        "the act?");
    const auto last = course::explore({.schedules = 500}, [] {
        Account one(100);
        Account two(0);
        Account three(0);
        Result<bool> first([&] { return lab::transfer(one, two, 60); });
        Result<bool> second([&] { return lab::transfer(one, three, 60); });
        EXPECT(first.get() + second.get() == 1);
    });
    CHECK(last.verdict == Verdict::pass);
    hint("For a moment the money was in neither account, or in both. Who could look just then?");
    const auto search = course::explore({.schedules = 500}, [] {
        Account one(100);
        Account two(0);
        Account three(0);
        Result<bool> first([&] { return lab::transfer(one, two, 60); });
        Result<bool> second([&] { return lab::transfer(one, three, 60); });
        EXPECT((lab::total(two, one) == 100 || lab::total(one, two) == 40));
        EXPECT(first.get() + second.get() == 1);
        EXPECT(lab::total(one, two) + three.balance() == 100);
    });
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("a transfer to the same account moves nothing", "[03.3][1 point]") {
    bool enough = false;
    bool not_enough = true;
    long after = 0;
    long in_both = 0;
    const auto run = course::simulate([&] {
        Account account(100);
        enough = lab::transfer(account, account, 100);
        not_enough = lab::transfer(account, account, 101);
        after = account.balance();
        in_both = lab::total(account, account);
    });
    hint("Both accounts may be the same. Then one thread takes one mutex twice.");
    CHECK(run.verdict == Verdict::pass);
    hint(
        "From an account to itself: nothing changes, and the answer is whether there was so much.");
    CHECK(enough);
    CHECK_FALSE(not_enough);
    CHECK(after == 100);
    hint("The same account twice is one account.");
    CHECK(in_both == 100);
}

// --- 03.4 ---------------------------------------------------------------------------------------

TEST_CASE("who pushes waits for room and who pops for a number", "[03.4][1 point]") {
    std::chrono::nanoseconds pushed{};
    std::chrono::nanoseconds popped{};
    std::vector<int> numbers;
    hint(
        "Somebody waits although what they wait for is there. Who looks before they wait, and who "
        "tells them?",
        Mishap::deadlock);
    const auto run = course::simulate([&] {
        const auto start = std::chrono::steady_clock::now();
        const auto now = [&] { return std::chrono::steady_clock::now() - start; };
        BoundedQueue queue(2);
        std::jthread chef([&] {
            for (const int number : {1, 2, 3})
                queue.push(number);  // there is room for two
            pushed = now();
            std::this_thread::sleep_for(1s);
            queue.push(4);
        });
        std::this_thread::sleep_for(1s);
        for (int i = 0; i < 4; ++i)
            numbers.push_back(queue.pop().value_or(-1));
        popped = now();
        queue.close();
    });
    CHECK(run.verdict == Verdict::pass);
    hint("First in, first out.");
    CHECK(numbers == std::vector<int>{1, 2, 3, 4});
    hint("There was room for two. Who waits for what, and is told at once when it is there?");
    CHECK(pushed == 1s);
    CHECK(popped == 2s);
    hint("Without room nobody could ever push.");
    CHECK_THROWS_AS(BoundedQueue(0), std::invalid_argument);
}

TEST_CASE("no schedule loses a number or wakes nobody", "[03.4][1 point]") {
    hint_about_races();
    hint(
        "Everybody waits. Who was told, and could they do anything with it? A notify that nobody "
        "hears yet is lost.",
        Mishap::deadlock);
    hint("Somebody took from an empty queue: after a wake-up, is it still true?", Mishap::crash);
    hint(
        "After a wake-up, is it still true? Somebody may have been faster, and a wake-up may have "
        "no reason at all.");
    const auto body = [] {
        BoundedQueue queue(1);
        Result<int> one([&] { return queue.pop().value_or(-1); });
        Result<int> two([&] { return queue.pop().value_or(-1); });
        const std::jthread chef([&] { queue.push(2); });
        const std::jthread another([&] { queue.push(3); });
        EXPECT(one.get() * two.get() == 6);
    };
    const auto search = course::explore({.schedules = 600, .spurious_wakeups = 0.02}, body);
    CHECK(search.verdict == Verdict::pass);
    const auto many = course::explore({.schedules = 600}, [] {
        BoundedQueue queue(1);
        std::vector<std::unique_ptr<Result<int>>> guests;
        for (int i = 0; i < 2; ++i)
            guests.push_back(std::make_unique<Result<int>>(
                [&] { return queue.pop().value_or(0) + queue.pop().value_or(0); }));
        {
            const std::jthread chef([&] { queue.push(1), queue.push(10); });
            const std::jthread another([&] { queue.push(100), queue.push(1000); });
        }
        EXPECT(guests[0]->get() + guests[1]->get() == 1111);
    });
    CHECK(many.verdict == Verdict::pass);
    const auto crowd = course::explore({.schedules = 600}, [] {
        BoundedQueue queue(1);
        std::atomic<int> inside = 1;  // at least so many are in it
        queue.push(0);
        const auto bring = [&] {
            queue.push(1);
            EXPECT(++inside <= 1);
        };
        const std::jthread one(bring);
        const std::jthread two(bring);
        --inside;
        queue.pop();
        --inside;
        queue.pop();
    });
    CHECK(crowd.verdict == Verdict::pass);
    const auto hungry = course::explore({.schedules = 600}, [] {
        BoundedQueue queue(2);
        Result<int> one([&] { return queue.pop().value_or(-1); });
        Result<int> two([&] { return queue.pop().value_or(-1); });
        queue.push(2);
        queue.push(3);
        EXPECT(one.get() * two.get() == 6);
    });
    CHECK(hungry.verdict == Verdict::pass);
    const auto busy = course::explore({.schedules = 600}, [] {
        BoundedQueue queue(2);
        queue.push(1);
        queue.push(2);
        Result<bool> one([&] { return queue.push(3); });
        Result<bool> two([&] { return queue.push(4); });
        queue.pop();
        queue.pop();
        EXPECT(one.get() + two.get() == 2);
    });
    CHECK(busy.verdict == Verdict::pass);
}

// --- 03.5 ---------------------------------------------------------------------------------------

TEST_CASE("a closed queue gives what is there and takes nothing", "[03.5][1 point]") {
    bool accepted = true;
    std::optional<int> there;
    std::optional<int> nothing = 1;
    hint("Closed and empty: what should pop wait for?", Mishap::deadlock);
    const auto run = course::simulate([&] {
        BoundedQueue queue(2);
        queue.push(7);
        queue.close();
        accepted = queue.push(8);
        there = queue.pop();
        nothing = queue.pop();
    });
    CHECK(run.verdict == Verdict::pass);
    hint("After close nothing more is accepted.");
    CHECK_FALSE(accepted);
    hint("What was pushed before the close is still there for somebody.");
    CHECK(there == std::optional<int>(7));
    CHECK(nothing == std::nullopt);
}

TEST_CASE("close wakes everybody who waits", "[03.5][1 point]") {
    hint_about_races();
    hint(
        "Some still wait after the close. How many did you tell, and of which kind? Could one have "
        "asked just before, and "
        "wait just after?",
        Mishap::deadlock);
    hint("Who was woken by the close got nothing: pop gives nullopt, push gives false.");
    const auto search = course::explore({.schedules = 500}, [] {
        BoundedQueue empty(1);
        BoundedQueue full(1);
        full.push(1);
        Result<bool> one([&] { return empty.pop().has_value(); });
        Result<bool> two([&] { return empty.pop().has_value(); });
        Result<bool> three([&] { return full.push(2); });
        Result<bool> four([&] { return full.push(3); });
        empty.close();
        full.close();
        EXPECT(one.get() + two.get() + three.get() + four.get() == 0);
    });
    CHECK(search.verdict == Verdict::pass);
}
