// The rubric of lab 15. Each case runs a loop in virtual time: its times are exact.
//
// A guest of the server is the other end of a pair of local sockets: the kernel hands over what is
// sent at once, so no case depends on how busy the machine is.
#include "asio_coroutines.hpp"

#include <poll.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cmath>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <map>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::use_awaitable;
using course::Verdict;
using course::testing::hint;
using course::testing::Mishap;
using lab::awaitable;
using lab::Socket;

template <>
struct Catch::StringMaker<lab::Meal> {
    static std::string convert(const lab::Meal& meal) {
        return '"' + meal.starter + "\", \"" + meal.main + "\", \"" + meal.dessert + '"';
    }
};

namespace {

// --- A loop in virtual time --------------------------------------------------------------------

/// The loop of the case that runs, and since when.
struct Loop {
    asio::io_context context;
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};
Loop* loop = nullptr;

/// \p what and the virtual time since the loop was made, such as "1 at 1.0 s".
std::string at_now(const std::string& what) {
    const auto passed = std::chrono::steady_clock::now() - loop->start;
    const auto tenths = std::lround(std::chrono::duration<double>(passed).count() * 10);
    return what + " at " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

/// The same, where it is milliseconds that count: "1 at 1003 ms".
std::string at_now_in_ms(const std::string& what) {
    const auto passed = std::chrono::steady_clock::now() - loop->start;
    return what + " at " + std::to_string(passed / 1ms) + " ms";
}

/// What \p error is, in words.
std::string words(const std::exception_ptr& error) {
    try {
        if (error)
            std::rethrow_exception(error);
        return "returns";
    } catch (const boost::system::system_error& thrown) {
        return thrown.code() == asio::error::operation_aborted ? "throws operation_aborted"
                                                               : "throws a system_error";
    } catch (const asio::multiple_exceptions&) {
        return "throws multiple_exceptions";
    } catch (const std::exception& thrown) {
        return std::string("throws ") + thrown.what();
    } catch (...) {
        return "throws something";
    }
}

using Main = std::function<awaitable<void>()>;

/// Run \p main in a loop, until nothing is left to do, or for 1000 s.
/// \return  how it ended, and when the loop did: "returns at 1.0 s, the loop at 1.0 s".
std::string run_loop(const Main& main) {
    Loop its;
    loop = &its;
    std::string how = at_now("still waits");
    bool over = false;
    asio::co_spawn(its.context, main, [&](std::exception_ptr error) {
        how = at_now(words(error));
        over = true;
    });
    its.context.run_for(1000s);
    return over ? how + ", " + at_now("the loop") : "still waits after 1000 s";
}

/// The verdict of a simulated loop, and how it went.
struct Ran {
    Verdict verdict;
    std::string how;
};

/// Say what to think about if the case ends in another way than by a failed assertion.
Ran simulate_loop(const Main& main) {
    Ran ran{};
    const auto run = course::simulate([&] { ran.how = run_loop(main); });
    ran.verdict = run.verdict;
    return ran;
}

awaitable<void> sleep_for(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(use_awaitable);
}

// --- Work that is counted ----------------------------------------------------------------------

/// How many frames of our coroutines exist.
int alive = 0;

struct Alive {
    Alive() { ++alive; }
    ~Alive() { --alive; }
    Alive(const Alive&) = delete;
    Alive& operator=(const Alive&) = delete;
};

/// "soup" after \p time.
awaitable<std::string> soup_after(std::chrono::milliseconds time) {
    const Alive counted;
    co_await sleep_for(time);
    co_return "soup";
}

awaitable<std::string> no_soup_after(std::chrono::milliseconds time) {
    const Alive counted;
    co_await sleep_for(time);
    throw std::runtime_error("no soup");
}

/// Says after \p time that it was cancelled, though nobody has done so.
awaitable<std::string> aborted_soup_after(std::chrono::milliseconds time) {
    const Alive counted;
    co_await sleep_for(time);
    throw boost::system::system_error(asio::error::operation_aborted);
}

/// "soup" after \p time. If it is cancelled before, it needs half a second to clean up.
awaitable<std::string> tidy_soup_after(std::chrono::milliseconds time) {
    const Alive counted;
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(use_awaitable));
    if (!error)
        co_return "soup";
    co_await asio::this_coro::reset_cancellation_state();
    co_await sleep_for(500ms);
    throw boost::system::system_error(error);
}

/// Run \p task in a loop, and cancel it after a second.
/// \return  how it ended, and how much work was left then: "throws no soup at 1.0 s, 0 left".
Ran cancel_after_a_second(const std::function<awaitable<std::string>()>& task) {
    asio::cancellation_signal signal;
    std::string how;
    const auto ran = simulate_loop([&]() -> awaitable<void> {
        how = "still waits after 11 s";
        asio::co_spawn(loop->context, task,
                       asio::bind_cancellation_slot(
                           signal.slot(), [&](std::exception_ptr error, std::string made) {
                               how = at_now(error ? words(error) : "returns " + made) + ", " +
                                     std::to_string(alive) + " left";
                           }));
        co_await sleep_for(1s);
        signal.emit(asio::cancellation_type::terminal);
        co_await sleep_for(10s);
    });
    return {ran.verdict, how};
}

awaitable<void> task_of(std::chrono::milliseconds time) {
    const Alive counted;
    co_await sleep_for(time);
}

awaitable<void> failing_task_of(std::chrono::milliseconds time, std::string what) {
    const Alive counted;
    if (time > 0ms)
        co_await sleep_for(time);
    throw std::runtime_error(what);
}

/// Throws \p what when it is cancelled.
awaitable<void> protesting_task(std::string what) {
    const Alive counted;
    asio::steady_timer timer(co_await asio::this_coro::executor, 10s);
    co_await timer.async_wait(asio::as_tuple(use_awaitable));
    throw std::runtime_error(what);
}

// --- Guests ------------------------------------------------------------------------------------

/// Two ends of a connection. The server's takes a few kilobytes at a time.
struct Line {
    Socket server;
    Socket guest;
};

Line new_line() {
    asio::local::stream_protocol::socket server(loop->context), guest(loop->context);
    asio::local::connect_pair(server, guest);
    server.set_option(asio::socket_base::send_buffer_size(4096));
    return {std::move(server), std::move(guest)};
}

/// The street in front of the house: guests come, and somebody lets them in.
class Street {
  public:
    /// A guest is at the door. \return  his end of the line.
    Socket guest() {
        Line line = new_line();
        waiting_.try_send(boost::system::error_code(),
                          std::make_shared<Socket>(std::move(line.server)));
        return std::move(line.guest);
    }
    /// How many have been let in.
    int let_in() const { return let_in_; }
    /// Whether somebody is at the door now, waiting for the next one.
    bool attended() const { return attending_ > 0; }

