// The rubric of lab 16: what takes time is simulated, and its times are exact; where the loop meets
// the pool, many schedules are tried.
#include "blocking.hpp"

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cmath>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using asio::use_awaitable;
using course::Verdict;
using course::testing::hint;
using course::testing::Mishap;
using lab::awaitable;
using lab::Page;
using Clock = std::chrono::steady_clock;

namespace {

/// Virtual time since it was made.
class Watch {
  public:
    /// \p what and the time, such as "soup at 1.0 s".
    std::string at_now(const std::string& what) const {
        const auto passed = std::chrono::duration<double>(Clock::now() - start_).count();
        const auto tenths = std::lround(passed * 10);
        return what + " at " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) +
               " s";
    }

  private:
    Clock::time_point start_ = Clock::now();
};

/// The blocking client of the tests. It notes who is in it.
///
/// \thread_safety  any number of threads may ask.
class Restaurant {
  public:
    /// "a soup" if asked for "soup", after a second; for "3 soup" after 3 s. Of "no ..." there is none.
    Page ask(const std::string& question) {
        const Guest guest(*this);
        const bool digit = question[0] >= '1' && question[0] <= '9';
        std::this_thread::sleep_for(std::chrono::seconds(digit ? question[0] - '0' : 1));
        if (question.find("no ") != question.npos)
            throw std::runtime_error(question);
        return Page("a " + question);
    }
    lab::Client client() {
        return [this](const std::string& question) { return ask(question); };
    }
    int inside() {
        const std::lock_guard lock(mutex_);
        return inside_;
    }
    int most_inside() {
        const std::lock_guard lock(mutex_);
        return most_inside_;
    }
    int asked() {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    std::size_t threads() {
        const std::lock_guard lock(mutex_);
        return threads_.size();
    }

  private:
    struct Guest {
        explicit Guest(Restaurant& restaurant) : restaurant(restaurant) {
            const std::lock_guard lock(restaurant.mutex_);
            restaurant.most_inside_ = std::max(restaurant.most_inside_, ++restaurant.inside_);
            ++restaurant.asked_;
            restaurant.threads_.insert(std::this_thread::get_id());
        }
        ~Guest() {
            const std::lock_guard lock(restaurant.mutex_);
            --restaurant.inside_;
        }
        Restaurant& restaurant;
    };

    std::mutex mutex_;  // guards all below
    int inside_ = 0;
    int most_inside_ = 0;
    int asked_ = 0;
    std::set<std::thread::id> threads_;
};

Page soup_after_a_second() {
    std::this_thread::sleep_for(1s);
    return Page("soup");
}

awaitable<void> sleep_for(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(use_awaitable);
}

/// What \p error is, in words; "nothing" if there is none.
std::string words(const std::exception_ptr& error) {
    return course::testing::thrown_by([&] {
        if (error)
            std::rethrow_exception(error);
    });
}

constexpr const char* handler_lost =
    "The call has been made, and somebody still waits. Who keeps the handler meanwhile, who calls "
    "it, and who "
    "takes back the promise that something will come?";
constexpr const char* exception_lost =
    "An exception that leaves a thread of the pool ends the program. Which types do you catch?";
constexpr const char* moved_away =
    "Something is used that is not there. What is left in a handler that you have moved away? Ask "
    "it before you move it.";
constexpr const char* other_pool =
    "A thread is left that waits for ever. Whose is it? The call belongs in the pool that you are "
    "given.";
constexpr const char* spins =
    "Round and round, and nothing ever waits. Which co_await comes back at once, each time?";
constexpr const char* two_threads =
    "Two threads use the same memory, and one of them writes. On whose thread does the handler "
    "run?";

bool endless(Verdict verdict) {
    return verdict == Verdict::livelock || verdict == Verdict::step_limit;
}

/// The hint for how a run or a search ended: a deadlock, a race and a wrong result are different mistakes.
void hint_by_verdict(Verdict verdict, const char* wrong) {
    hint(verdict == Verdict::terminate      ? exception_lost
         : verdict == Verdict::crash        ? moved_away
         : verdict == Verdict::race         ? two_threads
         : verdict == Verdict::leftover     ? other_pool
         : endless(verdict)                 ? spins
         : verdict == Verdict::check_failed ? wrong
                                            : handler_lost);
}

}  // namespace

// --- 16.1 --------------------------------------------------------------------------------------

