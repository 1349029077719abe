// The rubric of lab 02: how long it takes, what comes back, who is still there.
//
// Time is virtual: a download sleeps for exact seconds and nothing else takes time.
#include "downloads.hpp"

#include <atomic>
#include <chrono>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::thrown_by;

namespace {

/// Each of its pages takes a second.
std::string one_second(const std::string& address) {
    std::this_thread::sleep_for(1s);
    return "page of " + address;
}

/// "3" takes three seconds, and so on; "0" is there at once.
std::string as_named(const std::string& address) {
    std::this_thread::sleep_for(std::chrono::seconds(address[0] - '0'));
    return "page of " + address;
}

lab::Addresses eight_addresses() {
    return {"soup", "rice", "fish", "bread", "salad", "cake", "fruit", "tea"};
}

/// More than somebody's favourite number of threads; the longest first, the only "2" last.
lab::Addresses twelve_addresses() {
    return {"3", "1", "0", "1", "0", "1", "0", "1", "0", "1", "0", "2"};
}

lab::Pages pages_of(const lab::Addresses& addresses) {
    lab::Pages pages;
    for (const std::string& address : addresses)
        pages.push_back("page of " + address);
    return pages;
}

void hint_about_races() {
    hint(
        "Two threads touch the same memory: the report names both lines. Has each thread a place "
        "of its own that nobody moves, an index of its own, and a join before anybody reads? What "
        "counts the downloads says that the work is done, and not that the threads are over.",
        Mishap::race);
}

/// An exception that is caught by its type, and has more to say than its text.
struct NoPage : std::runtime_error {
    explicit NoPage(std::string where)
        : std::runtime_error("no page " + where), address(std::move(where)) {}
    std::string address;
};

}  // namespace

// --- 02.1 ---------------------------------------------------------------------------------------

TEST_CASE("eight downloads take as long as one", "[02.1][2 points]") {
    hint_about_races();
    const auto slow =
        course::simulate([] { lab::download_one_by_one(eight_addresses(), one_second); });
    hint("download_one_by_one is given: leave it as it is.");
    CHECK(slow.elapsed == 8s);
    hint(
        "Nobody was there when the thread ended, or when your function did: which join is "
        "missing?");
    const auto fast = course::simulate([] { lab::download_all(eight_addresses(), one_second); });
    CHECK(fast.verdict == course::Verdict::pass);
    hint("When does the second download start? Before the first one is joined?");
    CHECK(fast.elapsed == 1s);
}

TEST_CASE("downloads of different lengths take as long as the longest", "[02.1][1 point]") {
    hint_about_races();
    hint(
        "Nobody was there when the thread ended, or when your function did: which join is "
        "missing?");
    std::chrono::nanoseconds returned{};
    std::chrono::nanoseconds last_begun{};
    const auto run = course::simulate([&] {
        const auto start = std::chrono::steady_clock::now();
        const auto passed = [&] { return std::chrono::steady_clock::now() - start; };
        lab::download_all(twelve_addresses(), [&](const std::string& address) {
            if (address == "2")
                last_begun = passed();
            return as_named(address);
        });
        returned = passed();
    });
    CHECK(run.verdict == course::Verdict::pass);
    hint("All at the same time, however many they are: which download waits for another's end?");
    CHECK(last_begun == 0s);
    hint("Whose end do you wait for? Each thread needs its own join, whatever order they end in.");
    CHECK(returned == 3s);
}

// --- 02.2 ---------------------------------------------------------------------------------------

TEST_CASE("pages come in the order of the addresses whoever is done first", "[02.2][1 point]") {
    hint_about_races();
    lab::Pages pages;
    lab::Pages none{"something"};
    lab::Pages twelve;
    int downloads = 0;
    hint(
        "Nobody was there when the thread ended, or when your function did: which join is "
        "missing?");
    const auto run = course::simulate([&] {
        pages = lab::download_all({"3", "1", "2"}, as_named);
        none = lab::download_all({}, as_named);
        std::atomic<int> counted = 0;
        twelve = lab::download_all(twelve_addresses(), [&](const std::string& address) {
            ++counted;
            return as_named(address);
        });
        downloads = counted;
    });
    CHECK(run.verdict == course::Verdict::pass);
    hint(
        "The page that is there first need not be the first page. How does a page know its place?");
    CHECK(pages == lab::Pages{"page of 3", "page of 1", "page of 2"});
    CHECK(none.empty());
    hint("Twelve addresses, some of them twice: how many downloads is that, and how many pages?");
    CHECK(twelve == pages_of(twelve_addresses()));
    CHECK(downloads == 12);
}

TEST_CASE("no schedule loses or tears a page", "[02.2][1 point]") {
    hint_about_races();
    hint(
        "Nobody was there when the thread ended, or when your function did: which join is "
        "missing?");
    const auto search = course::explore({.schedules = 400}, [] {
        const auto pages =
            lab::download_all({"soup", "rice", "fish"},
                              [](const std::string& address) { return "page of " + address; });
        EXPECT(pages == lab::Pages{"page of soup", "page of rice", "page of fish"});
    });
    CHECK(search.verdict == course::Verdict::pass);
}

// --- 02.3 ---------------------------------------------------------------------------------------

