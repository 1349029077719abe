// The rubric of lab 17: what a loop does while processes work, who was together in them, what a fork leaves of a loop.
#include "async_map.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <course/process_pool/asio.hpp>
#include <course/testing/failing_fork.hpp>
#include <course/testing/shared_calls.hpp>
#include <course/testing/testing.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::io_context;
using boost::asio::use_awaitable;
using course::testing::Call;
using course::testing::Calls;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::nobody_moves;
using course::testing::Shared;
using lab::Item;
using lab::Outcome;
using lab::Result;

namespace {

/// "0", "1", "2" and so on.
std::vector<Item> numbers(std::size_t count) {
    std::vector<Item> items;
    for (std::size_t i = 0; i < count; ++i)
        items.push_back(std::to_string(i));
    return items;
}

std::size_t number_of(const Item& item) {
    return std::stoul(item);
}

/// The texts, an x before each that failed.
std::string words(const std::vector<Outcome>& outcomes) {
    std::string text;
    for (const Outcome& outcome : outcomes)
        text += (text.empty() ? "" : " ") + std::string(outcome.failed ? "x" : "") + outcome.text;
    return text;
}

using Outcomes = std::vector<Outcome>;

/// What comes out of \p coroutine, if \p loop runs it until it has nothing left to do; \p over is called when it is over.
Outcomes result_of(io_context& loop, awaitable<Outcomes> coroutine,
                   const std::function<void()>& over = {}) {
    std::optional<Outcomes> outcomes;
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop, std::move(coroutine), [&](std::exception_ptr error, Outcomes all) {
        thrown = error;
        outcomes = std::move(all);
        if (over)
            over();
    });
    loop.restart();
    loop.run();
    if (thrown)
        std::rethrow_exception(thrown);
    if (!outcomes)
        return {{true, "the loop has nothing left to do, and your coroutine still waits"}};
    return *outcomes;
}

/// What comes out of two coroutines that \p loop runs at once.
std::string two_at_once(io_context& loop, awaitable<Outcomes> one, awaitable<Outcomes> another) {
    Outcomes first;
    boost::asio::co_spawn(loop, std::move(one),
                          [&](std::exception_ptr, Outcomes all) { first = std::move(all); });
    const auto second = words(result_of(loop, std::move(another)));
    return words(first) + " | " + second;
}

/// What \p body throws, in words.
template <class Body>
std::string kind_thrown_by(const Body& body) {
    try {
        body();
        return "nothing";
    } catch (const std::invalid_argument&) {
        return "std::invalid_argument";
    } catch (const std::logic_error&) {
        return "std::logic_error";
    } catch (const std::system_error& error) {
        return "std::system_error " + std::to_string(error.code().value());
    } catch (const std::exception& error) {
        return std::string("another exception: ") + error.what();
    }
}

/// How many of the first \p count were called once.
long called_once(const Calls& calls, std::ptrdiff_t count) {
    return std::count(calls.times.begin(), calls.times.begin() + count, 1);
}

/// Calls that stay until nobody else can come, and go together: a round.
struct Rounds {
    const pid_t family = getpid();
    std::array<std::atomic<int>, 16> sizes{};
    std::atomic<int> round = 0;
    std::atomic<int> inside = 0;
    std::atomic<bool> somebody_looks = false;

    void stay() {
        const int mine = round;
        ++inside;
        if (!somebody_looks.exchange(true)) {
            while (!nobody_moves(family))
                std::this_thread::sleep_for(1ms);
            sizes.at(static_cast<std::size_t>(mine)) = inside.exchange(0);
            somebody_looks = false;
            ++round;
            futex(FUTEX_WAKE, 64);
        }
        while (round == mine)
            futex(FUTEX_WAIT, mine);
    }
    std::string text() const {
        std::string all;
        for (int i = 0; i < round; ++i)
            all += (i == 0 ? "" : " ") + std::to_string(sizes.at(static_cast<std::size_t>(i)));
        return all;
    }

  private:
    void futex(int operation, int value) {
        syscall(SYS_futex, &round, operation, value, nullptr, nullptr, 0);
    }
};

/// How many calls are handed to a pool with one worker, which makes them in the order in which they come: while it makes
/// the first, the test hands in a call of its own. Those made before that one were there already.
struct HandedIn {
    const pid_t family = getpid();
    std::atomic<int> made = 0;
    std::atomic<bool> asked = false;
    std::atomic<int> before_mine = -1;

