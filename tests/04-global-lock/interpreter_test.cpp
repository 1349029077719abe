// The rubric of lab 04: who runs when, on eight virtual cores.
//
// A step of bytecode computes: course::compute occupies one of the cores for exactly so long. Nothing else
// takes time.
#include "interpreter.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using course::Strategy;
using course::Verdict;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::thrown_by;
using lab::Bytecode;
using lab::Interpreter;

namespace {

const course::simulation::Options eight_cores{.strategy = Strategy::in_order, .cores = 8};

/// A program of \p count steps that compute for \p each.
std::vector<Bytecode> steps(int count, std::chrono::milliseconds each) {
    return std::vector<Bytecode>(static_cast<std::size_t>(count),
                                 [each] { course::compute(each); });
}

/// Start \p count threads that do \p work, and wait for them.
template <class Work>
void in_threads(int count, const Work& work) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&work] { work(); });
}

void hint_about_runs() {
    hint("Who lets go of the lock when the program is over, or while it waits?");
    hint(
        "Two threads ran bytecode at once: it touches the same memory. Who holds the lock "
        "meanwhile?",
        Mishap::race);
    hint("Everybody waits for the lock. Who had it last, and whom did they tell that it is free?",
         Mishap::deadlock);
}

}  // namespace

// --- 04.1 ---------------------------------------------------------------------------------------

TEST_CASE("eight spinning threads do one core's worth of work", "[04.1][1 point]") {
    hint_about_runs();
    const auto native =
        course::simulate([] { in_threads(8, [] { course::compute(100ms); }); }, eight_cores);
    CHECK(native.elapsed == 100ms);  // 800 % of a core
    const auto locked = course::simulate(
        [] {
            Interpreter interpreter;
            in_threads(8, [&] { interpreter.run(steps(10, 10ms)); });
        },
        eight_cores);
    CHECK(locked.verdict == Verdict::pass);
    hint(
        "Bytecode of two threads never runs at the same time: eight times 100 ms take 800 ms, on "
        "however many cores.");
    CHECK(locked.elapsed == 800ms);  // 100 %
}

