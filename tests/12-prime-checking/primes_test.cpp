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
#include <course/process_pool/process_pool.hpp>
#include <course/testing/shared_calls.hpp>
#include <course/testing/testing.hpp>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>
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

// --- Questions for workers: functions without captures ------------------------------------------

/// Yes for 0, which takes until all others are done.
template <const Shared<Calls>& calls>
bool first_is_slow(std::uint64_t number) {
    const Call call(&*calls, number);
    if (number == 0)
        calls->hold();
    return number == 0;
}

/// How many answers were told in all, and while number 0 was slow.
struct Told {
    std::atomic<int> answers = 0;
    std::atomic<int> meanwhile = -1;
};

/// The same, and it notes what was told until then.
template <const Shared<Calls>& calls, const Shared<Told>& told>
bool first_sees_what_is_told(std::uint64_t number) {
    const bool yes = first_is_slow<calls>(number);
    if (number == 0)
        told->meanwhile = told->answers.load();
    return yes;
}

bool throws_for_3_and_5(std::uint64_t number) {
    if (number == 3 || number == 5)
        throw std::out_of_range(std::to_string(number) + " is out of range");
    return true;
}

bool dies_for_3(std::uint64_t number) {
    if (number == 3)
        kill(getpid(), SIGKILL);
    return true;
}

/// Dies for 3, and counts how often it did.
template <const Shared<std::atomic<int>>& deaths>
bool dies_and_counts(std::uint64_t number) {
    if (number == 3)
        ++*deaths;
    return dies_for_3(number);
}

/// The process that runs the test. Its workers are copies of it, and know it, too.
const pid_t test_process = getpid();

bool asked_elsewhere(std::uint64_t /*number*/) {
    return getpid() != test_process;
}