    /// A call was made; the first one stays until nobody else moves, and the test has handed in its own.
    void call(const Item& item) {
        if (item == "0") {
            while (!nobody_moves(family))
                std::this_thread::sleep_for(1ms);
            kill(family, SIGUSR1);
            while (!asked && !nobody_moves(family))
                std::this_thread::sleep_for(1ms);
        }
        ++made;
    }
};
const Shared<HandedIn>* handed_in = nullptr;

/// As `result_of`; when the first call is being made, \p pool is handed another one.
Outcomes result_with_another_call(io_context& loop, course::ProcessPool& pool,
                                  awaitable<Outcomes> coroutine) {
    boost::asio::signal_set first_call(loop, SIGUSR1);
    first_call.async_wait([&](boost::system::error_code error, int) {
        if (error)
            return;
        pool.submit([](int) { return (**handed_in).before_mine = (**handed_in).made.load(); }, 0);
        (*handed_in)->asked = true;
    });
    return result_of(loop, std::move(coroutine), [&] { first_call.cancel(); });
}

/// Seconds of a processor that \p process has used.
double processor_time(pid_t process) {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

/// How often \p process has fallen asleep.
long times_asleep(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    long times = 0;
    for (std::string word; status >> word;)
        if (word == "voluntary_ctxt_switches:")
            status >> times;
    return times;
}

/// Whether \p process, which has nothing to do, wakes again and again, or does not sleep at all.
bool looks_again_and_again(pid_t process) {
    const long before = times_asleep(process);
    const double used_before = processor_time(process);
    long last = before;
    for (int quiet = 0; quiet < 20;) {  // so many looks between which it did not move
        std::this_thread::sleep_for(1ms);
        const long now = times_asleep(process);
        if (now > before + 200 || processor_time(process) > used_before + 0.5)
            return true;
        quiet = nobody_moves(process) && now == last ? quiet + 1 : 0;
        last = now;
    }
    return false;
}

/// What the parent has and a worker has a copy of.
std::vector<Item> the_list;

void hint_about_the_worst() {
    hint(
        "Your own process ended, no worker. Was a call made in it? Or which exception left a place "
        "where nobody catches it?",
        Mishap::crash);
    hint(
        "Somebody waits for what never comes, or asks again and again whether it has. Who runs the "
        "loop meanwhile, and what is it to hear?",
        Mishap::stuck);
    hint("The pool is your caller's. What have you started besides?", Mishap::leak);
}

}  // namespace

// --- 17.1 ---------------------------------------------------------------------------------------

TEST_CASE("ten calls on four workers take three rounds", "[17.1][1 point]") {
    hint_about_the_worst();
    static const Shared<Rounds> rounds;
    static const Shared<Calls> calls;
    const course::ForkServer server;
    io_context loop(1);
    Outcomes outcomes;
    {
        course::ProcessPool pool({.max_workers = 4}, course::driven_by(loop));
        const auto call = [](const Item& item) -> Result {
            const Call noted(&*calls, number_of(item));
            the_list.push_back(item);
            rounds->stay();
            return item + "!";
        };
        outcomes = result_of(loop, lab::async_map(pool, call, numbers(10), 10));
    }
    std::sort(outcomes.begin(), outcomes.end(),
              [](const Outcome& a, const Outcome& b) { return a.text < b.text; });
    hint("A call is made in a worker. How does its result get into the list that you return?");
    CHECK(words(outcomes) == "0! 1! 2! 3! 4! 5! 6! 7! 8! 9!");
    hint("Each item is called once, in a worker.");
    CHECK(called_once(*calls, 10) == 10);
    const auto called_here = std::count(calls->task.begin(), calls->task.begin() + 10, getpid());
    CHECK(called_here == 0);
    CHECK(the_list.empty());
    hint("Four workers, ten calls: 4, 4 and 2. Do you submit the second before the first is over?");
    CHECK(rounds->text() == "4 4 2");
    hint("All workers take part.");
    CHECK(calls->tasks(10) == 4);
}