TEST_CASE("an exception comes out when all the others are done", "[02.3][1 point]") {
    hint_about_races();
    std::string thrown;
    int done = 0;
    const auto run = course::simulate([&] {
        std::atomic<int> finished = 0;
        thrown = thrown_by([&] {
            lab::download_all({"3", "1", "2"}, [&](const std::string& address) {
                std::string page = as_named(address);
                if (address == "1")
                    throw std::runtime_error("no page 1");
                ++finished;
                return page;
            });
        });
        done = finished;
    });
    hint(
        "An exception that leaves a thread ends the program; so does a thread that is forgotten "
        "while an "
        "exception passes by. Which one was it?");
    CHECK(run.verdict == course::Verdict::pass);
    hint("The thread's exception is for your caller: how does it get from one thread to another?");
    CHECK(thrown == "no page 1");
    hint("The exception came out while others still ran: they use your caller's variables.");
    CHECK(done == 2);
}

TEST_CASE("of several exceptions it is that of the first address", "[02.3][1 point]") {
    hint_about_races();
    std::string thrown;
    std::string number;
    std::string type;
    const auto run = course::simulate([&] {
        thrown = thrown_by([] {
            lab::download_all({"3", "2", "1"}, [](const std::string& address) -> std::string {
                as_named(address);
                throw std::runtime_error("no page " + address);
            });
        });
        number = thrown_by(
            [] { lab::download_all({"1"}, [](const std::string&) -> std::string { throw 42; }); });
        type = thrown_by([] {
            try {
                lab::download_all({"0"}, [](const std::string& address) -> std::string {
                    throw NoPage(address);
                });
            } catch (const NoPage& caught) {
                throw std::runtime_error("a NoPage of " + caught.address);
            }
        });
    });
    hint("Not everything that is thrown is a std::exception. What catches all?");
    CHECK(run.verdict == course::Verdict::pass);
    CHECK(number == "the number 42");
    hint("Your caller catches by type. Is it the exception that comes out, or one with its text?");
    CHECK(type == "a NoPage of 0");
    hint(
        "Who failed first is luck, which address comes first is not. Does each thread have a place "
        "for its "
        "exception?");
    CHECK(thrown == "no page 3");
}

TEST_CASE("no schedule mixes up two exceptions", "[02.3][1 point]") {
    hint_about_races();
    hint(
        "Which of two exceptions comes out must not depend on who was faster. Has each a place, "
        "and does each download run, whatever becomes of the others?");
    const auto search = course::explore({.schedules = 400}, [] {
        const auto thrown = thrown_by([] {
            lab::download_all({"soup", "rice"}, [](const std::string& address) -> std::string {
                throw std::runtime_error("no " + address);
            });
        });
        EXPECT(thrown == "no soup");
    });
    CHECK(search.verdict == course::Verdict::pass);
}

// --- 02.4 ---------------------------------------------------------------------------------------

TEST_CASE("a scope ends when its thread is over", "[02.4][1 point]") {
    bool done = false;
    std::chrono::nanoseconds started{};
    std::chrono::nanoseconds left{};
    const auto run = course::simulate([&] {
        const auto start = std::chrono::steady_clock::now();
        {
            const lab::JoiningThread thread([&] {
                std::this_thread::sleep_for(1s);
                done = true;
            });
            started = std::chrono::steady_clock::now() - start;
        }
        left = std::chrono::steady_clock::now() - start;
    });
    hint("A std::thread that is destroyed before somebody has joined it ends the program.");
    CHECK(run.verdict == course::Verdict::pass);
    hint("The constructor starts the thread. Who waits, and when?");
    CHECK(started == 0s);
    CHECK(left == 1s);
    CHECK(done);

    // Five threads are all that there are: complete pages, or an exception after five joins.
    std::string outcome;
    const auto scarce = course::simulate(
        [&] {
            try {
                const bool complete =
                    lab::download_all(eight_addresses(), one_second) == pages_of(eight_addresses());
                outcome = complete ? "pages or std::system_error" : "pages are missing";
            } catch (const std::system_error&) {
                outcome = "pages or std::system_error";
            }
        },
        {.strategy = course::Strategy::in_order, .thread_limit = 5});
    hint(
        "download_all could start five threads, and not the sixth: an exception passes by. Who "
        "joins the five, and are the places that they write to still there?");
    CHECK(scarce.verdict == course::Verdict::pass);
    hint("A thread could not be started, and nobody is told: what does your caller get?");
    CHECK(outcome == "pages or std::system_error");
}

TEST_CASE("a thread is handed on and the one that was there is waited for", "[02.4][1 point]") {
    std::vector<std::chrono::nanoseconds> times;
    const auto run = course::simulate([&] {
        const auto start = std::chrono::steady_clock::now();
        const auto note = [&] { times.push_back(std::chrono::steady_clock::now() - start); };
        const auto seconds = [](int count) {
            return [count] { std::this_thread::sleep_for(std::chrono::seconds(count)); };
        };
        {
            lab::JoiningThread first(seconds(3));
            {
                lab::JoiningThread moved(std::move(first));
                std::optional<lab::JoiningThread> other(seconds(1));
                *other =
                    std::move(moved);  // the one of a second is over, then that of three lives here
                note();
                other.reset();
                note();
            }
        }
        note();
    });
    hint(
        "Who was moved from has no thread: what does join do then? And what does std::thread do "
        "with the one "
        "that it has when it gets another?");
    CHECK(run.verdict == course::Verdict::pass);
    CHECK(times == std::vector<std::chrono::nanoseconds>{1s, 3s, 3s});
}