TEST_CASE("a call in the pool stops nobody", "[16.1][1 point]") {
    std::string heard;
    std::vector<std::string> log;
    const auto run = course::simulate([&] {
        heard.clear();
        log.clear();
        const Watch watch;
        std::mutex mutex;  // guards log: where the coroutine goes on is 16.2
        const auto note = [&](const std::string& what) {
            const std::lock_guard lock(mutex);
            log.push_back(watch.at_now(what));
        };
        asio::io_context loop;
        asio::thread_pool pool(1);
        asio::co_spawn(
            loop,
            [&]() -> awaitable<void> {
                const Page page = co_await lab::run_in_executor(pool.get_executor(),
                                                                soup_after_a_second, use_awaitable);
                heard = page.text();
                note(heard);
            },
            asio::detached);
        asio::co_spawn(
            loop,
            [&]() -> awaitable<void> {
                for (int i = 0; i < 3; ++i) {
                    co_await sleep_for(400ms);
                    note("tick");
                }
            },
            asio::detached);
        loop.run();
        pool.join();
    });
    hint_by_verdict(run.verdict, handler_lost);
    CHECK(run.verdict == Verdict::pass);
    hint(handler_lost);
    CHECK(heard == "soup");
    hint(
        "The call takes a second. The loop has a tick at 0.4 and 0.8 s. On whose thread is the "
        "call made?");
    CHECK(log == std::vector<std::string>{"tick at 0.4 s", "tick at 0.8 s", "soup at 1.0 s",
                                          "tick at 1.2 s"});
    std::string returned;
    bool in_the_pool = false;
    const auto from_the_pool = course::simulate([&] {
        const Watch watch;
        asio::thread_pool pool(1);
        std::thread::id worker, caller;
        asio::post(pool, [&] {
            worker = std::this_thread::get_id();
            const auto call = [&] {
                caller = std::this_thread::get_id();
                return soup_after_a_second();
            };
            lab::run_in_executor(pool.get_executor(), call, [](std::exception_ptr, Page) {});
            returned = watch.at_now("returned");
        });
        pool.join();
        in_the_pool = caller == worker;
    });
    hint_by_verdict(from_the_pool.verdict, handler_lost);
    CHECK(from_the_pool.verdict == Verdict::pass);
    hint("You are given a pool. Whose thread makes the call?");
    CHECK(in_the_pool);
    hint(
        "Who starts a call may be in a thread of the pool, and gets on at once there, too. post "
        "always leaves it for later. dispatch?");
    CHECK(returned == "returned at 0.0 s");
    const auto search = course::explore({.schedules = 50}, [] {
        asio::thread_pool pool(1);
        std::atomic<int> pages = 0;
        const auto start = [&] {
            lab::run_in_executor(
                pool.get_executor(), [] { return Page("soup"); },
                [&](std::exception_ptr, Page) { ++pages; });
        };
        std::thread other(start);
        start();
        other.join();
        pool.join();
        EXPECT(pages == 2);
    });
    hint("Two threads start calls at the same time. What do they share?");
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("what the call throws is thrown to who awaits it", "[16.1][1 point]") {
    std::string thrown, number, afterwards, page_of_failure;
    int calls = 0;
    const auto run = course::simulate([&] {
        calls = 0;
        asio::io_context loop;
        asio::thread_pool pool(1);
        asio::co_spawn(
            loop,
            [&]() -> awaitable<void> {
                const auto in_pool = [&](lab::Call call) {
                    return lab::run_in_executor(pool.get_executor(), call, use_awaitable);
                };
                try {
                    co_await in_pool([&]() -> Page {
                        ++calls;
                        throw std::out_of_range("no soup");
                    });
                } catch (const std::out_of_range& error) {
                    thrown = error.what();
                }
                try {
                    co_await in_pool([]() -> Page { throw 7; });
                } catch (int seven) {
                    number = std::to_string(seven);
                }
                afterwards = (co_await in_pool([] { return Page("bread"); })).text();
            },
            asio::detached);
        loop.run();
        lab::run_in_executor(
            pool.get_executor(), []() -> Page { throw 7; },
            [&](std::exception_ptr, Page page) { page_of_failure = "'" + page.text() + "'"; });
        pool.join();
    });
    hint_by_verdict(run.verdict, handler_lost);
    CHECK(run.verdict == Verdict::pass);
    hint(
        "What the call throws goes to the handler, as its first argument, of whatever type it is.");
    CHECK(thrown == "no soup");
    CHECK(number == "7");
    CHECK(afterwards == "bread");
    hint("A call is made once: whether to try again is for its caller to say.");
    CHECK(calls == 1);
    hint("The handler hears of an exception or gets a page. With an exception the page is empty.");
    CHECK(page_of_failure == "''");
}

TEST_CASE("any completion token will do", "[16.1][1 point]") {
    std::vector<std::string> log;
    long kept = 0;
    const auto run = course::simulate([&] {
        log.clear();
        const Watch watch;
        auto recipe = std::make_shared<int>();
        const std::weak_ptr users = recipe;
        asio::thread_pool pool(2);
        const auto in = pool.get_executor();
        int calls = 0;
        std::mutex mutex;  // guards log
        const auto note = [&](const std::string& what) {
            const std::lock_guard lock(mutex);
            log.push_back(watch.at_now(what));
        };
        auto later = lab::run_in_executor(
            in, [&calls] { return Page("deferred " + std::to_string(++calls)); }, asio::deferred);
        lab::run_in_executor(in, soup_after_a_second, [&](std::exception_ptr error, Page page) {
            note(error ? "failed" : "callback " + page.text());
        });
        lab::run_in_executor(
            in, [recipe] { return Page(); }, [recipe](std::exception_ptr, Page) {});
        recipe.reset();
        note("started");
        std::future<Page> future = lab::run_in_executor(in, soup_after_a_second, asio::use_future);
        note("future " + future.get().text());
        note(std::to_string(calls) + " deferred calls");
        std::move(later)([&](std::exception_ptr, Page page) { note(page.text()); });
        pool.join();
        kept = users.use_count();
    });
    hint_by_verdict(run.verdict, handler_lost);
    CHECK(run.verdict == Verdict::pass);
    hint(
        "Starting takes no time, whatever the token. The handler is called when the call is over, "
        "once.");
    CHECK(log.size() == 5);
    std::sort(log.begin(), log.end());
    CHECK(log == std::vector<std::string>{"0 deferred calls at 1.0 s", "callback soup at 1.0 s",
                                          "deferred 1 at 1.0 s", "future soup at 1.0 s",
                                          "started at 0.0 s"});
    hint("All is over, and somebody still keeps a call or a handler, with all that is in it.");
    CHECK(kept == 0);
}

// --- 16.2 --------------------------------------------------------------------------------------

TEST_CASE("who awaits is resumed at home", "[16.2][1 point]") {
    const auto search = course::explore({.schedules = 200}, [] {
        asio::io_context loop;
        asio::thread_pool pool(2);
        const auto home = std::this_thread::get_id();
        int pages = 0;  // the loop's own: no lock
        bool at_home = true;
        for (int i = 0; i < 2; ++i)
            asio::co_spawn(
                loop,
                [&]() -> awaitable<void> {
                    co_await lab::run_in_executor(
                        pool.get_executor(), [] { return Page("soup"); }, use_awaitable);
                    at_home = at_home && std::this_thread::get_id() == home;
                    ++pages;
                },
                asio::detached);
        loop.run();
        EXPECT(pages == 2);
        EXPECT(at_home);
        pool.join();
    });
    hint_by_verdict(
        search.verdict,
        "Behind the co_await the coroutine uses what belongs to the loop. The handler knows on "
        "which executor it wants to be called.");
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("the handler is called on its associated executor", "[16.2][1 point]") {
    const auto search = course::explore({.schedules = 200}, [] {
        asio::thread_pool pool(2), house(2);
        const auto strand = asio::make_strand(house);
        int pages = 0;  // the strand's own
        std::atomic<int> right = 0;
        for (int i = 0; i < 2; ++i)
            lab::run_in_executor(
                pool.get_executor(), [] { return Page("soup"); },
                asio::bind_executor(strand, [&](std::exception_ptr, Page) {
                    right += strand.running_in_this_thread();
                    ++pages;
                }));
        pool.join();
        house.join();
        EXPECT(right == 2);
        EXPECT(pages == 2);
    });
    hint(
        "A handler may be bound to a strand: two of them must not run at once. "
        "get_associated_executor "
        "says where it belongs.");
    CHECK(search.verdict == Verdict::pass);
    const auto run = course::simulate([] {
        asio::io_context loop;  // has other things to do, for now
        asio::thread_pool pool(1);
        lab::run_in_executor(
            pool.get_executor(), [] { return Page("soup"); },
            asio::bind_executor(loop, [](std::exception_ptr, Page) {}));
        lab::run_in_executor(
            pool.get_executor(), [] { return Page("bread"); }, asio::use_future)
            .get();
        loop.run();
        pool.join();
    });
    hint(
        "The first handler's loop is busy, and the pool's only thread is wanted for the next call. "
        "What does that thread wait for?");
    CHECK(run.verdict == Verdict::pass);
}

TEST_CASE("the loop does not return while a call is out", "[16.2][1 point]") {
    std::vector<std::string> log;
    const auto run = course::simulate([&] {
        log.clear();
        const Watch watch;
        asio::io_context loop;
        asio::thread_pool pool(1);
        lab::run_in_executor(pool.get_executor(), soup_after_a_second,
                             asio::bind_executor(loop, [&](std::exception_ptr, Page page) {
                                 log.push_back(watch.at_now(page.text()));
                             }));
        loop.run();
        log.push_back(watch.at_now("loop"));
        pool.join();
    });
    hint(
        "While the call is out, the loop has nothing to do, and returns. What tells it that "
        "something will "
        "come? And who takes that back afterwards?");
    CHECK(run.verdict == Verdict::pass);
    CHECK(log == std::vector<std::string>{"soup at 1.0 s", "loop at 1.0 s"});
    const auto search = course::explore({.schedules = 200}, [] {
        asio::io_context loop;
        asio::thread_pool pool(1);
        bool heard = false;
        lab::run_in_executor(
            pool.get_executor(), [] { return Page("soup"); },
            asio::bind_executor(loop, [&](std::exception_ptr, Page) { heard = true; }));
        loop.run();
        EXPECT(heard);
        pool.join();
    });
    CHECK(search.verdict == Verdict::pass);
}

// --- 16.3 --------------------------------------------------------------------------------------

namespace {

constexpr const char* frame =
    "A call uses what has gone. How long do the questions, the client and the pages exist, if one "
    "call fails, or if "
    "the caller is cancelled?";

/// How `ask_all` went, for a pool of so many threads.
struct Asked {
    Verdict verdict = Verdict::pass;
    std::string how;       ///< "returns at 1.0 s", or "throws no soup at 1.0 s"
    std::string pages;     ///< "a soup, a bread, "
    std::string next;      ///< how its caller's next co_await went: "ends at 1.0 s" if cancelled
    std::string tick;      ///< "tick at 0.5 s", if the loop went on meanwhile
    int wakeups = 0;       ///< of the loop
    int calls = -1;        ///< made in all
    int inside = -1;       ///< calls that were not over when it ended
    int most_inside = -1;  ///< calls at once
    std::size_t threads = 0;
};

Asked ask(std::size_t threads, const std::vector<std::string>& questions,
          std::optional<std::chrono::milliseconds> cancelled_after = {}) {
    Asked asked;
    const auto run = course::simulate([&] {
        asked = Asked();
        const Watch watch;
        Restaurant restaurant;
        asio::io_context loop;
        asio::thread_pool pool(threads);
        asio::cancellation_signal signal;
        asio::co_spawn(
            loop,
            [&]() -> awaitable<void> {
                std::exception_ptr error;
                try {
                    for (const Page& page :
                         co_await lab::ask_all(pool.get_executor(), restaurant.client(), questions))
                        asked.pages += page.text() + ", ";
                } catch (...) {
                    error = std::current_exception();
                }
                asked.how = watch.at_now(error ? "throws " + words(error) : "returns");
                asked.inside = restaurant.inside();
                try {
                    co_await sleep_for(1s);
                    asked.next = watch.at_now("goes on");
                } catch (const boost::system::system_error&) {
                    asked.next = watch.at_now("ends");
                }
            },
            asio::bind_cancellation_slot(signal.slot(), asio::detached));
        asio::steady_timer timer(loop), other(loop, 500ms);
        other.async_wait([&](auto) { asked.tick = watch.at_now("tick"); });
        if (cancelled_after) {
            timer.expires_after(*cancelled_after);
            timer.async_wait([&](auto) { signal.emit(asio::cancellation_type::terminal); });
        }
        while (loop.run_one() > 0)
            ++asked.wakeups;
        pool.join();
        asked.calls = restaurant.asked();
        asked.most_inside = restaurant.most_inside();
        asked.threads = restaurant.threads();
    });
    asked.verdict = run.verdict;
    return asked;
}

}  // namespace

TEST_CASE("ten calls share a pool", "[16.3][1 point]") {
    const std::vector<std::string> ten(10, "soup");
    hint(frame, Mishap::crash);
    const Asked four = ask(4, ten);
    hint_by_verdict(four.verdict, handler_lost);
    CHECK(four.verdict == Verdict::pass);
    hint(
        "The loop has a tick at 0.5 s, while the calls are out. ask_all is a coroutine in that "
        "loop: it waits with co_await, and with nothing else.");
    CHECK(four.tick == "tick at 0.5 s");
    hint(
        "Ten calls of a second on four threads: three seconds. Start them all before you wait for "
        "any, in the pool that you are given.");
    CHECK(four.how == "returns at 3.0 s");
    CHECK(four.most_inside == 4);
    CHECK(four.threads == 4);
    hint("Ten calls, ten answers. Why does the loop wake so often?");
    CHECK(four.wakeups < 100);
    hint(
        "How many are asked at once is for the pool to say, and for nobody else. Each thread that "
        "is free takes the next question.");
    CHECK(ask(12, std::vector<std::string>(12, "soup")).how == "returns at 1.0 s");
    CHECK(ask(1, ten).how == "returns at 10.0 s");
    CHECK(ask(2, {"3 soup", "bread", "tea", "cake"}).how == "returns at 3.0 s");
    const Asked mixed = ask(3, {"3 soup", "bread", "2 tea"});
    hint("The pages are in the order of the questions, not of the answers.");
    CHECK(mixed.how == "returns at 3.0 s");
    CHECK(mixed.pages == "a 3 soup, a bread, a 2 tea, ");
    hint("There may be no question at all. Whose answer do you wait for then?");
    CHECK(ask(2, {}).how == "returns at 0.0 s");
}

TEST_CASE("no call outlives who asked", "[16.3][1 point]") {
    constexpr const char* all =
        "All questions are asked, each once: also if one has failed, also if the caller is "
        "cancelled.";
    hint(frame, Mishap::crash);
    const Asked failed = ask(3, {"3 soup", "2 no tea", "1 no bread", "4 cake"});
    hint(endless(failed.verdict) ? spins : frame);
    CHECK(failed.verdict == Verdict::pass);
    hint(
        "A call can't be stopped. One fails after a second, another one takes four: until then it "
        "may use your frame.");
    CHECK(failed.inside == 0);
    hint(all);
    CHECK(failed.calls == 4);
    hint("The caller gets what the first question threw, in the order of the questions.");
    CHECK(failed.how == "throws 2 no tea at 5.0 s");
    const Asked cancelled = ask(2, {"3 soup", "3 bread", "tea"}, 1s);
    hint(endless(cancelled.verdict) ? spins : frame);
    CHECK(cancelled.verdict == Verdict::pass);
    hint(
        "The caller is cancelled after a second, the calls take four. A cancelled coroutine "
        "throws at its next co_await, and its frame is gone. What do the calls use then?");
    CHECK(cancelled.inside == 0);
    hint(all);
    CHECK(cancelled.calls == 3);
    hint("A cancelled caller gets its pages, as soon as all are there.");
    CHECK(cancelled.how == "returns at 4.0 s");
    const Asked both = ask(2, {"3 soup", "no tea"}, 1s);
    CHECK(both.how == "throws no tea at 3.0 s");
    hint(
        "Your caller was cancelled while you waited: its own next co_await ends it. Whether a "
        "coroutine can be cancelled holds for its callers as well. Leave it as you found it.");
    CHECK(cancelled.next == "ends at 4.0 s");
    CHECK(both.next == "ends at 3.0 s");
}

// --- 16.4 --------------------------------------------------------------------------------------

namespace {

/// What a watchdog saw beside some work.
struct Watched {
    Verdict verdict = Verdict::pass;
    std::string reports;  ///< while the work went on, in ms: "100+0 200+950 "
    std::string over;     ///< when the loop had nothing left
};

/// Such as "20.5".
std::string in_ms(Clock::duration time) {
    std::ostringstream text;
    text << std::chrono::duration<double, std::milli>(time).count();
    return text.str();
}

Watched watch(const std::function<awaitable<void>()>& work) {
    Watched watched;
    const auto run = course::simulate([&] {
        watched = Watched();
        const Watch watch;
        const auto start = Clock::now();
        asio::io_context loop;
        bool working = true;
        const auto until_over = [&]() -> awaitable<void> {
            co_await work();
            working = false;
        };
        const auto report = [&](lab::Lag lag) {
            if (working)
                watched.reports += in_ms(lag.due - start) + "+" + in_ms(lag.late) + " ";
        };
        asio::co_spawn(
            loop,
            [&]() -> awaitable<void> { co_await (until_over() || lab::watch_loop(100ms, report)); },
            asio::detached);
        loop.run_for(100s);
        watched.over = watch.at_now("over");
    });
    watched.verdict = run.verdict;
    return watched;
}

/// How a watch with an interval of 100 ms ends that is cancelled after 250 ms.
std::string end_of_watch(const std::function<void()>& look) {
    std::string end;
    course::simulate([&] {
        end.clear();
        const auto start = Clock::now();
        asio::io_context loop;
        asio::cancellation_signal signal;
        int looks = 0;
        const auto report = [&](lab::Lag) {
            ++looks;
            look();
        };
        const auto on_end = [&](std::exception_ptr error) {
            std::string how = "returns";
            try {
                if (error)
                    std::rethrow_exception(error);
            } catch (const boost::system::system_error& canceled) {
                const bool aborted = canceled.code() == asio::error::operation_aborted;
                how = "throws " + (aborted ? "operation_aborted" : canceled.code().message());
            } catch (const std::exception& other) {
                how = std::string("throws ") + other.what();
            }
            end = how + " at " + in_ms(Clock::now() - start) + " ms, after " +
                  std::to_string(looks) + " looks";
        };
        asio::co_spawn(loop, lab::watch_loop(100ms, report),
                       asio::bind_cancellation_slot(signal.slot(), on_end));
        asio::steady_timer timer(loop, 250ms);
        timer.async_wait([&](auto) { signal.emit(asio::cancellation_type::terminal); });
        loop.run_for(100s);
    });
    return end;
}

}  // namespace

TEST_CASE("the watchdog sees who blocks the loop", "[16.4][1 point]") {
    const Watched blocked = watch([]() -> awaitable<void> {
        co_await sleep_for(250ms);
        std::this_thread::sleep_for(1s);  // a synchronous client
        co_await sleep_for(420ms);
    });
    hint(endless(blocked.verdict) ? spins
                                  : "The watchdog is a coroutine in the loop that it watches. It "
                                    "ends by being cancelled in a co_await.");
    CHECK(blocked.verdict == Verdict::pass);
    hint(
        "The third look was due at 300 ms, and the loop is blocked until 1250 ms. How late is it? "
        "And when is the "
        "next one due?");
    CHECK(blocked.reports == "100+0 200+0 300+950 1350+0 1450+0 1550+0 1650+0 ");
    const Watched shortly = watch([]() -> awaitable<void> {
        co_await sleep_for(90ms);
        std::this_thread::sleep_for(30500us);
        co_await sleep_for(150ms);
    });
    hint("A look is due at 100 ms, and the loop is blocked from 90 to 120.5 ms. A lag is a lag.");
    CHECK(shortly.reports == "100+20.5 220.5+0 ");
}

TEST_CASE("the watchdog is no trouble", "[16.4][1 point]") {
    const Watched free = watch([]() -> awaitable<void> { co_await sleep_for(450ms); });
    CHECK(free.verdict == Verdict::pass);
    hint("Nobody blocks: each look is in time.");
    CHECK(free.reports == "100+0 200+0 300+0 400+0 ");
    hint(
        "The watchdog is cancelled when the work is done, after 450 ms. Then the loop has nothing "
        "left to do.");
    CHECK(free.over == "over at 0.5 s");
    std::uint64_t wakeups = 0;
    const auto run = course::simulate([&] {
        wakeups = 0;
        asio::io_context loop;
        asio::co_spawn(
            loop,
            []() -> awaitable<void> {
                co_await (sleep_for(10s) || lab::watch_loop(1000ms, [](lab::Lag) {}));
            },
            asio::detached);
        while (loop.run_one() > 0)
            ++wakeups;
    });
    CHECK(run.verdict == Verdict::pass);
    hint("Ten seconds with a look each second. Why does the loop wake so often?");
    CHECK(wakeups < 100);
    const std::string cancelled = end_of_watch([] {});
    hint(
        "It is cancelled at 250 ms, between two looks. It ends by throwing, at once, what a "
        "cancelled co_await throws, and looks no more.");
    CHECK(cancelled == "throws operation_aborted at 250 ms, after 2 looks");
    const std::string thrown = end_of_watch([] { throw std::runtime_error("enough"); });
    hint("What report throws is for the caller of watch_loop.");
    CHECK(thrown == "throws enough at 100 ms, after 1 looks");
}