TEST_CASE("the loop goes on while the workers work", "[17.1][1 point]") {
    hint_about_the_worst();
    static const Shared<std::atomic<bool>> went_on;
    static const Shared<std::atomic<int>> over;
    static const Shared<std::atomic<std::size_t>> threads;
    static const Shared<std::atomic<bool>> looked_again;
    static const pid_t parent = getpid();
    const std::size_t threads_before = course::testing::threads().size();
    const course::ForkServer server;
    io_context loop(1);
    course::ProcessPool pool({.max_workers = 2}, course::driven_by(loop));
    const auto call = [](const Item& item) -> Result {
        if (item != "0")
            return ++*over, item;
        while ((!*went_on || *over < 2) && !nobody_moves(parent))
            std::this_thread::sleep_for(1ms);
        *threads = course::testing::threads(parent).size();
        *looked_again = *went_on && looks_again_and_again(parent);
        return *went_on ? "went on" : "stood still";
    };
    boost::asio::post(loop, [&] { boost::asio::post(loop, [] { *went_on = true; }); });
    const auto outcomes = words(result_of(loop, lab::async_map(pool, call, numbers(3), 3)));
    hint(
        "Who waits with get() has the loop's only thread. What gives it back until a result is "
        "there?");
    CHECK_THAT(outcomes, !course::testing::ContainsSubstring("stood still"));
    hint("Item 0 was over last. How does a result that comes home know its place?");
    CHECK(outcomes == "went on 1 2");
    hint("There are threads that were not there before. A pool that the loop drives needs none.");
    CHECK(*threads == threads_before);
    hint(
        "Your loop woke again and again while a call was being made. What tells it that one is "
        "over?");
    const bool looks_again = *looked_again;
    CHECK_FALSE(looks_again);
    hint("Nothing to do is soon done.");
    CHECK(result_of(loop, lab::async_map(pool, call, {}, 3)).empty());
    hint("Three items, two of them alike: each is called.");
    *over = 0;
    CHECK(words(result_of(loop, lab::async_map(pool, call, {"2", "2", "1"}, 1))) == "2 2 1");
    const int calls_of_three_items = *over;
    CHECK(calls_of_three_items == 3);
    hint("Two maps at once in one loop: who knows how far each of them is?");
    CHECK(two_at_once(loop, lab::async_map(pool, call, {"1", "2", "3", "4"}, 2),
                      lab::async_map(pool, call, {"5", "6", "7", "8"}, 2)) == "1 2 3 4 | 5 6 7 8");
}

// --- 17.2 ---------------------------------------------------------------------------------------

TEST_CASE("so many calls are in flight and not more", "[17.2][1 point]") {
    hint_about_the_worst();
    static const Shared<Calls> calls;
    static const Shared<Calls> in_order;
    static const Shared<std::array<std::atomic<int>, 6>> turn;
    static const Shared<std::atomic<int>> clock;
    const Shared<HandedIn> handed;
    handed_in = &handed;
    const course::ForkServer server;
    io_context loop(1);
    course::ProcessPool pool({.max_workers = 4}, course::driven_by(loop));
    hint("Four workers, and a limit of three calls at once. How many coroutines take items?");
    const auto outcomes = result_of(loop, lab::async_map(
                                              pool,
                                              [](const Item& item) -> Result {
                                                  const Call noted(&*calls, number_of(item));
                                                  calls->gather();
                                                  return item;
                                              },
                                              numbers(8), 3));
    const int at_once = calls->at_once;
    CHECK(at_once == 3);
    hint("Results are where their items are, whoever is done first.");
    CHECK(words(outcomes) == "0 1 2 3 4 5 6 7");
    hint("One at a time: the first item first, the last one last.");
    result_of(loop, lab::async_map(
                        pool,
                        [](const Item& item) -> Result {
                            const Call noted(&*in_order, number_of(item));
                            (*turn)[number_of(item)] = ++*clock;
                            in_order->gather();
                            return item;
                        },
                        numbers(6), 1));
    const int one_at_a_time = in_order->at_once;
    CHECK(one_at_a_time == 1);
    std::string turns;
    for (const auto& number : *turn)
        turns += std::to_string(number) + " ";
    CHECK(turns == "1 2 3 4 5 6 ");
    hint(
        "One worker and a limit of three: one call is being made, two wait in the pool. How many "
        "have you "
        "given to it before the first is over?");
    {
        course::ProcessPool one_worker({.max_workers = 1}, course::driven_by(loop));
        const auto call = [](const Item& item) -> Result { return (*handed_in)->call(item), item; };
        result_with_another_call(loop, one_worker, lab::async_map(one_worker, call, numbers(8), 3));
    }
    const int given_to_the_pool = handed->before_mine;
    CHECK(given_to_the_pool == 3);
    hint("A limit may be larger than any number of items, and then costs nothing.");
    const auto same = [](const Item& item) -> Result { return item; };
    CHECK(words(result_of(loop, lab::async_map(pool, same, numbers(3), SIZE_MAX))) == "0 1 2");
    hint("Nothing at once: is silence the right answer?");
    CHECK(kind_thrown_by([&] { result_of(loop, lab::async_map(pool, same, numbers(3), 0)); }) ==
          "std::invalid_argument");
    CHECK(kind_thrown_by([&] { result_of(loop, lab::async_map(pool, same, {}, 0)); }) ==
          "std::invalid_argument");
}

