// The rubric of lab 10: who made which call, what came back, what is left when something dies.
#include "pool_map.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <course/testing/shared_calls.hpp>
#include <course/testing/testing.hpp>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using course::testing::Call;
using course::testing::Calls;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::Shared;
using course::testing::wait_for_end;
using lab::Item;
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

std::string joined(const std::vector<Result>& results) {
    std::string text;
    for (const Result& result : results)
        text += (text.empty() ? "" : " ") + result;
    return text;
}

/// The error that \p body throws, in words.
template <class Body>
std::string thrown_by(const Body& body) {
    try {
        body();
        return "nothing";
    } catch (const lab::ItemError& error) {
        return error.what();
    } catch (const std::invalid_argument&) {
        return "std::invalid_argument";
    } catch (const std::exception& error) {
        return std::string("another exception: ") + error.what();
    }
}

/// How many of the first \p count were called once.
long called_once(const Calls& calls, long count) {
    return std::count(calls.times.begin(), calls.times.begin() + count, 1);
}

void hint_about_the_worst() {
    hint("Your own process crashed, no worker. What did it do with what came, or did not come?",
         Mishap::crash);
    hint("Who waits for the workers, and who closes the channels, on every path?", Mishap::leak);
    hint(
        "Who waits for whom? A channel has an end when nobody has the other side open any more: "
        "who "
        "has?",
        Mishap::stuck);
}

}  // namespace

// --- 10.1 ---------------------------------------------------------------------------------------

TEST_CASE("the calls are made in as many children as asked for", "[10.1][2 points]") {
    hint_about_the_worst();
    hint("fork copies memory. How does a result get from the child to you?");
    CHECK(joined(lab::pool_map([](const Item& item) { return item + "!"; }, {"a", "b", "c"}, 1,
                               1)) == "a! b! c!");
    hint("Also a single call may crash. In which process is it made?");
    const auto made_by =
        lab::pool_map([](const Item&) { return std::to_string(getpid()); }, {"a"}, 1, 1);
    CHECK(made_by != std::vector<Result>{std::to_string(getpid())});
    hint("Who waits for the children?");
    const std::size_t children_left = course::testing::children().size();
    REQUIRE(children_left == 0);

    const Shared<Calls> calls;
    hint("When does the second worker start: before or after the first one has answered?");
    lab::pool_map(
        [&](const Item& item) {
            const Call call(&*calls, number_of(item));
            calls->gather();
            return item;
        },
        numbers(8), 3, 1);
    const int at_once = calls->at_once;
    CHECK(at_once >= 3);
    hint("Eight items, three workers: how many children do you start?");
    CHECK(at_once <= 3);
    const std::size_t children = calls->tasks(8);
    CHECK(children == 3);
    hint("Each item is called once, in a child of yours.");
    CHECK(called_once(*calls, 8) == 8);
    const auto in_children = std::count(calls->parent.begin(), calls->parent.begin() + 8, getpid());
    CHECK(in_children == 8);

    hint("Two chunks and five workers: is there a worker for which there is never anything?");
    const Shared<std::atomic<int>> forked;
    static std::atomic<int>* count_fork = nullptr;
    count_fork = &*forked;
    static const int registered = pthread_atfork(
        nullptr, [] { ++*count_fork; }, nullptr);
    CHECK(registered == 0);
    CHECK(lab::pool_map([](const Item& item) { return item; }, {"a", "b", "c"}, 5, 2).size() == 3);
    const int forks_for_two_chunks = *forked;
    CHECK(forks_for_two_chunks == 2);
    CHECK(lab::pool_map([](const Item& item) { return item; }, {}, 3, 4).empty());
    hint("Nobody to do the work, or chunks of nothing: is silence the right answer?");
    CHECK(thrown_by([] { lab::pool_map([](const Item& item) { return item; }, {"a"}, 0, 1); }) ==
          "std::invalid_argument");
    CHECK(thrown_by([] { lab::pool_map([](const Item& item) { return item; }, {"a"}, 1, 0); }) ==
          "std::invalid_argument");
}

