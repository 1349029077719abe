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
using std::chrono::steady_clock;

namespace {

const course::simulation::Options eight_cores{.strategy = Strategy::in_order, .cores = 8};

/// A program of \p count steps that compute for \p each.
std::vector<Bytecode> steps(int count, std::chrono::microseconds each) {
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

const course::simulation::Options restless{.schedules = 600, .spurious_wakeups = 0.1};

/// How long a guest waits beside steps of 1 ms, with an interval of 3 ms.
std::chrono::nanoseconds wait_beside_short_steps() {
    Interpreter interpreter(3ms);
    std::chrono::nanoseconds waited{};
    const auto guest = [&] {
        const auto start = steady_clock::now();
        interpreter.run({[&, start] { waited = steady_clock::now() - start; }});
    };
    {
        const std::jthread spinner([&] { interpreter.run(steps(30, 1ms)); });
        const std::jthread other(guest);
    }
    return waited;
}

void hint_about_runs() {
    hint("Who lets go of the lock when the program is over, or while it waits?");
    hint(
        "Two threads touched the same memory, and nothing orders them. If it is a step's: who held "
        "the lock? If it is a member of yours: what guards it?",
        Mishap::race);
    hint("Everybody waits. Who had the lock last, and whom did they tell that it is free?",
         Mishap::deadlock);
}

}  // namespace

// --- 04.1 ---------------------------------------------------------------------------------------

TEST_CASE("eight threads do one core's worth of work and never two steps at once",
          "[04.1][1 point]") {
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
    CHECK(locked.elapsed >= 800ms);  // 100 %
    hint(
        "More than 800 ms: at times nobody ran although the lock was free. Whom does a notify "
        "wake, and could they use it?");
    CHECK(locked.elapsed <= 800ms);
    const auto two_locks = course::simulate(
        [] {
            Interpreter one;
            Interpreter other;
            const std::jthread in_one([&] { one.run(steps(10, 10ms)); });
            const std::jthread in_other([&] { other.run(steps(10, 10ms)); });
        },
        eight_cores);
    hint(
        "Two interpreters have a lock each, so their threads compute side by side. Which of your "
        "variables is there once for all interpreters?");
    CHECK(two_locks.elapsed == 100ms);
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
    int number = 0;
    bool ran = false;
    const auto run = course::simulate([&] {
        Interpreter interpreter;
        thrown = thrown_by([&] {
            interpreter.run({[] { throw std::runtime_error("NameError"); }, [] {}});
        });
        try {
            interpreter.run({[] { throw 42; }, [] {}});
        } catch (int what) {
            number = what;
        }
        interpreter.run({[&] { ran = true; }});
    });
    constexpr const char* every_path =
        "Every path out of run lets go of the lock, also that of an exception, of whatever type.";
    hint(every_path);
    hint(every_path, Mishap::deadlock);
    CHECK(run.verdict == Verdict::pass);
    hint("What a step throws comes out of run.");
    CHECK(thrown == "NameError");
    CHECK(number == 42);
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
    hint("Is the lock let go of exactly as often as it is taken?");
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
    for (const Mishap mishap : {Mishap::wrong, Mishap::race, Mishap::deadlock})
        hint("After the I/O, is the lock yours again? The next step believes so.", mishap);
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
    const auto about = {Mishap::wrong, Mishap::race, Mishap::deadlock, Mishap::crash};
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
                try {
                    interpreter.blocking([] { throw 42; });  // of whatever type
                } catch (int) {
                    ++caught;
                }
                ++count;
            }});
        });
        EXPECT(caught == 4);
        EXPECT(count == 2);
    });
    CHECK(search.verdict == Verdict::pass);
}

// --- 04.3 ---------------------------------------------------------------------------------------

// A turn ends with the step that runs when the interval is over: it lasts at most the interval and
// one step. So who has k others in front waits at most k * (interval + step). All limits below are this one.

TEST_CASE("who waits gets a turn after the switch interval", "[04.3][1 point]") {
    hint_about_runs();
    std::chrono::nanoseconds short_one{};
    std::chrono::nanoseconds long_one{};
    const auto run = course::simulate(
        [&] {
            const auto start = steady_clock::now();
            Interpreter interpreter(5ms);
            const std::jthread spinner([&] {
                interpreter.run(steps(200, 1ms));
                long_one = steady_clock::now() - start;
            });
            const std::jthread guest([&] {
                interpreter.run(steps(1, 1ms));
                short_one = steady_clock::now() - start;
            });
        },
        eight_cores);
    CHECK(run.verdict == Verdict::pass);
    hint(
        "One step of a millisecond had to wait until 200 others were done. Who lets go, when, and "
        "who has it then? Who unlocks and locks again is faster than anybody who has to wake up "
        "first.");
    CHECK(short_one < 200ms);
    hint(
        "It waits 5 ms and asks, the step that runs then takes 1 ms, its own as well. What else? "
        "If it had its turn and gave it away at once: when is a question answered?");
    CHECK(short_one <= 5ms + 1ms + 1ms);
    CHECK(long_one == 201ms);
    std::chrono::nanoseconds third{};
    const auto again = course::simulate(
        [&] {
            const auto start = steady_clock::now();
            Interpreter interpreter(5ms);
            const std::jthread one_step([&] { interpreter.run(steps(1, 7ms)); });
            const std::jthread spinner([&] { interpreter.run(steps(100, 1ms)); });
            const std::jthread guest(
                [&] { interpreter.run({[&] { third = steady_clock::now() - start; }}); });
        },
        eight_cores);
    CHECK(again.verdict == Verdict::pass);
    hint("It asked, and then somebody else got the lock before it. Does it ask that one, too?");
    CHECK(third <= (5ms + 7ms) + (5ms + 1ms));
}