TEST_CASE("a slow call holds up nobody else", "[17.2][1 point]") {
    hint_about_the_worst();
    static const Shared<Calls> calls;
    const course::ForkServer server;
    io_context loop(1);
    course::ProcessPool pool({.max_workers = 3}, course::driven_by(loop));
    const auto outcomes = result_of(loop, lab::async_map(
                                              pool,
                                              [](const Item& item) -> Result {
                                                  const Call noted(&*calls, number_of(item));
                                                  if (item == "0")
                                                      calls->hold();
                                                  return item;
                                              },
                                              numbers(9), 2));
    hint("Two at once, and one of them is slow. When does the third go out?");
    const int over_meanwhile = calls->over_meanwhile;
    CHECK(over_meanwhile == 8);
    hint("Item 0 was over last. How does a result that comes home know its place?");
    CHECK(words(outcomes) == "0 1 2 3 4 5 6 7 8");
}

// --- 17.3 ---------------------------------------------------------------------------------------

TEST_CASE("a call that throws is one outcome among the others", "[17.3][1 point]") {
    hint_about_the_worst();
    static const Shared<Calls> calls;
    const course::ForkServer server;
    io_context loop(1);
    course::ProcessPool pool({.max_workers = 2}, course::driven_by(loop));
    std::string outcomes;
    hint(
        "One call threw, and everything else is lost with it. Where do you catch, and of how many "
        "calls?");
    const std::string thrown = kind_thrown_by([&] {
        outcomes = words(result_of(loop, lab::async_map(
                                             pool,
                                             [](const Item& item) -> Result {
                                                 const Call noted(&*calls, number_of(item));
                                                 if (item == "0")
                                                     calls->hold();
                                                 if (item != "0" && item != "3" && item != "7")
                                                     throw std::out_of_range("no table " + item);
                                                 return item;
                                             },
                                             numbers(8), 2)));
    });
    CHECK(thrown == "nothing");
    hint("Calls have failed, with two at once. Who takes the items after them?");
    CHECK(called_once(*calls, 8) == 8);
    hint("Each has an outcome in its place: a result, or what went wrong.");
    CHECK(outcomes == "0 xno table 1 xno table 2 3 xno table 4 xno table 5 xno table 6 7");
    hint(
        "Not everything that is thrown has a text, or is a std::exception. It failed all the "
        "same.");
    const auto odd = result_of(loop, lab::async_map(
                                         pool,
                                         [](const Item& item) -> Result {
                                             if (item == "0")
                                                 throw std::runtime_error("");
                                             if (item == "1")
                                                 throw 1;
                                             return "";
                                         },
                                         numbers(3), 1));
    REQUIRE(odd.size() == 3);
    CHECK(odd[0] == Outcome{true, ""});
    CHECK(odd[1].failed);
    CHECK_FALSE(odd[2].failed);
}

TEST_CASE("the death of a worker is the outcome of one item", "[17.3][1 point]") {
    hint_about_the_worst();
    static const Shared<Calls> calls;
    const course::ForkServer server;
    io_context loop(1);
    course::ProcessPool pool({.max_workers = 2}, course::driven_by(loop));
    hint("A worker died. The pool says so to whoever awaits its call: what do you make of it?");
    Outcomes outcomes;
    const std::string thrown = kind_thrown_by([&] {
        outcomes = result_of(loop, lab::async_map(
                                       pool,
                                       [](const Item& item) -> Result {
                                           const Call noted(&*calls, number_of(item));
                                           if (item == "2")
                                               kill(getpid(), SIGKILL);
                                           if (item == "4")
                                               _exit(0);
                                           return item;
                                       },
                                       numbers(7), 2));
    });
    CHECK(thrown == "nothing");
    REQUIRE(outcomes.size() == 7);
    CHECK(outcomes[2].failed);
    CHECK_THAT(outcomes[2].text, course::testing::ContainsSubstring("SIGKILL"));
    hint("A worker left with status 0, as if all were well. Has it answered?");
    CHECK(outcomes[4].failed);
    CHECK_THAT(outcomes[4].text, course::testing::ContainsSubstring("status 0"));
    hint("The other items have results, and each was called once.");
    const auto failed = std::count_if(outcomes.begin(), outcomes.end(),
                                      [](const Outcome& one) { return one.failed; });
    CHECK(failed == 2);
    CHECK(outcomes[6].text == "6");
    CHECK(called_once(*calls, 7) == 7);
    hint("One worker after the other died. Is the next item not to be tried?");
    const auto last_lives = [](const Item& item) -> Result {
        return item == "5" ? item : (kill(getpid(), SIGKILL), item);
    };
    const auto of_many_dead = result_of(loop, lab::async_map(pool, last_lives, numbers(6), 1));
    REQUIRE(of_many_dead.size() == 6);
    CHECK(of_many_dead[5] == Outcome{false, "5"});
    hint("The pool is your caller's, and is to be used again.");
    const auto same = [](const Item& item) -> Result { return item; };
    CHECK(words(result_of(loop, lab::async_map(pool, same, numbers(2), 2))) == "0 1");
}