    lab::Accept accept() {
        return [this]() -> awaitable<Socket> { return next(); };
    }

  private:
    awaitable<Socket> next() {
        struct Attending {
            explicit Attending(int& counter) : count(counter) { ++count; }
            ~Attending() { --count; }
            int& count;
        } attending(attending_);
        auto socket = co_await waiting_.async_receive(use_awaitable);
        ++let_in_;
        co_return std::move(*socket);
    }

    asio::experimental::channel<void(boost::system::error_code, std::shared_ptr<Socket>)> waiting_{
        loop->context, 100};
    int let_in_ = 0;
    int attending_ = 0;
};

/// \p size bytes, no two stretches alike.
std::string text_of(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i)
        text += std::to_string(i) + " ";
    text.resize(size);
    return text;
}

awaitable<bool> say(Socket& guest, std::string text) {
    const auto [error, sent] =
        co_await asio::async_write(guest, asio::buffer(text), asio::as_tuple(use_awaitable));
    co_return !error;
}

/// What comes until the end of the line, or until \p most bytes have come.
awaitable<std::string> hear(Socket& guest, std::size_t most = 10'000'000) {
    std::string heard;
    std::array<char, 4096> bytes;
    while (heard.size() < most) {
        const auto [error, size] = co_await guest.async_read_some(
            asio::buffer(bytes, std::min(bytes.size(), most - heard.size())),
            asio::as_tuple(use_awaitable));
        if (error)
            break;
        heard.append(bytes.data(), size);
    }
    co_return heard;
}

/// What is heard first, as long as the farewell, and when the end of the line comes.
awaitable<std::string> hear_farewell(Socket& guest) {
    const std::string first = at_now(co_await hear(guest, lab::farewell.size()));
    const std::string more = co_await hear(guest);
    co_return first + at_now(", " + (more.empty() ? "" : more + ", ") + "the end");
}

/// Whether the other side has closed the line, though there may still be something to hear.
bool hung_up(Socket& guest) {
    pollfd line{guest.native_handle(), 0, 0};
    return ::poll(&line, 1, 0) == 1 && (line.revents & POLLHUP) != 0;
}

/// Say it and hear it. What came, and when.
awaitable<std::string> talk(Socket& guest, std::string text) {
    co_await say(guest, text);
    co_return at_now(co_await hear(guest, text.size()));
}