TEST_CASE("no schedule loses a hand-over", "[04.3][1 point]") {
    hint_about_runs();
    hint(
        "Who was asked waits for ever. For somebody to take the lock? Perhaps they have, and are "
        "done with it; perhaps nobody wants it any more.",
        Mishap::deadlock);
    hint(
        "The guest waited for a second step. Who let go had it back too soon: what woke them up, "
        "and did they look whether it was their turn?");
    // Steps are longer than the interval, so each of them ends with a question.
    const auto search = course::explore(restless, [] {
        Interpreter interpreter(3ms);
        std::chrono::nanoseconds waited{};
        const auto guest = [&] {
            const auto start = steady_clock::now();
            interpreter.run({[&, start] { waited = steady_clock::now() - start; }});
        };
        {
            const std::jthread spinner([&] { interpreter.run(steps(3, 10ms)); });
            const std::jthread other(guest);
        }
        EXPECT(waited <= 3ms + 10ms);
    });
    CHECK(search.verdict == Verdict::pass);
    const auto end = course::explore(restless, [] {
        Interpreter interpreter(3ms);
        in_threads(2, [&] { interpreter.run(steps(1, 10ms)); });  // the end answers the question
    });
    CHECK(end.verdict == Verdict::pass);
    const auto interval =
        course::explore(restless, [] { EXPECT(wait_beside_short_steps() <= 3ms + 1ms); });
    hint("A thread that waits may wake up for no reason. Does its interval begin anew?");
    CHECK(interval.verdict == Verdict::pass);
}

TEST_CASE("who has waited longest is next", "[04.3][1 point]") {
    hint_about_runs();
    hint(
        "A, B and C came in this order, and each step is longer than the interval. Who is next "
        "when one of them lets go, and what makes sure of it?");
    const auto search = course::explore({.schedules = 400, .spurious_wakeups = 0.02}, [] {
        Interpreter interpreter(3ms);
        std::string turns;
        {
            std::vector<std::jthread> threads;
            for (const char name : {'A', 'B', 'C'})
                threads.emplace_back([&, name] {
                    std::this_thread::sleep_for(100us * (name - 'A'));
                    const Bytecode step = [&, name] {
                        turns += name;
                        course::compute(10ms);
                    };
                    interpreter.run({step, step, step});
                });
        }
        EXPECT(turns == "ABCABCABC");
    });
    CHECK(search.verdict == Verdict::pass);
    std::chrono::nanoseconds longest_wait{};
    const auto run = course::simulate(
        [&] {
            Interpreter interpreter(5ms);
            in_threads(8, [&] {
                auto waits_since = steady_clock::now();
                const Bytecode step = [&] {
                    const std::chrono::nanoseconds waited = steady_clock::now() - waits_since;
                    longest_wait = std::max(longest_wait, waited);
                    course::compute(300us);
                    waits_since = steady_clock::now();
                };
                interpreter.run(std::vector<Bytecode>(100, step));
            });
        },
        eight_cores);
    CHECK(run.verdict == Verdict::pass);
    hint(run.elapsed > 8 * 100 * 300us
             ? "At times nobody ran although the lock was free. Whom does a notify wake, and are "
               "they the one who is next?"
             : "Seven others have a turn each, of 5 ms and the rest of a step. Who had two of "
               "them?");
    CHECK(longest_wait <= 7 * (5ms + 300us));
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
        "200 ms are 40 intervals of 5 ms. Fewer than 32 switches? Then somebody waited much longer "
        "than they should.");
    CHECK(switches >= 32);  // a turn is 6 ms at most, 100 ms are 17 turns, with 16 others between
    std::size_t crowd = 0;
    const auto eight = course::simulate(
        [&] {
            Interpreter interpreter(5ms);
            in_threads(8, [&] { interpreter.run(steps(100, 300us)); });
            crowd = interpreter.switches();
        },
        eight_cores);
    CHECK(eight.verdict == Verdict::pass);
    hint(
        "Each turn lasts an interval of 5 ms, however many wait. Who was asked sooner, by somebody "
        "who had waited for another holder?");
    CHECK(crowd <= 240 / 5 + 8);  // 240 ms of work, and eight programs that end within a turn
    std::chrono::nanoseconds third{};
    const auto answered = course::simulate(
        [&] {
            const auto start = steady_clock::now();
            Interpreter interpreter(5ms);
            const std::jthread first([&] {
                interpreter.run({[&] {
                    course::compute(7ms);  // is asked, and lets go for another reason
                    interpreter.blocking([] { std::this_thread::sleep_for(100ms); });
                }});
            });
            const std::jthread spinner([&] {
                std::this_thread::sleep_for(100us);
                interpreter.run(steps(100, 1ms));
            });
            const std::jthread guest([&] {
                std::this_thread::sleep_for(200us);
                interpreter.run({[&] { third = steady_clock::now() - start; }});
            });
        },
        eight_cores);
    CHECK(answered.verdict == Verdict::pass);
    hint(
        "The first one was asked, and then waited for I/O. The second one was cut off long before "
        "an interval was over. Whose question did it answer?");
    CHECK(third >= 7ms + 5ms);
    const auto search = course::explore(restless, [] {
        const auto waited = wait_beside_short_steps();
        EXPECT((waited == 0ms || waited >= 3ms));  // 0: it came first
    });
    hint("A thread that waits may wake up for no reason. Is its interval over then?");
    CHECK(search.verdict == Verdict::pass);
}