// --- 17.4 ---------------------------------------------------------------------------------------

namespace {

/// What coroutines of one loop have in common.
struct Waits {
    int begun = 0;
    int inside = 0;
    int at_once = 0;
    int over = 0;
    int over_meanwhile = -1;
    int elsewhere = 0;  // begun on another thread than the process's first one
    std::size_t threads = 0;
    std::string order;
} waits;

/// The stay of one coroutine; also of one that is destroyed while it waits.
class Wait {
  public:
    explicit Wait(const Item& item) {
        ++waits.begun;
        waits.elsewhere += gettid() != getpid();
        waits.threads = std::max(waits.threads, course::testing::threads().size());
        waits.order += item + " ";
        waits.at_once = std::max(waits.at_once, ++waits.inside);
    }
    ~Wait() {
        --waits.inside;
        ++waits.over;
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
};

/// Let everybody else in the loop have \p turns turns.
awaitable<void> turns(int count) {
    const auto executor = co_await boost::asio::this_coro::executor;
    while (count-- > 0)
        co_await boost::asio::post(executor, use_awaitable);
}

awaitable<Result> waiting_call(Item item) {
    const Wait wait(item);
    co_await turns(50);
    if (item == "3")
        throw std::out_of_range("no table 3");
    if (item == "4")
        throw 4;
    co_return item + "!";
}

awaitable<Result> first_is_slow(Item item) {
    const Wait wait(item);
    for (int i = 0; item == "0" && waits.over < 6 && i < 100; ++i)
        co_await turns(10);
    if (item == "0")
        waits.over_meanwhile = waits.over;
    co_await turns(1);
    co_return item;
}

/// The item is the descriptor of a pipe, on which somebody tells what it has seen.
awaitable<Result> heard_from_a_pipe(Item item) {
    boost::asio::posix::stream_descriptor reader(co_await boost::asio::this_coro::executor,
                                                 std::stoi(item));
    char seen = 0;
    co_await reader.async_read_some(boost::asio::buffer(&seen, 1), use_awaitable);
    co_return seen == 'a' ? "awake" : "asleep";
}

awaitable<Result> a_moment(Item item) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1ms);
    co_await timer.async_wait(use_awaitable);
    co_return item;
}

}  // namespace

TEST_CASE("a loop of its own runs a batch", "[17.4][1 point]") {
    hint_about_the_worst();
    hint("The loop is left while a coroutine still waits, or nobody ever lets it go on.",
         Mishap::stuck);
    hint("Your loop is still there when the batch is over. Which processes will have a copy of it?",
         Mishap::leak);
    hint("Each item has an outcome, in the order of the items, whatever the others threw.");
    const std::size_t threads_before = course::testing::threads().size();
    const auto outcomes = lab::run_batch({waiting_call, numbers(8), 3});
    REQUIRE(outcomes.size() == 8);
    CHECK(outcomes[2] == Outcome{false, "2!"});
    CHECK(outcomes[3] == Outcome{true, "no table 3"});
    CHECK(outcomes[4].failed);
    CHECK(outcomes[7] == Outcome{false, "7!"});
    hint("At most three are awaited at once, and three are: how many coroutines take items?");
    CHECK(waits.at_once == 3);
    hint("The items begin in their order.");
    CHECK(waits.order == "0 1 2 3 4 5 6 7 ");
    hint("Every coroutine has begun and ended when the batch is returned.");
    CHECK(waits.over == 8);
    CHECK(waits.inside == 0);
    hint("A loop has one thread: the one that calls run_batch.");
    CHECK(waits.elsewhere == 0);
    CHECK(waits.threads == threads_before);

    waits = {};
    hint("A second batch: which loop does it have, and in which state?");
    CHECK(words(lab::run_batch({first_is_slow, numbers(7), 2})) == "0 1 2 3 4 5 6");
    hint("Two at once, and one of them is slow. When does the third begin?");
    CHECK(waits.over_meanwhile == 6);
    hint("A timer that rings in a millisecond: is the loop still there?");
    CHECK(words(lab::run_batch({a_moment, numbers(5), 5})) == "0 1 2 3 4");
    hint(
        "While its coroutines wait, who runs the loop? It is to sleep, not to look again and "
        "again.");
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    const pid_t watcher = fork();
    if (watcher == 0) {
        const char seen = looks_again_and_again(getppid()) ? 'a' : 's';
        _exit(write(ends[1], &seen, 1) != 1);
    }
    CHECK(words(lab::run_batch({heard_from_a_pipe, {std::to_string(ends[0])}, 1})) == "asleep");
    waitpid(watcher, nullptr, 0);
    close(ends[1]);
    hint("A limit may be larger than any number of items, and then costs nothing.");
    CHECK(words(lab::run_batch({a_moment, numbers(5), SIZE_MAX})) == "0 1 2 3 4");
    hint("Nothing to do is soon done. Nobody to do it is a mistake.");
    CHECK(lab::run_batch({a_moment, {}, 1}).empty());
    CHECK(kind_thrown_by([] {
              lab::run_batch({a_moment, numbers(2), 0});
          }) == "std::invalid_argument");
}