// --- 10.2 ---------------------------------------------------------------------------------------

TEST_CASE("a chunk goes to one worker and the last one has what is left", "[10.2][1 point]") {
    hint_about_the_worst();
    const Shared<Calls> calls;
    const Shared<std::array<std::atomic<int>, 10>> order;
    const Shared<std::atomic<int>> clock;
    hint("10 items in chunks of 4: the last 2 are a chunk as well.");
    const auto results = lab::pool_map(
        [&](const Item& item) {
            const Call call(&*calls, number_of(item));
            (*order)[number_of(item)] = ++*clock;
            calls->gather();
            return item;
        },
        numbers(10), 3, 4);
    CHECK(called_once(*calls, 10) == 10);
    CHECK(results.size() == 10);
    hint("Three chunks, three workers: each has one. What does a chunk consist of?");
    const int at_once = calls->at_once;
    CHECK(at_once == 3);
    std::string chunks;
    std::string in_order;
    for (std::size_t i = 1; i < 10; ++i) {
        chunks += calls->task[i] == calls->task[i - 1] ? "-" : "|";
        in_order +=
            calls->task[i] != calls->task[i - 1] || (*order)[i] > (*order)[i - 1] ? "" : "!";
    }
    hint("Neighbours go together: - is the same worker as before, | another one.");
    CHECK(chunks == "---|---|-");
    hint("A worker does its chunk from the first item to the last.");
    CHECK(in_order.empty());
}

TEST_CASE("a slow item holds up nobody else", "[10.2][1 point]") {
    hint_about_the_worst();
    const Shared<Calls> calls;
    hint("One worker has a slow item. Who does the rest, and when do they get it?");
    const auto results = lab::pool_map(
        [&](const Item& item) {
            const Call call(&*calls, number_of(item));
            if (item == "0")
                calls->hold();
            return item;
        },
        numbers(9), 2, 2);
    const int done_meanwhile = calls->over_meanwhile;
    CHECK(done_meanwhile == 7);
    hint("Item 0 was done last. How does a result that comes home know its place?");
    CHECK(joined(results) == "0 1 2 3 4 5 6 7 8");
}

TEST_CASE("results may be large or many or hold any byte", "[10.2][1 point]") {
    hint_about_the_worst();
    hint("A channel holds some hundred KiB. Who reads while a worker still writes?", Mishap::stuck);
    const std::size_t large = 3'000'000;
    const auto results = lab::pool_map(
        [](const Item& item) {
            return item == "0" ? Result() : Result(item == "1" ? large : 3, '\0');
        },
        numbers(4), 2, 2);
    REQUIRE(results.size() == 4);
    hint("What has no length of its own has an end that you may miss: is \\0 one, or nothing?");
    CHECK(results[0].empty());
    const std::size_t bytes_of_the_large_one = results[1].size();
    CHECK(bytes_of_the_large_one == large);
    CHECK(results[2] == Result(3, '\0'));
    CHECK(results[3] == Result(3, '\0'));
    hint("A result may look like what you take for a sign that a call has failed.");
    const std::vector<Item> like_a_sign{"-", "+",        "!",     "0",
                                        "1", "error: 7", "ERROR", "exception: x"};
    CHECK(lab::pool_map([](const Item& item) { return item; }, like_a_sign, 2, 3) == like_a_sign);
    hint(
        "More items than a small number can count; a chunk that is larger than any number of "
        "items.");
    CHECK(lab::pool_map([](const Item& item) { return item; }, numbers(700), 2, 1) == numbers(700));
    hint("A chunk may be larger than any number of items.", Mishap::stuck);
    CHECK(lab::pool_map([](const Item& item) { return item; }, numbers(2), 2, SIZE_MAX) ==
          numbers(2));
}

// --- 10.3 ---------------------------------------------------------------------------------------