/// What was heard, if it is too long to be shown: how it differs from \p expected.
std::string compared(const std::string& heard, const std::string& expected) {
    if (heard == expected)
        return "all of it";
    const auto [there, here] =
        std::mismatch(heard.begin(), heard.end(), expected.begin(), expected.end());
    const auto same = static_cast<std::size_t>(there - heard.begin());
    return std::to_string(same) + " right bytes, then \"" + heard.substr(same, 12) + "\"";
}

template <class Task>
void in_background(Task task) {
    asio::co_spawn(loop->context, std::move(task), asio::detached);
}

}  // namespace

// --- 15.1 --------------------------------------------------------------------------------------

TEST_CASE("three dishes take as long as the longest one", "[15.1][1 point]") {
    lab::Meal meal;
    std::vector<std::string> begun;
    const lab::Cook cook = [&](std::string name) -> awaitable<std::string> {
        const Alive counted;
        begun.push_back(at_now(name));
        co_await sleep_for(name == "starter" ? 3s : name == "main" ? 1s : 2s);
        co_return "a " + name;
    };
    const auto ran = simulate_loop([&]() -> awaitable<void> {
        begun.clear();
        meal = co_await lab::cook_meal(cook);
    });
    CHECK(ran.verdict == Verdict::pass);
    hint("An awaitable does nothing before somebody awaits it. When does the second dish begin?");
    CHECK(begun ==
          std::vector<std::string>{"starter at 0.0 s", "main at 0.0 s", "dessert at 0.0 s"});
    CHECK(ran.how == "returns at 3.0 s, the loop at 3.0 s");
    hint("Each dish has its place, whichever is done first.");
    CHECK(meal == lab::Meal{"a starter", "a main", "a dessert"});
}

TEST_CASE("if one dish fails nobody cooks on", "[15.1][1 point]") {
    std::string expected, happened, expected_reasons, reasons;
    for (const std::string bad : {"starter", "main", "dessert"}) {
        std::string how;
        int left = -1;
        const lab::Cook cook = [&](std::string name) -> awaitable<std::string> {
            return name == bad ? no_soup_after(1s) : soup_after(5s);
        };
        const auto ran = simulate_loop([&]() -> awaitable<void> {
            how = "returns";
            try {
                co_await lab::cook_meal(cook);
            } catch (...) {
                how = words(std::current_exception());
            }
            left = alive;
        });
        expected += bad + ": pass, threw, 0 left, returns at 1.0 s, the loop at 1.0 s\n";
        happened += bad + ": " + std::string(name(ran.verdict)) +
                    (how == "returns" ? ", did not throw, " : ", threw, ") + std::to_string(left) +
                    " left, " + ran.how + "\n";
        expected_reasons += bad + ": throws no soup\n";
        reasons +=
            bad + ": " + (how == "throws multiple_exceptions" ? "throws no soup" : how) + "\n";
    }
    hint(
        "One dish has failed after a second, and the meal with it. Who tells the other cooks to "
        "stop, "
        "and who waits until they have?");
    CHECK(happened == expected);
    hint(
        "The caller wants to know why there is no meal: what the dish that failed has thrown. "
        "Those "
        "that you cancel throw something, too.");
    CHECK(reasons == expected_reasons);

    const auto cancelled = cancel_after_a_second([]() -> awaitable<std::string> {
        co_return (co_await lab::cook_meal([](auto) { return soup_after(5s); })).starter;
    });
    CHECK(cancelled.verdict == Verdict::pass);
    const bool all_at_once = cancelled.how == "throws multiple_exceptions at 1.0 s, 0 left";
    const std::string how =
        all_at_once ? "throws operation_aborted at 1.0 s, 0 left" : cancelled.how;
    hint("Somebody cancels who waits for the meal. Who is still cooking, and for whom?");
    CHECK(how == "throws operation_aborted at 1.0 s, 0 left");
}

// --- 15.2 --------------------------------------------------------------------------------------

TEST_CASE("work is waited for but not longer than the limit", "[15.2][1 point]") {
    std::string early, late;
    int unfinished = -1;
    const auto in_time = simulate_loop([&]() -> awaitable<void> {
        early = (co_await lab::within(5s, soup_after(1s))).value_or("nothing");
    });
    CHECK(in_time.verdict == Verdict::pass);
    hint("The soup is there after a second. Then nobody needs the timer any more.");
    CHECK(in_time.how == "returns at 1.0 s, the loop at 1.0 s");
    CHECK(early == "soup");
    const auto too_late = simulate_loop([&]() -> awaitable<void> {
        late = (co_await lab::within(5s, soup_after(8s))).value_or("nothing");
        unfinished = alive;
    });
    CHECK(too_late.verdict == Verdict::pass);
    hint(
        "The limit is 5 s, and the work would take 8. What do you return, when, and what becomes "
        "of the "
        "work?");
    CHECK(late == "nothing");
    CHECK(too_late.how == "returns at 5.0 s, the loop at 5.0 s");
    CHECK(unfinished == 0);
    const auto tidy = simulate_loop([&]() -> awaitable<void> {
        late = (co_await lab::within(5s, tidy_soup_after(8s))).value_or("nothing");
        unfinished = alive;
    });
    CHECK(tidy.verdict == Verdict::pass);
    hint("This work needs half a second to end when it is cancelled. Who waits for that?");
    CHECK(late == "nothing");
    CHECK(tidy.how == "returns at 5.5 s, the loop at 5.5 s");
    CHECK(unfinished == 0);
}