namespace {

const Shared<Calls>* batches = nullptr;  // one for each batch, by its last item
const Shared<std::array<std::atomic<pid_t>, 16>>* made_by = nullptr;
const Shared<std::atomic<int>>* most_at_once = nullptr;

/// In batches of three: the last one of a batch stays until no other batch can come, then hears a timer.
awaitable<Result> in_a_worker(Item item) {
    const std::size_t number = number_of(item);
    {
        const Wait wait(item);
        (**made_by).at(number) = getpid();
        co_await turns(20);
        **most_at_once = std::max<int>(**most_at_once, waits.at_once);
    }
    if (number % 3 == 2) {
        {
            const Call noted(&**batches, number / 3);
            (*batches)->gather();
        }
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1ms);
        co_await timer.async_wait(use_awaitable);
    }
    co_return item;
}

const Shared<Calls>* begun = nullptr;

awaitable<Result> two_kill_their_workers(Item item) {
    ++(*begun)->times.at(number_of(item));
    co_await turns(3);
    if (item == "1" || item == "4")
        kill(getpid(), SIGKILL);
    co_return item;
}

awaitable<Result> in_one_worker(Item item) {
    (*handed_in)->call(item);
    co_return item;
}

}  // namespace

TEST_CASE("each worker runs a loop with a batch of waits", "[17.4][1 point]") {
    hint_about_the_worst();
    hint("A worker waits and never hears. Which loop does it run: its own, or a copy of another?",
         Mishap::stuck);
    const Shared<Calls> calls_of_batches;
    const Shared<std::array<std::atomic<pid_t>, 16>> processes;
    const Shared<std::atomic<int>> at_once;
    const Shared<HandedIn> handed;
    const Shared<Calls> times;
    batches = &calls_of_batches, made_by = &processes, most_at_once = &at_once;
    handed_in = &handed, begun = &times;
    const course::ForkServer server;
    io_context loop(1);
    course::ProcessPool pool({.max_workers = 4}, course::driven_by(loop));
    const auto outcomes =
        result_of(loop, lab::async_map_loops(pool, in_a_worker, numbers(14), 3, 2));
    hint("14 items in batches of 3: the last 2 are a batch as well. Results keep their places.");
    CHECK(words(outcomes) == "0 1 2 3 4 5 6 7 8 9 10 11 12 13");
    hint("In which process do the coroutines run?");
    const auto here = std::count(processes->begin(), processes->begin() + 14, getpid());
    REQUIRE(here == 0);
    hint("Four workers, and more than four batches of three: how many workers have one at once?");
    const int workers_at_once = calls_of_batches->at_once;
    CHECK(workers_at_once == 4);
    std::string together;
    for (std::size_t i = 1; i < 12; ++i)
        together += (*processes)[i] == (*processes)[i - 1] ? "-" : "|";
    hint(
        "Neighbours go together: - is the same worker, | another one. What is one call to the "
        "pool?");
    CHECK(together == "--|--|--|--");
    hint("In each loop at most two at once: how does a worker learn of the limit?");
    const int in_one_loop = *at_once;
    CHECK(in_one_loop == 2);

    hint(
        "One worker, batches of three: which items have you given to the pool before the first "
        "batch is "
        "back?");
    course::ProcessPool one_worker({.max_workers = 1}, course::driven_by(loop));
    result_with_another_call(loop, one_worker,
                             lab::async_map_loops(one_worker, in_one_worker, numbers(12), 3, 3));
    const int given_to_the_pool = handed->before_mine;
    CHECK(given_to_the_pool == 3);

    hint(
        "A worker died in the middle of a batch. What is known of the items in it, and of the "
        "others?");
    std::string failed;
    for (const Outcome& one : result_of(
             loop, lab::async_map_loops(one_worker, two_kill_their_workers, numbers(11), 3, 3)))
        failed += one.failed ? (one.text.find("SIGKILL") == one.text.npos ? "?" : "x") : "-";
    CHECK(failed == "xxxxxx-----");
    hint("The items of a batch whose worker died were begun already. Who begins them again?");
    CHECK(called_once(*times, 11) == 11);
    hint("Batches of nothing, loops for nobody: is silence the right answer?");
    CHECK(kind_thrown_by([&] {
              result_of(loop, lab::async_map_loops(pool, a_moment, numbers(2), 0, 1));
          }) == "std::invalid_argument");
    CHECK(kind_thrown_by([&] {
              result_of(loop, lab::async_map_loops(pool, a_moment, numbers(2), 1, 0));
          }) == "std::invalid_argument");
    hint("A batch may be larger than any number of items.");
    CHECK(words(result_of(loop, lab::async_map_loops(pool, a_moment, numbers(2), SIZE_MAX, 9))) ==
          "0 1");
    CHECK(result_of(loop, lab::async_map_loops(pool, a_moment, {}, 3, 9)).empty());
}