TEST_CASE("what a call throws comes out with its item when all are done", "[10.3][1 point]") {
    hint_about_the_worst();
    const Shared<Calls> calls;
    hint("An exception in a worker: how far does it get, and in which process?", Mishap::stuck);
    hint(
        "An exception can't leave its process; its text can. Of several the first item's comes "
        "out, "
        "when all calls are over.");
    const std::string thrown = thrown_by([&] {
        lab::pool_map(
            [&](const Item& item) -> Result {
                const Call call(&*calls, number_of(item));
                if (item == "0")
                    calls->hold();
                if (item == "1" || item == "2" || item == "9")
                    throw std::runtime_error("no such account");
                return item;
            },
            numbers(14), 2, 2);
    });
    CHECK(thrown == "item 1: no such account");
    hint("One call has thrown. The others are made all the same, by the same two workers.");
    CHECK(called_once(*calls, 14) == 14);
    const std::size_t children = calls->tasks(14);
    CHECK(children == 2);
    hint("Not everything that is thrown is a std::exception, and not every exception has a text.");
    const Shared<Calls> odd;
    const std::string number = thrown_by([&] {
        lab::pool_map(
            [&](const Item& item) -> Result {
                const Call call(&*odd, number_of(item));
                if (item == "1")
                    throw 1;
                return item;
            },
            numbers(6), 1, 2);
    });
    CHECK(number.substr(0, 7) == "item 1:");
    CHECK(called_once(*odd, 6) == 6);
    const std::string no_text = thrown_by([] {
        lab::pool_map([](const Item&) -> Result { throw std::runtime_error(""); }, {"a"}, 1, 1);
    });
    CHECK(no_text.substr(0, 7) == "item 0:");
}

TEST_CASE("a worker that dies is an error with its item", "[10.3][2 points]") {
    hint_about_the_worst();
    hint("A worker is dead, another one never ends. Who waits for what now?", Mishap::stuck);
    const auto thrown_if_item_5 = [](const auto& happens) {
        return thrown_by([&] {
            lab::pool_map(
                [&](const Item& item) {
                    if (item == "5")
                        happens();
                    return item;
                },
                numbers(9), 2, 3);
        });
    };
    hint("A worker was killed while it had item 5. What can you know when it is dead?");
    CHECK(thrown_if_item_5([] { kill(getpid(), SIGKILL); }).substr(0, 7) == "item 5:");
    hint(
        "How did it end? waitpid knows it when it has waited for the end, and tells a signal from "
        "a status.");
    CHECK_THAT(thrown_if_item_5([family = getpid()] {
                   for (const auto& one : course::testing::descriptors())
                       if (one.number > STDERR_FILENO)
                           close(one.number);
                   // Until whoever waits for it is asleep, or has looked again and again.
                   for (int look = 0; look < 500 && !course::testing::nobody_moves(family); ++look)
                       std::this_thread::sleep_for(1ms);
                   kill(getpid(), SIGKILL);
               }),
               course::testing::ContainsSubstring("signal 9"));
    hint(
        "How did it end? waitpid knows it when it has waited for the end, and tells a signal from "
        "a status.");
    CHECK_THAT(thrown_if_item_5([] { kill(getpid(), SIGKILL); }),
               course::testing::ContainsSubstring("signal 9"));
    CHECK_THAT(thrown_if_item_5([] { _exit(3); }),
               course::testing::ContainsSubstring("exit status 3"));
    hint("A worker left with status 0, as if all were well. Has it answered?");
    CHECK_THAT(thrown_if_item_5([] { _exit(0); }),
               course::testing::ContainsSubstring("exit status 0"));

    hint("One call threw, and over another one its worker died. Which of the two comes out?");
    const std::string after_a_throw = thrown_by([] {
        lab::pool_map(
            [](const Item& item) -> Result {
                if (item == "1")
                    kill(getpid(), SIGKILL);
                throw std::runtime_error("no such account");
            },
            numbers(2), 1, 1);
    });
    CHECK_THAT(after_a_throw, course::testing::ContainsSubstring("signal 9"));

    hint("One worker is dead, the other has something to do for ever. Its result is for nobody.");
    const Shared<std::atomic<bool>> waits;
    const Shared<Calls> calls;
    const std::string beside_another = thrown_by([&] {
        lab::pool_map(
            [&](const Item& item) {
                ++calls->times[number_of(item)];
                while (item == "0") {
                    *waits = true;
                    pause();
                }
                while (!*waits)
                    std::this_thread::sleep_for(1ms);
                kill(getpid(), SIGKILL);
                return item;
            },
            numbers(6), 2, 1);
    });
    CHECK(beside_another.substr(0, 7) == "item 1:");
    hint("A worker died, and another one was started or given its items.");
    CHECK(called_once(*calls, 6) == 2);
}

