// The rubric of lab 12: what is_prime answers, and what threads and processes do with a question.
#include "primes.hpp"

#include <signal.h>
#include <sys/select.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <course/testing/shared_calls.hpp>
#include <course/testing/testing.hpp>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using course::testing::Call;
using course::testing::Calls;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::Shared;

namespace {

lab::Numbers numbers_from_zero(std::size_t count) {
    lab::Numbers numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

std::string text(const std::vector<lab::Verdict>& verdicts) {
    std::string words;
    for (const lab::Verdict verdict : verdicts)
        words +=
            std::string(words.empty() ? "" : " ") + (verdict == lab::Verdict::yes ? "yes" : "no");
    return words;
}

std::string text(const std::vector<lab::Range>& ranges) {
    std::string words;
    for (const auto& range : ranges)
        words += (words.empty() ? "" : " ") + std::to_string(range.first) + "-" +
                 std::to_string(range.last);
    return words;
}

/// What \p body threw, in words.
template <class Body>
std::string thrown_by(const Body& body) {
    try {
        body();
        return "nothing";
    } catch (const std::invalid_argument&) {
        return "std::invalid_argument";
    } catch (const std::out_of_range& error) {
        return std::string("std::out_of_range: ") + error.what();
    } catch (const std::runtime_error&) {
        return "std::runtime_error";
    } catch (const std::exception& error) {
        return std::string("something else: ") + error.what();
    }
}

// --- Interruptions -----------------------------------------------------------------------------

/// So often are threads stopped in all.
constexpr int enough_interruptions = 2'000;
std::atomic<int> interruptions = 0;

/// While it exists, its thread is stopped again and again, wherever it is just then, and the others
/// go on.
///
/// So each step of the thread that can be interrupted will be, also on one processor.
class Interrupted {
  public:
    Interrupted() {
        struct sigaction action = {};
        action.sa_sigaction = [](int, siginfo_t* info, void*) {
            const int error = errno;
            timespec a_moment = {0, 1'000};
            pselect(0, nullptr, nullptr, nullptr, &a_moment, nullptr);
            if (++interruptions < enough_interruptions)
                static_cast<const Interrupted*>(info->si_value.sival_ptr)->let_run();
            errno = error;
        };
        action.sa_flags = SA_RESTART | SA_SIGINFO;
        sigaction(SIGALRM, &action, nullptr);
        sigevent event = {};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = SIGALRM;
        event.sigev_value.sival_ptr = this;
        event._sigev_un._tid = gettid();
        if (timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0)
            throw std::system_error(errno, std::generic_category(), "no timer");
        let_run();
    }
    ~Interrupted() { timer_delete(timer_); }
    Interrupted(const Interrupted&) = delete;
    Interrupted& operator=(const Interrupted&) = delete;

  private:
    /// Let the thread work for a moment before it is stopped.
    void let_run() const {
        const itimerspec moment = {{0, 0}, {0, 50'000}};
        timer_settime(timer_, 0, &moment, nullptr);
    }

    timer_t timer_ = {};
};

}  // namespace

// --- 12.1 --------------------------------------------------------------------------------------

constexpr const char* divisor_is_zero =
    "SIGFPE is a division by 0. Which value has your divisor at first, and later?";

TEST_CASE("small numbers get the right verdict", "[12.1][1 point]") {
    using lab::is_prime;
    hint(divisor_is_zero, Mishap::crash);
    hint("What makes the divisor grow, and what ends the loop?", Mishap::stuck);
    hint("A prime has exactly two divisors, 1 and itself. How many has 1?");
    CHECK_FALSE(is_prime(0));
    CHECK_FALSE(is_prime(1));
    hint("One even number is prime.");
    CHECK(is_prime(2));
    hint("What is the first divisor that is tried, and is it smaller than the number?");
    CHECK(is_prime(3));
    CHECK(is_prime(5));
    hint("The only divisor of a prime's square is its root: is the root itself still tried?");
    CHECK_FALSE(is_prime(4));
    CHECK_FALSE(is_prime(9));
    CHECK_FALSE(is_prime(25));
    CHECK_FALSE(is_prime(49));
    hint("Check the numbers up to 60 by hand: which one is wrong?");
    std::string primes;
    for (std::uint64_t number = 0; number < 60; ++number)
        primes += is_prime(number) ? std::to_string(number) + " " : "";
    CHECK(primes == "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 ");
}

TEST_CASE("large numbers get the right verdict", "[12.1][1 point]") {
    using lab::is_prime;
    hint(divisor_is_zero, Mishap::crash);
    hint("A divisor above the square root has a partner below it: how many need to be tried?",
         Mishap::stuck);
    hint("How large does the divisor get, and how large its square? Which type holds both?");
    CHECK_FALSE(is_prime(1099726899285419));  // 3306091 * 332636609
    hint("Which number did the loop take for a divisor?");
    CHECK(is_prime(112272535095293));
    CHECK(is_prime(115797848077099));
    hint("A float has 24 binary digits: the root of this square has 25.");
    CHECK_FALSE(is_prime(16777259ULL * 16777259ULL));
    hint(
        "The square root of a 64 bit number needs 32 bits, and that of the largest ones rounds up "
        "to 2^32. What becomes of it in your type?");
    CHECK_FALSE(is_prime(9223372036854775807ULL));   // 2^63 - 1 = 7 * 7 * 73 * ...
    CHECK_FALSE(is_prime(18446744073709551615ULL));  // 2^64 - 1 = 3 * 5 * 17 * ...
}

// --- 12.2 --------------------------------------------------------------------------------------

constexpr const char* ends_process =
    "A thread object that goes before it is joined ends the process, and so does an exception that "
    "leaves a thread. On every way out: are all joined, is all caught?";
constexpr const char* threads_stuck =
    "What does each turn of the loop change, and is every lock given back on every way out?";
constexpr const char* who_waits = "Who waits for the threads?";

TEST_CASE("verdicts come in the order of the numbers", "[12.2][1 point]") {
    hint(ends_process, Mishap::crash);
    hint(threads_stuck, Mishap::stuck);
    hint(who_waits, Mishap::leak);
    const Shared<Calls> calls;
    hint(
        "The thread that is done first has not necessarily begun first: how does a verdict know "
        "its place?");
    const auto verdicts =
        lab::check_with_threads(numbers_from_zero(6), 3, [&](std::uint64_t number) {
            const Call call(&*calls, number);
            if (number == 0)
                calls->hold();
            return number == 0 || number == 4;
        });
    CHECK(text(verdicts) == "yes no no no yes no");
    hint("What if there is less to do than there are workers?");
    const auto odd = [](std::uint64_t number) { return number % 2 == 1; };
    CHECK(text(lab::check_with_threads({7, 8}, 5, odd)) == "yes no");
    CHECK(text(lab::check_with_threads({}, 3, odd)) == "");
    hint("Nobody to do the work: is silence the right answer?");
    CHECK(thrown_by([&] { lab::check_with_threads({7, 8}, 0, odd); }) == "std::invalid_argument");
}

TEST_CASE("three workers are three threads that work at once", "[12.2][1 point]") {
    hint(ends_process, Mishap::crash);
    hint(threads_stuck, Mishap::stuck);
    hint(who_waits, Mishap::leak);
    const Shared<Calls> calls;
    hint(
        "When does the second thread start: before or after the first has ended? And does it wait "
        "for a lock that the first one holds while it asks?");
    const auto verdicts =
        lab::check_with_threads(numbers_from_zero(7), 3, [&](std::uint64_t number) {
            const Call call(&*calls, number);
            calls->gather();
            return true;
        });
    REQUIRE(verdicts.size() == 7);
    const int threads_at_once = calls->at_once;
    CHECK(threads_at_once >= 3);
    hint("Seven numbers and three workers: how many threads do you start?");
    CHECK(threads_at_once <= 3);
    const std::size_t threads_in_all = calls->tasks(7);
    CHECK(threads_in_all <= 3);

    const Shared<Calls> slow;
    hint("One number is slow. Who checks those that come after it?");
    lab::check_with_threads(numbers_from_zero(8), 2, [&](std::uint64_t number) {
        const Call call(&*slow, number);
        if (number == 0)
            slow->hold();
        return true;
    });
    const int checked_while_one_was_slow = slow->over_meanwhile;
    CHECK(checked_while_one_was_slow == 7);
}

TEST_CASE("a failure reaches the caller when all threads are done", "[12.2][1 point]") {
    const Shared<Calls> calls;
    int inside_when_thrown = -1;
    hint(ends_process, Mishap::crash);
    hint(threads_stuck, Mishap::stuck);
    hint(who_waits, Mishap::leak);
    hint("Who catches the exception in the thread, and where does it wait for the caller?");
    const std::string thrown = thrown_by([&] {
        try {
            lab::check_with_threads(numbers_from_zero(4), 2, [&](std::uint64_t number) {
                const Call call(&*calls, number);
                calls->gather();
                if (number == 0)
                    throw std::out_of_range("0 is out of range");
                if (number == 1)
                    calls->hold();
                return true;
            });
        } catch (...) {
            inside_when_thrown = calls->inside;
            throw;
        }
    });
    CHECK(thrown == "std::out_of_range: 0 is out of range");
    hint("One thread failed. What does the other one still use, and who waits for it?");
    CHECK(inside_when_thrown == 0);
    while (calls->inside > 0)  // a thread that was left behind goes before what it uses does
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST_CASE("each number is taken by one thread", "[12.2][1 point]") {
    hint(ends_process, Mishap::crash);
    hint(threads_stuck, Mishap::stuck);
    hint(who_waits, Mishap::leak);
    constexpr std::size_t count = 100'000;
    std::size_t wrong_length = 0;
    long not_asked_once = 0;
    long verdicts_lost = 0;
    for (int round = 0; round < 50 && not_asked_once == 0 && interruptions < enough_interruptions;
         ++round) {
        std::vector<std::atomic<unsigned char>> times(count);
        const auto verdicts =
            lab::check_with_threads(numbers_from_zero(count), 4, [&](std::uint64_t number) {
                thread_local const Interrupted interrupted;
                ++times[number];
                return true;
            });
        wrong_length += verdicts.size() != count;
        not_asked_once +=
            std::count_if(times.begin(), times.end(), [](const auto& n) { return n != 1; });
        verdicts_lost += std::count(verdicts.begin(), verdicts.end(), lab::Verdict::no);
    }
    hint("How many verdicts are there for 100000 numbers?");
    CHECK(wrong_length == 0);
    hint(
        "To read the next index and to count it up: is that one step? What if another thread "
        "comes in between?");
    CHECK(not_asked_once == 0);
    hint("Which of your variables do two threads write? In a vector<bool> 64 share one word.");
    CHECK(verdicts_lost == 0);
}

// --- 12.3 --------------------------------------------------------------------------------------

TEST_CASE("chunks hold each index once", "[12.3][1 point]") {
    for (const auto mishap : {Mishap::wrong, Mishap::crash, Mishap::stuck})
        hint("How many chunks of nothing does it take to hold 10 numbers?", mishap);
    CHECK(thrown_by([] { lab::chunks(10, 0); }) == "std::invalid_argument");
    hint("Where does a range begin, and where does the next one?", Mishap::stuck);
    hint("SIGFPE is a division by 0, SIGABRT an index that is not there. Which line does it?",
         Mishap::crash);
    hint("Is `last` the last index in the range, or the first one behind it?");
    const auto ranges = lab::chunks(10, 4);
    const std::size_t last_of_first_chunk = ranges.empty() ? 0 : ranges.front().last;
    CHECK(last_of_first_chunk == 4);
    hint("10 divided by 4 leaves 2. Where are they?");
    CHECK(text(ranges) == "0-4 4-8 8-10");
    hint("8 divided by 4 leaves nothing. Is there a chunk that holds nothing?");
    CHECK(text(lab::chunks(8, 4)) == "0-4 4-8");
    CHECK(text(lab::chunks(0, 4)) == "");
    hint("What if one chunk has room for all?");
    CHECK(text(lab::chunks(3, 4)) == "0-3");
    CHECK(text(lab::chunks(3, 1)) == "0-1 1-2 2-3");
}

// --- 12.4 --------------------------------------------------------------------------------------

constexpr const char* leave_nothing = "Who waits for the children, and who closes the pipes?";
constexpr const char* parent_crashed =
    "Your own process crashed, no worker. Which memory did it touch, and who had made it?";

TEST_CASE("three workers are three children that take chunks", "[12.4][1 point]") {
    hint(parent_crashed, Mishap::crash);
    hint(leave_nothing, Mishap::leak);
    hint("A reader meets the end of a pipe when nobody has its write end open any more. Who has?",
         Mishap::stuck);
    const auto odd = [](std::uint64_t number) { return number % 2 == 1; };
    hint("fork copies memory. In whose memory does the child write its verdict, and who reads it?");
    CHECK(text(lab::check_with_processes({7, 8}, 2, 1, odd)) == "yes no");
    hint("Who waits for the children?");
    const std::size_t children_left = course::testing::children().size();
    REQUIRE(children_left == 0);
    hint("What if there is less to do than there are workers?");
    CHECK(text(lab::check_with_processes({7, 8}, 5, 1, odd)) == "yes no");
    CHECK(text(lab::check_with_processes({}, 3, 1, odd)) == "");
    hint("Nobody to do the work: is silence the right answer?");
    CHECK(thrown_by([&] {
              lab::check_with_processes({7, 8}, 0, 1, odd);
          }) == "std::invalid_argument");

    const Shared<Calls> calls;
    hint("When does the second child start: before or after the first has ended?");
    lab::check_with_processes(numbers_from_zero(8), 3, 2, [&](std::uint64_t number) {
        const Call call(&*calls, number);
        calls->gather();
        return true;
    });
    const auto asked_by_one_worker = std::count(calls->times.begin(), calls->times.begin() + 8, 1);
    const int children_at_once = calls->at_once;
    CHECK(children_at_once == 3);
    hint("Is each chunk taken by one worker alone? fork copies memory, your counter too.");
    CHECK(asked_by_one_worker == 8);
    hint("A crash in the predicate must not be the caller's crash. Which process asks it?");
    const auto by_children_of_ours =
        std::count(calls->parent.begin(), calls->parent.begin() + 8, getpid());
    CHECK(by_children_of_ours == 8);

    const Shared<Calls> whole;
    hint("8 numbers in chunks of 4 are two tasks. How many workers find something to do?");
    lab::check_with_processes(numbers_from_zero(8), 3, 4, [&](std::uint64_t number) {
        const Call call(&*whole, number);
        whole->gather();
        return true;
    });
    const int busy_with_two_chunks = whole->at_once;
    CHECK(busy_with_two_chunks == 2);
}

TEST_CASE("verdicts come home and nothing else does", "[12.4][1 point]") {
    hint(parent_crashed, Mishap::crash);
    hint(leave_nothing, Mishap::leak);
    hint("A pipe holds 64 KiB. Who reads it while the children still write?", Mishap::stuck);
    static const Shared<std::atomic<int>> cleanups;
    std::atexit([] { ++*cleanups; });  // what the caller has registered is the caller's to run
    const Shared<Calls> calls;
    int asked = 0;
    hint("Four chunks: is each one taken by one worker alone? fork copies memory, a counter too.");
    const auto verdicts =
        lab::check_with_processes(numbers_from_zero(10), 2, 3, [&](std::uint64_t number) {
            const Call call(&*calls, number);
            ++asked;
            if (number == 0)
                calls->hold();
            return number == 0 || number == 9;
        });
    const auto checked_once = std::count(calls->times.begin(), calls->times.begin() + 10, 1);
    CHECK(checked_once == 10);
    hint("How does a verdict that comes home know its place?");
    CHECK(text(verdicts) == "yes no no no no no no no no yes");
    hint("The children have their own copy of every variable. In which process did you ask?");
    CHECK(asked == 0);
    hint(
        "`exit` runs what the caller has registered with atexit. Which call ends a child at once?");
    const int cleanups_in_children = *cleanups;
    CHECK(cleanups_in_children == 0);
    hint("The chunk of number 0 is slow. Who takes the seven numbers that are not in it?");
    const int checked_while_one_was_slow = calls->over_meanwhile;
    CHECK(checked_while_one_was_slow == 7);
    hint("How many numbers have a verdict now, and how many have the right one?");
    const auto many = lab::check_with_processes(numbers_from_zero(200'000), 2, 500,
                                                [](std::uint64_t) { return true; });
    const auto right = std::count(many.begin(), many.end(), lab::Verdict::yes);
    CHECK(right == 200'000);
}

TEST_CASE("a worker that dies is an error", "[12.4][1 point]") {
    hint(parent_crashed, Mishap::crash);
    hint(leave_nothing, Mishap::leak);
    hint("One worker is dead. Does anybody wait for what it had?", Mishap::stuck);
    const auto thrown_if_number_5 = [](const auto& happens) {
        return thrown_by([&] {
            lab::check_with_processes(numbers_from_zero(8), 2, 2, [&](std::uint64_t number) {
                if (number == 5)
                    happens();
                return true;
            });
        });
    };
    hint("One worker was killed. Which verdict has its number, and who made it?");
    CHECK(thrown_if_number_5([] { kill(getpid(), SIGKILL); }) == "std::runtime_error");
    hint("A worker left with status 0, as if all were well. Are all its verdicts there?");
    CHECK(thrown_if_number_5([] { _exit(0); }) == "std::runtime_error");
    hint("An exception in the child: how far does it get, and in which process?");
    CHECK(thrown_if_number_5([] { throw std::logic_error("5"); }) == "std::runtime_error");
}