// --- 17.5 ---------------------------------------------------------------------------------------

namespace {

/// The exit status of \p child, or minus the signal that ended it.
int end_of(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, 0) != child)
        return -1000;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/// Let \p loop do what it can do now; a loop that had nothing left to do as well.
void poll(io_context& loop) {
    loop.restart();
    while (loop.poll() > 0) {
    }
}

/// Fork beside \p loop. What returns from there in the child has no business here.
pid_t forked(io_context& loop, const Shared<std::atomic<int>>& returned_in_the_child,
             const std::function<int()>& body) {
    const pid_t here = getpid();
    try {
        const pid_t child = lab::fork_beside(loop, body);
        if (getpid() == here)
            return child;
    } catch (...) {
        if (getpid() == here)
            throw;
    }
    ++*returned_in_the_child;
    _exit(99);
}

void hint_about_forks() {
    hint("Somebody waits: the loop for an event that went elsewhere, or you for your child?",
         Mishap::stuck);
    hint("The test's process ended. Which exception did nobody catch?", Mishap::crash);
}

}  // namespace

TEST_CASE("both have a loop that works after a fork", "[17.5][1 point]") {
    hint_about_forks();
    const Shared<std::atomic<int>> returned_in_the_child;
    io_context loop(1);
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    boost::asio::posix::stream_descriptor reader(loop, ends[0]);
    char bytes[8] = {};
    std::size_t got = 0;
    reader.async_read_some(boost::asio::buffer(bytes),
                           [&](boost::system::error_code, std::size_t count) { got = count; });
    boost::asio::signal_set signals(loop, SIGUSR1);
    int heard = 0;
    signals.async_wait([&](boost::system::error_code error, int) { heard += !error; });
    poll(loop);  // it waits for both now

    const Shared<std::atomic<bool>> told;
    const pid_t child = forked(loop, returned_in_the_child, [&] {
        bool rang = false;
        boost::asio::steady_timer timer(loop, 1ms);
        timer.async_wait([&](boost::system::error_code error) { rang = !error; });
        raise(SIGUSR1);
        loop.restart();
        while (!rang && loop.run_one() > 0) {
        }
        poll(loop);
        const int descriptor = reader.release();  // the child reads without the loop, if at all
        raise(SIGUSR1);                           // nobody is left here who could hear it
        *told = rang && heard == 1 && descriptor == ends[0];
        return 7;
    });
    const int status = end_of(child);
    hint("The child is its caller's to wait for. Who has done it already?");
    const bool was_there_to_be_waited_for = status != -1000;
    REQUIRE(was_there_to_be_waited_for);
    hint("The child came back from your function: now there are two of your caller.");
    const int came_back = *returned_in_the_child;
    REQUIRE(came_back == 0);
    hint("The child ended with another status than its function returned.");
    CHECK(status == 7);
    hint("The child has a timer and a signal. Which loop tells it: has its copy a set of its own?");
    const bool child_was_told = *told;
    CHECK(child_was_told);
    poll(loop);
    const int heard_what_was_the_childs = heard;
    hint("The child let go of its reader. Out of whose epoll set was it taken?");
    REQUIRE(write(ends[1], "soup", 4) == 4);
    poll(loop);
    CHECK(got == 4);
    hint("The child was sent a signal. Who else heard it, through what they share?");
    CHECK(heard_what_was_the_childs == 0);
    hint("Before the fork the loop was told to prepare. Who told it afterwards to go on here?");
    raise(SIGUSR1);
    poll(loop);
    CHECK(heard == 1);
    close(ends[1]);
}