TEST_CASE("a failure and a cancellation are no timeouts", "[15.2][1 point]") {
    std::string failed;
    const auto failing = simulate_loop([&]() -> awaitable<void> {
        try {
            co_await lab::within(5s, no_soup_after(1s));
            failed = at_now("no exception");
        } catch (const std::exception& error) {
            failed = at_now(error.what());
        }
    });
    CHECK(failing.verdict == Verdict::pass);
    hint("The work has failed after a second. `||` waits for a success. Whose?");
    CHECK(failed == "no soup at 1.0 s");
    CHECK(failing.how == "returns at 1.0 s, the loop at 1.0 s");

    const auto aborted = cancel_after_a_second([]() -> awaitable<std::string> {
        co_return (co_await lab::within(5s, soup_after(3s))).value_or("nothing");
    });
    CHECK(aborted.verdict == Verdict::pass);
    hint(
        "Somebody cancels who waits here. Does the work hear of it? And does the caller hear that "
        "it was "
        "that, and not the time?");
    CHECK(aborted.how == "throws operation_aborted at 1.0 s, 0 left");
    const auto tidy = cancel_after_a_second([]() -> awaitable<std::string> {
        co_return (co_await lab::within(5s, tidy_soup_after(3s))).value_or("nothing");
    });
    CHECK(tidy.verdict == Verdict::pass);
    hint(
        "Somebody cancels who waits here, and your timer ends before the work does. But the time "
        "was not over: how do you find out that it was you who was cancelled?");
    CHECK(tidy.how == "throws operation_aborted at 1.5 s, 0 left");

    const auto own = simulate_loop([&]() -> awaitable<void> {
        failed = at_now("no exception");
        try {
            co_await lab::within(5s, aborted_soup_after(1s));
        } catch (...) {
            failed = at_now(words(std::current_exception()));
        }
    });
    CHECK(own.verdict == Verdict::pass);
    hint(
        "The work itself throws operation_aborted, long before the limit. Was it your timer that "
        "ended it?");
    CHECK(failed == "throws operation_aborted at 1.0 s");
}

// --- 15.3 --------------------------------------------------------------------------------------

namespace {

void hint_at_trouble_with_tasks() {
    hint("Who waits has to be woken each time a task ends, and to look again.", Mishap::stuck);
    hint(
        "What belongs to a task, such as its signal, is there until the task has ended, and its "
        "frame with it: "
        "as long as the third argument of co_spawn has not been called.",
        Mishap::crash);
}

}  // namespace