// --- 10.4 ---------------------------------------------------------------------------------------

TEST_CASE("a worker has its channel and nothing else", "[10.4][1 point]") {
    hint_about_the_worst();
    static const Shared<std::atomic<int>> cleanups;
    std::atexit([] { ++*cleanups; });  // what the caller has registered is the caller's to run
    const Shared<Calls> calls;
    int called_here = 0;
    const pid_t child_of_the_caller = fork();
    if (child_of_the_caller == 0)
        _exit(7);
    const auto before = course::testing::descriptors();
    hint("The caller has open files, too, and its function may use them.");
    const int file = dup(STDERR_FILENO);
    const auto usable = lab::pool_map(
        [file](const Item&) { return fcntl(file, F_GETFD) >= 0 ? "open" : "closed"; }, {"a"}, 1, 1);
    close(file);
    CHECK(joined(usable) == "open");
    hint("fork copies descriptors as well. What has the fourth worker of the first three?");
    const auto extra = lab::pool_map(
        [&](const Item& item) {
            const Call call(&*calls, number_of(item));
            calls->gather();  // so that each of the four has one
            ++called_here;
            std::string more;
            for (const auto& one : course::testing::descriptors())
                if (std::find(before.begin(), before.end(), one) == before.end())
                    more += (more.empty() ? "" : ", ") + one.target;
            return std::count(more.begin(), more.end(), ',') < 2 ? "" : more;
        },
        numbers(4), 4, 1);
    CHECK(extra == std::vector<Result>(4));
    hint("The children have their own copy of every variable. In which process did you call?");
    CHECK(called_here == 0);
    hint("`exit` runs what the caller has registered with atexit. What ends a child at once?");
    const int cleanups_in_children = *cleanups;
    CHECK(cleanups_in_children == 0);
    hint("The caller has a child of its own. Whose end have you waited for?");
    int status = 0;
    const bool still_there = waitpid(child_of_the_caller, &status, 0) == child_of_the_caller;
    CHECK(still_there);
    CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("a worker without work ends when its parent does", "[10.4][1 point]") {
    hint_about_the_worst();
    hint(
        "A worker waits for an order, and its parent is dead. Who else has the parent's side of "
        "its "
        "channel?",
        Mishap::stuck);
    const auto as_it_is = [](const Item& item) { return item; };
    hint("Two workers and two items: is each called?");
    CHECK(lab::pool_map(as_it_is, numbers(2), 2, 1).size() == 2);
    for (const Item slow : {"0", "1"}) {
        const Shared<std::array<std::atomic<pid_t>, 2>> workers;
        const pid_t parent = fork();
        if (parent == 0)
            try {
                lab::pool_map(
                    [&](const Item& item) {
                        (*workers)[number_of(item)] = getpid();
                        while (item == slow)
                            pause();
                        return item;
                    },
                    numbers(2), 2, 1);
                _exit(0);
            } catch (...) {
                _exit(1);
            }
        const auto both_called = [&] { return (*workers)[0] != 0 && (*workers)[1] != 0; };
        while (!course::testing::has_ended(parent) &&
               !(both_called() && course::testing::nobody_moves(parent)))
            std::this_thread::sleep_for(1ms);
        kill(parent, SIGKILL);
        waitpid(parent, nullptr, 0);
        CHECK(both_called());
        if (both_called()) {
            wait_for_end((*workers)[slow == "0" ? 1 : 0]);
            const pid_t busy = (*workers)[number_of(slow)];
            kill(busy, SIGKILL);  // it need not hear of it before its call is over
            wait_for_end(busy);
        }
    }
}