TEST_CASE("the child is on its own and threads forbid it", "[17.5][1 point]") {
    hint_about_forks();
    static const Shared<std::atomic<int>> cleanups;
    std::atexit([] { ++*cleanups; });  // the caller's, to be run in its own process
    std::at_quick_exit([] { ++*cleanups; });
    const Shared<std::atomic<int>> returned_in_the_child;
    const Shared<std::atomic<bool>> went_on;
    io_context loop(1);
    const pid_t here = getpid();
    hint("The child waits until its parent goes on. Who waits for whom?");
    const pid_t child = forked(loop, returned_in_the_child, [&] {
        while (!*went_on && !nobody_moves(here))
            std::this_thread::sleep_for(1ms);
        return *went_on ? 5 : 6;
    });
    *went_on = true;
    CHECK(end_of(child) == 5);
    hint(
        "What the child's function throws ends the child, with status 1. Who else could catch it?");
    CHECK(end_of(forked(loop, returned_in_the_child,
                        []() -> int { throw std::runtime_error("no soup"); })) == 1);
    CHECK(end_of(forked(loop, returned_in_the_child, []() -> int { throw 1; })) == 1);
    hint("The child came back from your function: now there are two of your caller.");
    const int came_back = *returned_in_the_child;
    CHECK(came_back == 0);
    hint("`exit` runs what the caller has registered with atexit. What ends a child at once?");
    const int cleanups_in_children = *cleanups;
    CHECK(cleanups_in_children == 0);
    hint(
        "Your caller had written to a stream, and it was still in its buffer. How often is it in "
        "the file now?");
    std::FILE* const notes = std::fopen("notes", "w");
    REQUIRE(notes != nullptr);
    std::fputs("one soup", notes);
    end_of(forked(loop, returned_in_the_child, [] { return 0; }));
    std::fclose(notes);
    std::string noted;
    std::getline(std::ifstream("notes"), noted);
    CHECK(noted == "one soup");
    hint(
        "The loop had a handler to call. Your caller calls it, later; the child only if its "
        "function runs the loop.");
    const Shared<std::array<std::atomic<int>, 2>> handled;  // here, in a child
    boost::asio::post(loop, [&] { ++handled->at(getpid() != here); });
    loop.restart();
    const pid_t with_handlers =
        forked(loop, returned_in_the_child, [&] { return loop.stopped() ? 6 : 5; });
    const int handled_by_the_fork = handled->at(0);
    CHECK(handled_by_the_fork == 0);
    const int status_of_the_child = end_of(with_handlers);
    const int handled_in_the_child = handled->at(1);
    CHECK(handled_in_the_child == 0);
    hint("The child is given a loop that works. Who has stopped it?");
    CHECK(status_of_the_child == 5);
    poll(loop);

    hint("A thread may hold a lock. In the child there is the lock, and not the thread.");
    pid_t unwanted = -1;
    std::atomic<bool> stop = false;
    std::thread other([&] {
        while (!stop)
            std::this_thread::sleep_for(1ms);
    });
    boost::asio::signal_set signals(loop, SIGUSR1);
    int heard = 0;
    signals.async_wait([&](boost::system::error_code error, int) { heard += !error; });
    poll(loop);
    const std::string thrown =
        kind_thrown_by([&] { unwanted = forked(loop, returned_in_the_child, [] { return 0; }); });
    stop = true;
    other.join();
    if (unwanted > 0)
        waitpid(unwanted, nullptr, 0);
    CHECK(thrown == "std::logic_error");
    const bool forked_all_the_same = !course::testing::children().empty();
    CHECK_FALSE(forked_all_the_same);
    hint("Nothing was forked, and yet the loop has changed. What was it told before?");
    raise(SIGUSR1);
    poll(loop);
    CHECK(heard == 1);

    hint("There can be no child now, and errno says why. It must not be lost on the way.");
    signals.async_wait([&](boost::system::error_code error, int) { heard += !error; });
    poll(loop);
    course::testing::no_child_can_be = true;
    const std::string no_child =
        kind_thrown_by([&] { forked(loop, returned_in_the_child, [] { return 0; }); });
    course::testing::no_child_can_be = false;
    CHECK(no_child == "std::system_error " + std::to_string(EAGAIN));
    hint("The fork failed, and the loop is still prepared for it. Who says that it may go on?");
    raise(SIGUSR1);
    poll(loop);
    CHECK(heard == 2);
}