TEST_CASE("tasks run beside their owner who can wait for them", "[15.3][1 point]") {
    hint_at_trouble_with_tasks();
    std::vector<std::string> log;
    int unfinished = -1;
    const auto ran = simulate_loop([&]() -> awaitable<void> {
        log.clear();
        lab::TaskGroup group(co_await asio::this_coro::executor);
        const auto note = [&](const std::string& what) {
            log.push_back(at_now(what + " " + std::to_string(group.running())));
        };
        co_await group.at_most(0);
        for (const auto time : {3s, 1s, 2s})
            group.spawn(task_of(time));
        note("spawned");
        co_await group.at_most(3);
        note("at most 3");
        co_await group.at_most(1);
        note("at most 1");
        group.spawn(task_of(2s));
        co_await group.join();
        note("joined");
        unfinished = alive;
    });
    CHECK(ran.verdict == Verdict::pass);
    hint("Three tasks of 3, 1 and 2 s are started at once. After 2 s one is left.");
    CHECK(log == std::vector<std::string>{"spawned 3 at 0.0 s", "at most 3 3 at 0.0 s",
                                          "at most 1 1 at 2.0 s", "joined 0 at 4.0 s"});
    hint("Nothing is left when the last task has ended: no timer, and no frame of a task.");
    CHECK(ran.how == "returns at 4.0 s, the loop at 4.0 s");
    CHECK(unfinished == 0);

    const auto waiting = simulate_loop([&]() -> awaitable<void> {
        log.clear();
        lab::TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(task_of(1003ms));
        for (int i = 0; i < 2; ++i)
            in_background([&]() -> awaitable<void> {
                co_await group.at_most(0);
                log.push_back(at_now_in_ms("none"));
            });
        co_await group.at_most(0);
        log.push_back(at_now_in_ms("none"));
        co_await sleep_for(1s);
    });
    CHECK(waiting.verdict == Verdict::pass);
    hint(
        "Three coroutines wait until no task is left. All three have to be woken, and when it "
        "ends, "
        "not when somebody looks the next time.");
    CHECK(log == std::vector<std::string>{"none at 1003 ms", "none at 1003 ms", "none at 1003 ms"});

    hint(
        "The group is gone, but its task is not. What does the function that is called at the end "
        "of the task hold on to?",
        Mishap::crash);
    const auto outliving = simulate_loop([&]() -> awaitable<void> {
        {
            lab::TaskGroup group(co_await asio::this_coro::executor);
            group.spawn(task_of(1s));
            group.spawn(task_of(2s));
        }
        co_await sleep_for(1500ms);
        unfinished = alive;
    });
    hint("The group is gone, but its tasks go on.");
    CHECK(outliving.verdict == Verdict::pass);
    CHECK(unfinished == 1);
    CHECK(outliving.how == "returns at 1.5 s, the loop at 2.0 s");

    hint(
        "Who waits is cancelled. Then each co_await throws at once: a loop that catches that goes "
        "on "
        "for ever.",
        Mishap::stuck);
    const auto cancelled = cancel_after_a_second([&]() -> awaitable<std::string> {
        lab::TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(task_of(2s));
        co_await group.at_most(0);
        co_return "as if the task had ended";
    });
    CHECK(cancelled.verdict == Verdict::pass);
    hint("Who waits for the task is cancelled; the task is not. What may at_most say then?");
    CHECK(cancelled.how == "throws operation_aborted at 1.0 s, 1 left");
}

TEST_CASE("what a task throws is not lost", "[15.3][1 point]") {
    hint_at_trouble_with_tasks();
    std::vector<std::string> log;
    const auto join = [&](lab::TaskGroup& group) -> awaitable<void> {
        std::string how = "joined";
        try {
            co_await group.join();
        } catch (const std::exception& error) {
            how = error.what();
        }
        log.push_back(at_now(how + ", " + std::to_string(alive) + " left"));
    };
    const auto ran = simulate_loop([&]() -> awaitable<void> {
        log.clear();
        lab::TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(failing_task_of(2s, "no bread"));
        group.spawn(failing_task_of(1s, "no soup"));
        group.spawn(task_of(3s));
        co_await group.at_most(1);
        log.push_back(at_now("at most 1"));
        co_await join(group);
        co_await join(group);
        lab::TaskGroup sudden(co_await asio::this_coro::executor);
        sudden.spawn(failing_task_of(0s, "no chef"));
        co_await sleep_for(1s);
        co_await join(sudden);
    });
    CHECK(ran.verdict == Verdict::pass);
    hint(
        "A task that has failed has ended, too. at_most throws nothing of it: that is what join is "
        "for.");
    CHECK(ran.how == "returns at 4.0 s, the loop at 4.0 s");
    hint(
        "With `detached` nobody learns what a task threw. join throws it: the first failure, when "
        "the last "
        "task has ended.");
    CHECK(log == std::vector<std::string>{"at most 1 at 2.0 s", "no soup, 0 left at 3.0 s",
                                          "joined, 0 left at 3.0 s", "no chef, 0 left at 4.0 s"});

    const auto cancelled = simulate_loop([&]() -> awaitable<void> {
        log.clear();
        lab::TaskGroup group(co_await asio::this_coro::executor);
        for (int i = 0; i < 3; ++i)
            group.spawn(task_of(10s));
        group.spawn(task_of(500ms));
        co_await sleep_for(1s);
        group.cancel();
        co_await join(group);
        group.spawn(task_of(1s));
        co_await join(group);
    });
    CHECK(cancelled.verdict == Verdict::pass);
    hint("cancel is for those that run now, each of them; that they end by it is no failure.");
    CHECK(log == std::vector<std::string>{"joined, 0 left at 1.0 s", "joined, 0 left at 2.0 s"});

    const auto protesting = simulate_loop([&]() -> awaitable<void> {
        log.clear();
        lab::TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(task_of(10s));
        group.spawn(protesting_task("no bill"));
        co_await sleep_for(1s);
        group.cancel();
        co_await join(group);
    });
    CHECK(protesting.verdict == Verdict::pass);
    hint("A task is cancelled, and then something else goes wrong in it. That is a failure.");
    CHECK(log == std::vector<std::string>{"no bill, 0 left at 1.0 s"});
}