void hint_about_pools() {
    hint("Your own process ended, no worker. Did an exception leave a place where nobody is?",
         Mishap::crash);
    hint("Somebody waits for what never comes: for an answer that nobody was asked for?",
         Mishap::stuck);
    hint("The pool is your caller's. What have you started besides?", Mishap::leak);
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
    } catch (const course::WorkerDied&) {
        return "course::WorkerDied";
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

TEST_CASE("numbers go to the workers in chunks and verdicts come in order", "[12.3][1 point]") {
    hint_about_pools();
    static const Shared<Calls> slow;  // the workers are copies of this process as it is here
    static const Shared<Calls> calls;
    course::ProcessPool pool({.max_workers = 3});
    hint("The pool has a map: it calls a function for each number of a list, in its workers.");
    CHECK(text(lab::check_with_processes(
              pool, {7}, 1, [](std::uint64_t number) { return number == 7; })) == "yes");
    CHECK(lab::check_with_processes(pool, {}, 4, [](std::uint64_t) { return true; }).empty());
    hint("Also a single number may cost its process the life. In which process is it asked?");
    CHECK(text(lab::check_with_processes(pool, {7}, 4, asked_elsewhere)) == "yes");
    hint("Chunks of nothing: is silence the right answer?");
    CHECK(thrown_by([&] {
              lab::check_with_processes(pool, {7, 8}, 0, [](std::uint64_t) { return true; });
          }) == "std::invalid_argument");

    hint("10 numbers in chunks of 4 are three messages. What do you tell the pool about chunks?");
    const auto verdicts =
        lab::check_with_processes(pool, numbers_from_zero(10), 4, [](std::uint64_t number) {
            const Call call(&*calls, number);
            calls->gather();
            return number % 3 == 0;
        });
    const int workers_at_once = calls->at_once;
    CHECK(workers_at_once == 3);
    std::string chunks;
    for (std::size_t i = 1; i < 10; ++i)
        chunks += calls->task[i] == calls->task[i - 1] ? "-" : "|";
    CHECK(chunks == "---|---|-");
    hint("Each number is asked about once, in a worker.");
    const auto asked_once = std::count(calls->times.begin(), calls->times.begin() + 10, 1);
    CHECK(asked_once == 10);
    const auto asked_here = std::count(calls->task.begin(), calls->task.begin() + 10, getpid());
    CHECK(asked_here == 0);
    hint("A verdict belongs to its number, whichever is done first.");
    CHECK(text(verdicts) == "yes no no yes no no yes no no yes");
    const auto in_order =
        lab::check_with_processes(pool, numbers_from_zero(4), 1, first_is_slow<slow>);
    CHECK(text(in_order) == "yes no no no");
}

TEST_CASE("what the question throws and the death of a worker come out", "[12.3][1 point]") {
    hint_about_pools();
    static const Shared<std::atomic<int>> deaths;
    course::ProcessPool pool({.max_workers = 2});
    hint("A number that has no verdict: `no` would be a lie.");
    CHECK(thrown_by([&] {
              lab::check_with_processes(pool, numbers_from_zero(6), 2, throws_for_3_and_5);
          }) == "std::out_of_range: 3 is out of range");
    hint("A worker is dead, and its numbers have no verdict. The pool says so: do you hand it on?");
    CHECK(thrown_by([&] {
              lab::check_with_processes(pool, numbers_from_zero(6), 2, dies_and_counts<deaths>);
          }) == "course::WorkerDied");
    hint("A number was asked that had killed a worker before. Who will it kill the next time?");
    const int died = *deaths;
    CHECK(died == 1);
    hint("The pool is your caller's, and is to be used again.");
    CHECK(text(lab::check_with_processes(pool, {7}, 1, [](std::uint64_t) { return true; })) ==
          "yes");
}

// --- 12.4 --------------------------------------------------------------------------------------

TEST_CASE("first done is first told", "[12.4][1 point]") {
    hint_about_pools();
    static const Shared<Calls> slow;
    static const Shared<Told> tellings;
    course::ProcessPool pool({.max_workers = 2});
    std::string told;
    std::set<std::thread::id> by;
    hint("Number 0 is slow. Its answer is the last one that is there: is it the last one told?");
    lab::check_as_completed(pool, numbers_from_zero(5), first_sees_what_is_told<slow, tellings>,
                            [&](const lab::Answer& answer) {
                                ++tellings->answers;
                                told += std::to_string(answer.number);
                                told += answer.verdict == lab::Verdict::yes ? "y" : "n";
                                by.insert(std::this_thread::get_id());
                            });
    REQUIRE(told.size() == 10);
    CHECK(told.substr(8) == "0y");
    hint("An answer without its number is of little use: which one is it of?");
    CHECK((told.find("1n") != told.npos && told.find("2n") != told.npos &&
           told.find("3n") != told.npos && told.find("4n") != told.npos));
    hint("Your caller's function is called by your caller's thread, and has no lock.");
    CHECK(by == std::set<std::thread::id>{std::this_thread::get_id()});
    hint("Both workers are busy before anybody waits for an answer.");
    const int done_while_one_was_slow = slow->over_meanwhile;
    CHECK(done_while_one_was_slow == 4);
    hint("Four answers were there, and one was still to come. Were they told before it came?");
    const int told_while_one_was_slow = tellings->meanwhile;
    CHECK(told_while_one_was_slow == 4);
    hint("Also a single number may cost its process the life. In which process is it asked?");
    bool elsewhere = false;
    lab::check_as_completed(pool, {7}, asked_elsewhere, [&](const lab::Answer& answer) {
        elsewhere = answer.verdict == lab::Verdict::yes;
    });
    CHECK(elsewhere);
    hint("A number may come twice; then it is told twice.");
    int sevens = 0;
    lab::check_as_completed(
        pool, {7, 8, 7}, [](std::uint64_t) { return true; },
        [&](const lab::Answer& answer) { sevens += answer.number == 7; });
    CHECK(sevens == 2);
}

TEST_CASE("a number that fails costs no other its answer", "[12.4][1 point]") {
    hint_about_pools();
    course::ProcessPool pool({.max_workers = 2});
    std::map<std::uint64_t, std::string> told;
    const auto note = [&](const lab::Answer& answer) {
        told[answer.number] = !answer.verdict                        ? answer.error
                              : *answer.verdict == lab::Verdict::yes ? "yes"
                                                                     : "no";
    };
    hint("One number failed. Whose answers are lost with it?");
    lab::check_as_completed(pool, numbers_from_zero(7), throws_for_3_and_5, note);
    REQUIRE(told.size() == 7);
    CHECK((told[2] == "yes" && told[4] == "yes" && told[6] == "yes"));
    hint("What does the exception say?");
    CHECK(told[3] == "3 is out of range");
    CHECK(told[5] == "5 is out of range");
    told.clear();
    hint("A worker died over one number. The others are asked all the same.");
    lab::check_as_completed(pool, numbers_from_zero(6), dies_for_3, note);
    REQUIRE(told.size() == 6);
    CHECK((told[0] == "yes" && told[1] == "yes" && told[2] == "yes" && told[4] == "yes" &&
           told[5] == "yes"));
    CHECK_THAT(told[3], course::testing::ContainsSubstring("SIGKILL"));
    hint("What the caller's function throws is the caller's. It is no failure of the number.");
    int times_told = 0;
    CHECK(thrown_by([&] {
              lab::check_as_completed(
                  pool, {7, 8}, [](std::uint64_t) { return true; },
                  [&](const lab::Answer&) {
                      if (++times_told == 1)
                          throw std::out_of_range("told");
                  });
          }) == "std::out_of_range: told");
    CHECK(times_told == 1);
}