TEST_CASE("no schedule runs two steps at once", "[04.1][1 point]") {
    hint_about_runs();
    hint("Two threads ran bytecode at once. Who holds the lock meanwhile?");
    const auto search = course::explore({.schedules = 400}, [] {
        Interpreter interpreter;
        int count = 0;  // without a lock of its own
        in_threads(3, [&] { interpreter.run(std::vector<Bytecode>(2, [&] { ++count; })); });
        EXPECT(count == 6);
    });
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("a step that throws leaves the lock free", "[04.1][1 point]") {
    hint_about_runs();
    std::string thrown;
    bool ran = false;
    const auto run = course::simulate([&] {
        Interpreter interpreter;
        thrown = thrown_by([&] {
            interpreter.run({[] { throw std::runtime_error("NameError"); }, [] {}});
        });
        interpreter.run({[&] { ran = true; }});
    });
    hint("Every path out of run lets go of the lock, also that of an exception.");
    CHECK(run.verdict == Verdict::pass);
    hint("What a step throws comes out of run.");
    CHECK(thrown == "NameError");
    CHECK(ran);
}

// --- 04.2 ---------------------------------------------------------------------------------------

TEST_CASE("eight threads that wait for I/O wait together", "[04.2][1 point]") {
    hint_about_runs();
    const auto run = course::simulate(
        [] {
            Interpreter interpreter;
            const auto read = [&] {
                interpreter.blocking([] { std::this_thread::sleep_for(1s); });
            };
            in_threads(8, [&] { interpreter.run({read}); });
        },
        eight_cores);
    hint("A lock that is let go of twice, or taken twice, is nobody's.");
    CHECK(run.verdict == Verdict::pass);
    hint("Eight waits of a second take a second: who holds the lock while nothing is computed?");
    CHECK(run.elapsed == 1s);
}

TEST_CASE("bytecode runs while others wait for I/O and never beside other bytecode",
          "[04.2][1 point]") {
    hint_about_runs();
    const auto run = course::simulate(
        [] {
            Interpreter interpreter;
            const std::jthread reader([&] {
                interpreter.run(
                    {[&] { interpreter.blocking([] { std::this_thread::sleep_for(1s); }); }});
            });
            const std::jthread spinner([&] { interpreter.run(steps(100, 10ms)); });
        },
        eight_cores);
    CHECK(run.verdict == Verdict::pass);
    hint("A second of waiting beside a second of computing is a second.");
    CHECK(run.elapsed == 1s);
    hint("After the I/O, is the lock yours again? The next step believes so.");
    hint("After the I/O, is the lock yours again? The next step believes so.", Mishap::race);
    const auto search = course::explore({.schedules = 400}, [] {
        Interpreter interpreter;
        int count = 0;
        in_threads(2, [&] {
            interpreter.run(
                {[&] { ++count; }, [&] { interpreter.blocking([] {}); }, [&] { ++count; }});
        });
        EXPECT(count == 4);
    });
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("I/O that fails leaves the lock to who called it", "[04.2][1 point]") {
    hint_about_runs();
    const auto about = {Mishap::wrong, Mishap::race, Mishap::crash};
    for (const Mishap mishap : about)
        hint(
            "The step has caught the exception and goes on. Has it got the lock? And was it let go "
            "of once only?",
            mishap);
    const auto search = course::explore({.schedules = 400}, [] {
        Interpreter interpreter;
        int count = 0;
        std::atomic<int> caught = 0;
        in_threads(2, [&] {
            interpreter.run({[&] {
                try {
                    interpreter.blocking([] { throw std::runtime_error("OSError"); });
                } catch (const std::runtime_error&) {
                    ++caught;
                }
                ++count;
            }});
        });
        EXPECT(caught == 2);
        EXPECT(count == 2);
    });
    CHECK(search.verdict == Verdict::pass);
}

// --- 04.3 ---------------------------------------------------------------------------------------

TEST_CASE("who waits gets a turn after the switch interval", "[04.3][1 point]") {
    hint_about_runs();
    std::chrono::nanoseconds short_one{};
    std::chrono::nanoseconds long_one{};
    const auto run = course::simulate(
        [&] {
            const auto start = std::chrono::steady_clock::now();
            Interpreter interpreter;
            const std::jthread spinner([&] {
                interpreter.run(steps(200, 1ms));
                long_one = std::chrono::steady_clock::now() - start;
            });
            const std::jthread guest([&] {
                interpreter.run(steps(1, 1ms));
                short_one = std::chrono::steady_clock::now() - start;
            });
        },
        eight_cores);
    CHECK(run.verdict == Verdict::pass);
    hint(
        "One step of a millisecond had to wait until 200 others were done. Who lets go, when, and "
        "who has it then? Who "
        "unlocks and locks again is faster than anybody who has to wake up first.");
    CHECK(short_one <= 8ms);  // the interval, the step that runs then, and its own
    CHECK(long_one == 201ms);
}

TEST_CASE("eight threads all get on", "[04.3][1 point]") {
    hint_about_runs();
    std::vector<std::chrono::nanoseconds> first_step(8);
    const auto run = course::simulate(
        [&] {
            const auto start = std::chrono::steady_clock::now();
            Interpreter interpreter;
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < 8; ++i)
                threads.emplace_back([&, i] {
                    std::vector<Bytecode> program = steps(100, 1ms);
                    program.front() = [&, i] {
                        first_step[i] = std::chrono::steady_clock::now() - start;
                    };
                    interpreter.run(program);
                });
        },
        eight_cores);
    CHECK(run.verdict == Verdict::pass);
    hint("Somebody got no turn while others had several: who is next?");
    CHECK(*std::max_element(first_step.begin(), first_step.end()) <= 60ms);
}

// --- 04.4 ---------------------------------------------------------------------------------------

TEST_CASE("a thread that nobody waits for is never interrupted", "[04.4][1 point]") {
    hint_about_runs();
    std::size_t alone = 1;
    std::size_t after_another = 0;
    const auto run = course::simulate([&] {
        Interpreter interpreter;
        interpreter.run(steps(50, 1ms));
        interpreter.run(steps(50, 1ms));
        alone = interpreter.switches();
        std::thread([&] { interpreter.run(steps(50, 1ms)); }).join();
        after_another = interpreter.switches();
    });
    CHECK(run.verdict == Verdict::pass);
    hint("The same thread again is no switch, another one is.");
    CHECK(alone == 0);
    CHECK(after_another == 1);
}

TEST_CASE("two threads switch once an interval and not at every step", "[04.4][1 point]") {
    hint_about_runs();
    std::size_t switches = 0;
    const auto run = course::simulate(
        [&] {
            Interpreter interpreter;
            in_threads(2, [&] { interpreter.run(steps(100, 1ms)); });
            switches = interpreter.switches();
        },
        eight_cores);
    CHECK(run.verdict == Verdict::pass);
    CHECK(run.elapsed == 200ms);
    hint(
        "200 ms are 40 intervals of 5 ms. More switches than that? Each one costs: who asked, and "
        "is the question answered "
        "once it is?");
    CHECK(switches <= 41);
    hint(
        "200 ms are 40 intervals of 5 ms. Fewer than 25 switches? Then somebody waited much longer "
        "than they should.");
    CHECK(switches >= 25);
}