// --- 15.4 --------------------------------------------------------------------------------------

namespace {

/// Echo on one end of a line, and let \p guest do what he likes with the other.
/// \return  how the echo ended, such as "true at 2000 ms".
template <class Guest>
std::string echo_to(const Guest& guest, std::chrono::milliseconds patience, Verdict& verdict) {
    std::string ended = "never";
    const auto ran = simulate_loop([&]() -> awaitable<void> {
        Line line = new_line();
        ended = "never";
        in_background([&, socket = std::move(line.guest)]() mutable { return guest(socket); });
        try {
            const bool by_guest = co_await lab::echo(line.server, patience);
            ended = at_now_in_ms(by_guest ? "true" : "false");
        } catch (const boost::system::system_error&) {
            ended = at_now_in_ms("throws a system_error");
        }
        if (!line.server.is_open())
            ended += ", and closes the socket";
        line.server.close();
        co_await sleep_for(100s);
    });
    verdict = ran.verdict;
    return ended;
}

}  // namespace

TEST_CASE("each byte comes back once", "[15.4][1 point]") {
    hint("300,000 bytes go back and forth. How many reads is that with your buffer? Take some KiB.",
         Mishap::stuck);
    Verdict verdict{};
    std::vector<std::string> heard;
    std::string rest;
    std::string ended = echo_to(
        [&](Socket& guest) -> awaitable<void> {
            heard.clear();
            heard.push_back(co_await talk(guest, "soup"));
            co_await sleep_for(1s);
            heard.push_back(co_await talk(guest, "main"));
            co_await say(guest, "coffee");
            guest.shutdown(Socket::shutdown_send);
            rest = co_await hear(guest);
        },
        5s, verdict);
    CHECK(verdict == Verdict::pass);
    hint("The guest has ended his side. He still hears what he said before, and then the end.");
    CHECK(ended == "true at 1000 ms");
    CHECK(heard == std::vector<std::string>{"soup at 0.0 s", "main at 1.0 s"});
    CHECK(rest == "coffee");

    const std::string text = text_of(300'000);
    ended = echo_to(
        [&](Socket& guest) -> awaitable<void> {
            in_background([&]() -> awaitable<void> {
                co_await say(guest, text);
                guest.shutdown(Socket::shutdown_send);
            });
            co_await sleep_for(2s);
            rest = co_await hear(guest);
        },
        5s, verdict);
    CHECK(verdict == Verdict::pass);
    hint("The guest takes his echo slowly, so a write may get rid of a part only.");
    CHECK(compared(rest, text) == "all of it");
    CHECK(ended == "true at 2000 ms");
}

TEST_CASE("patience has an end", "[15.4][1 point]") {
    Verdict verdict{};
    const auto silent = echo_to(
        [&](Socket& guest) -> awaitable<void> {
            for (int i = 0; i < 3; ++i) {
                co_await talk(guest, "soup");
                co_await sleep_for(3s);
            }
            co_await sleep_for(20s);
        },
        4503ms, verdict);
    CHECK(verdict == Verdict::pass);
    hint(
        "The guest says something at 0, 3 and 6 s, and then nothing. Patience is 4503 ms, anew for "
        "each read.");
    CHECK(silent == "false at 10503 ms");
    const auto greedy = echo_to(
        [&](Socket& guest) -> awaitable<void> {
            co_await say(guest, text_of(100'000));
            co_await sleep_for(20s);
        },
        4503ms, verdict);
    CHECK(verdict == Verdict::pass);
    hint(
        "The guest sends, and never takes his echo. Which of your two operations waits now, and "
        "how long?");
    CHECK(greedy == "false at 4503 ms");
    std::string rest;
    const std::string text = text_of(60'000);
    const auto late = echo_to(
        [&](Socket& guest) -> awaitable<void> {
            co_await sleep_for(4s);
            in_background([&]() -> awaitable<void> {
                co_await say(guest, text);
                guest.shutdown(Socket::shutdown_send);
            });
            co_await sleep_for(4s);
            rest = co_await hear(guest);
        },
        4503ms, verdict);
    CHECK(verdict == Verdict::pass);
    hint(
        "The guest says something after 4 s, and takes his echo 4 s later. Patience is 4503 ms, "
        "anew "
        "for each write as well.");
    CHECK(late == "true at 8000 ms");
    CHECK(compared(rest, text) == "all of it");
    const auto broken = echo_to(
        [&](Socket& guest) -> awaitable<void> {
            co_await say(guest, "soup");
            co_await sleep_for(1s);
            guest.close();  // with the echo unread: the connection is reset
        },
        4503ms, verdict);
    CHECK(verdict == Verdict::pass);
    hint(
        "The line breaks after a second. That is a failure, not the end of our patience: it is "
        "known at once.");
    CHECK(broken == "throws a system_error at 1000 ms");
    const auto cancelled = cancel_after_a_second([]() -> awaitable<std::string> {
        Line line = new_line();
        co_return co_await lab::echo(line.server, 4503ms) ? "true" : "false";
    });
    CHECK(cancelled.verdict == Verdict::pass);
    hint(
        "Somebody cancels the echo. Has the guest ended his side? Is it our patience that is "
        "over?");
    CHECK(cancelled.how == "throws operation_aborted at 1.0 s, 0 left");
}

// --- 15.5 --------------------------------------------------------------------------------------

TEST_CASE("no more guests than there are places", "[15.5][1 point]") {
    std::vector<std::string> log;
    std::string closed;
    const auto ran = simulate_loop([&]() -> awaitable<void> {
        log.clear();
        closed = "never";
        Street street;
        lab::EchoServer server(street.accept(), {.guests = 2, .patience = 100s, .grace = 5s});
        in_background([&]() -> awaitable<void> {
            co_await server.run();
            closed = at_now("closed");
        });
        const auto note = [&](const std::string& what) {
            log.push_back(at_now(what + ", " + std::to_string(street.let_in()) + " let in"));
        };
        Socket one = street.guest(), two = street.guest(), three = street.guest(),
               four = street.guest();
        log.push_back(co_await talk(one, "one"));
        log.push_back(co_await talk(two, "two"));
        co_await sleep_for(1s);
        note(street.attended() ? "somebody at the door" : "nobody at the door");
        in_background([&]() -> awaitable<void> { log.push_back(co_await talk(three, "three")); });
        co_await sleep_for(1s);
        one.close();
        co_await sleep_for(1s);
        note("one has left");
        co_await say(two, "again");
        co_await sleep_for(1s);
        two.close();  // with his echo unread: his line breaks
        log.push_back(co_await talk(four, "four"));
        three.close();
        four.close();
        co_await sleep_for(1s);
        note(street.attended() ? "somebody at the door" : "nobody at the door");
        server.stop();
        co_await sleep_for(10s);
    });
    CHECK(ran.verdict == Verdict::pass);
    hint(
        "Two places, four guests. Whom do you let in when, and which of them gives his place back? "
        "A line "
        "may also break.");
    CHECK(log == std::vector<std::string>{"one at 0.0 s", "two at 0.0 s",
                                          "nobody at the door, 2 let in at 1.0 s", "three at 2.0 s",
                                          "one has left, 3 let in at 3.0 s", "four at 4.0 s",
                                          "somebody at the door, 4 let in at 5.0 s"});
    hint(
        "After stop, and when the last guest has gone, run returns at once, and the loop has "
        "nothing left to "
        "do: no accept, no timer.");
    CHECK(closed == "closed at 5.0 s");
    CHECK(ran.how == "returns at 15.0 s, the loop at 15.0 s");

    std::string left, silent;
    const auto leaving = simulate_loop([&]() -> awaitable<void> {
        left = silent = "never";
        Street street;
        lab::EchoServer server(street.accept(), {.guests = 2, .patience = 2s, .grace = 5s});
        in_background([&]() -> awaitable<void> { co_await server.run(); });
        Socket one = street.guest(), two = street.guest();
        in_background([&]() -> awaitable<void> { silent = at_now(co_await hear(one)); });
        co_await say(two, "soup");
        two.shutdown(Socket::shutdown_send);
        left = at_now(co_await hear(two));
        co_await sleep_for(5s);
        server.stop();
        co_await sleep_for(1s);
    });
    CHECK(leaving.verdict == Verdict::pass);
    hint("A guest leaves by himself, and the house does not close. Who is told bye, and when?");
    CHECK(left == "soup at 0.0 s");
    hint(
        "A guest says nothing, and limits.patience is 2 s. Then his line ends. Nobody says bye: "
        "the "
        "house does not close.");
    CHECK(silent == " at 2.0 s");
    CHECK(leaving.how == "returns at 6.0 s, the loop at 6.0 s");
}

TEST_CASE("a stop is graceful and comes to an end", "[15.5][1 point]") {
    hint(
        "Who waits for what after stop? Each of them has to hear of it, or to be cancelled after "
        "the grace.",
        Mishap::stuck);
    const std::string text = text_of(60'000);
    std::string idle, slow, deaf, closed;
    int let_in = -1;
    bool still_there = true;
    const auto ran = simulate_loop([&]() -> awaitable<void> {
        closed = idle = slow = deaf = "never";
        Street street;
        lab::EchoServer server(street.accept(), {.guests = 10, .patience = 100s, .grace = 4s});
        Socket first = street.guest(), second = street.guest(), third = street.guest();
        in_background([&]() -> awaitable<void> {
            co_await server.run();
            still_there = !hung_up(third);
            closed = at_now("closed");
        });
        in_background([&]() -> awaitable<void> { idle = co_await hear_farewell(first); });
        in_background([&]() -> awaitable<void> {
            co_await say(second, text);
            co_await sleep_for(3s);
            slow = at_now(compared(co_await hear(second), text + "bye\n"));
        });
        in_background([&]() -> awaitable<void> {
            co_await say(third, text);
            co_await sleep_for(20s);
            const std::string heard = co_await hear(third);
            deaf = heard.size() < text.size() ? "a part" : "all";
        });
        co_await sleep_for(1s);
        server.stop();
        server.stop();
        co_await sleep_for(1s);
        Socket late = street.guest();
        co_await sleep_for(30s);
        let_in = street.let_in();
    });
    CHECK(ran.verdict == Verdict::pass);
    hint(
        "A guest who says nothing waits in your read. At stop he reads the farewell at once, and "
        "the end, for then his socket is closed.");
    CHECK(idle == "bye\n at 1.0 s, the end at 1.0 s");
    hint(
        "At stop one write is half done. What he sent is echoed to its end, and only then comes "
        "the farewell: "
        "how many may write on one socket at a time?");
    CHECK(slow == "all of it at 3.0 s");
    hint("One guest takes nothing. How long does run wait for him? See limits.grace.");
    CHECK(closed == "closed at 5.0 s");
    CHECK(deaf == "a part");
    hint(
        "run has returned. Who was cancelled has to end, too, before nothing of the house is "
        "left.");
    CHECK_FALSE(still_there);
    hint("After stop nobody is let in.");
    CHECK(let_in == 3);

    const auto quick = simulate_loop([&]() -> awaitable<void> {
        Street street;
        lab::EchoServer server(street.accept(), {.guests = 10, .patience = 100s, .grace = 5s});
        Socket guest = street.guest();
        asio::steady_timer timer(loop->context, 1s);
        timer.async_wait([&](auto) { server.stop(); });
        co_await server.run();
        idle = at_now(co_await hear(guest));
    });
    CHECK(quick.verdict == Verdict::pass);
    hint(
        "All have gone at once. What does the house still wait for? A timer of the grace, of the "
        "patience, or a "
        "guest's socket that is not closed?");
    CHECK(idle == "bye\n at 1.0 s");
    CHECK(quick.how == "returns at 1.0 s, the loop at 1.0 s");

    const auto early = simulate_loop([&]() -> awaitable<void> {
        Street street;
        lab::EchoServer server(street.accept(), {.guests = 10, .patience = 100s, .grace = 5s});
        server.stop();
        co_await server.run();
    });
    CHECK(early.verdict == Verdict::pass);
    hint("stop was called before run. It is not to be forgotten.");
    CHECK(early.how == "returns at 0.0 s, the loop at 0.0 s");

    const auto failing = simulate_loop([&]() -> awaitable<void> {
        closed = idle = "never";
        Line line = new_line();
        bool first = true;
        const lab::Accept accept = [&]() -> awaitable<Socket> {
            if (std::exchange(first, false))
                co_return std::move(line.server);
            co_await sleep_for(1s);
            throw boost::system::system_error(asio::error::no_descriptors);
        };
        lab::EchoServer server(accept, {.guests = 2, .patience = 100s, .grace = 5s});
        in_background([&]() -> awaitable<void> { idle = co_await hear_farewell(line.guest); });
        try {
            co_await server.run();
            closed = at_now("returns");
        } catch (...) {
            closed = at_now(words(std::current_exception()));
        }
        co_await sleep_for(1s);
    });
    CHECK(failing.verdict == Verdict::pass);
    hint(
        "accept fails after a second. That closes the house, and whoever called run wants to hear "
        "of "
        "it. Does `||` tell you? (It is the trap of 15.2.)");
    CHECK(closed == "throws a system_error at 1.0 s");
    hint("accept has failed. Who is there is seen off as after stop.");
    CHECK(idle == "bye\n at 1.0 s, the end at 1.0 s");
    CHECK(failing.how == "returns at 2.0 s, the loop at 2.0 s");
}
