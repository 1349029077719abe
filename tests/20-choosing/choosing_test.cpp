// The rubric of lab 20: needs from samples, predictions in exact figures, choices against measured times, rules refuted.
#include "choosing.hpp"

#include <algorithm>
#include <cmath>
#include <course/testing/testing.hpp>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "held_out.hpp"

using course::testing::hint;
using course::testing::Mishap;
using lab::Costs;
using lab::Measured;
using lab::microseconds;
using lab::Seconds;
using lab::Way;
using lab::Work;
using namespace std::chrono_literals;

namespace {

/// Round figures, each one different: a sum shows which of them are in it.
constexpr Costs round_costs{
    .thread = 100us,
    .hand_over = 1us,
    .process = 10ms,
    .message = 20us,
    .byte = 1ns,
    .coroutine = 2us,
    .most_threads = 1000,
};

/// The prediction in whole microseconds; -1 if there is none.
long predicted(const Work& work, Way way, const Costs& costs = round_costs) {
    const auto time = lab::predict(work, way, costs);
    return time ? std::lround(time->count() * 1e6) : -1;
}

void hint_about_mishaps() {
    hint("Which division has nothing to divide by? Which list can be empty?", Mishap::crash);
    hint("Nothing here has to wait for anybody. Which loop does not end?", Mishap::stuck);
}

template <class Body>
bool is_refused(const Body& body) {
    try {
        body();
        return false;
    } catch (const std::invalid_argument&) {
        return true;
    }
}

/// A row in which each way took as many seconds as \p took says; 0 stands for "can't be done".
Measured measured(const std::array<double, lab::ways.size()>& took, const Work& work = {}) {
    Measured row{work, {}};
    for (std::size_t way = 0; way < took.size(); ++way)
        if (took[way] > 0)
            row.took[way] = Seconds(took[way]);
    return row;
}

}  // namespace

// --- 20.1 --------------------------------------------------------------------------------------

TEST_CASE("what a task needs is the median of its runs", "[20.1][1 point]") {
    hint_about_mishaps();
    hint("Wait is the time on the clock that was not on a processor.");
    CHECK(lab::needs({{10ms, 3ms}}) == lab::Needs{3ms, 7ms});
    hint("In one run the machine did something else for a second. Does the mean forget it?");
    CHECK(lab::needs({{10ms, 3ms}, {1010ms, 3ms}, {11ms, 3ms}, {9ms, 900ms}, {12ms, 3ms}}) ==
          lab::Needs{3ms, 8ms});
    hint(
        "The median of the waits is not the median of the wall times less the median of the CPU "
        "times. And the samples come in no order.");
    CHECK(lab::needs({{30ms, 1ms}, {10ms, 9ms}, {20ms, 2ms}}) == lab::Needs{2ms, 18ms});
    CHECK(lab::needs({{30ms, 1ms}, {10ms, 2ms}, {20ms, 18ms}}) == lab::Needs{2ms, 8ms});
    hint("Two are in the middle of an even number: the smaller one counts.");
    CHECK(lab::needs({{10ms, 4ms}, {10ms, 2ms}, {10ms, 8ms}, {10ms, 6ms}}) == lab::Needs{4ms, 4ms});
    CHECK(lab::needs({{10ms, 4ms}, {20ms, 3ms}}) == lab::Needs{3ms, 6ms});
    hint("Clocks are coarse. Can anybody wait for less than no time?");
    CHECK(lab::needs({{1ms, 2ms}, {5ms, 6ms}, {7ms, 7ms}}) == lab::Needs{6ms, 0ms});
    hint("What is the median of nothing? The contract says what to throw.");
    CHECK(is_refused([] { lab::needs({}); }));
}

TEST_CASE("the blocking share says which part of the time is wait", "[20.1][1 point]") {
    hint_about_mishaps();
    hint("The part of the whole time, not of the computing.");
    CHECK(lab::blocking_share({3ms, 1ms}) == 0.25);
    CHECK(lab::blocking_share({1us, 3us}) == 0.75);
    hint("Who only waits has 1, who never waits has 0. Integers have no room in between.");
    CHECK(lab::blocking_share({0ms, 5ms}) == 1);
    CHECK(lab::blocking_share({5ms, 0ms}) == 0);
    hint("A task that takes no time: what do you divide by?");
    CHECK(lab::blocking_share({0ms, 0ms}) == 0);
}

// --- 20.2 --------------------------------------------------------------------------------------

TEST_CASE("one lane takes everything and many lanes share the processors", "[20.2][1 point]") {
    hint_about_mishaps();
    const Work waits{.tasks = 100, .cpu = 0us, .wait = 1s, .cores = 2};
    const Work computes{.tasks = 100, .cpu = 10ms, .wait = 0us, .cores = 2};
    const Work both{.tasks = 100, .cpu = 10ms, .wait = 30ms, .cores = 2};
    hint("Serially: one lane, one processor, and no bill.");
    CHECK(predicted(waits, Way::serial) == 100'000'000);
    CHECK(predicted(computes, Way::serial) == 1'000'000);
    CHECK(predicted(both, Way::serial) == 4'000'000);
    hint("A thread for each task: all wait at once, but how many compute at once?");
    CHECK(predicted(waits, Way::thread_per_task) == 1'000'000 + 100 * 100);
    CHECK(predicted(computes, Way::thread_per_task) == 500'000 + 100 * 100);
    CHECK(predicted(both, Way::thread_per_task) == 500'000 + 100 * 100);
    hint("Two lanes for 100 tasks. Each lane has 50 of them, and each takes wait and cpu.");
    CHECK(predicted(both, Way::threads) == 50 * 40'000 + 2 * 100 + 100 * 1);
    hint("The last round of 64 lanes is not full. It takes as long as a full one.");
    CHECK(predicted(waits, Way::many_threads) == 2'000'000 + 64 * 100 + 100 * 1);
    CHECK(predicted(both, Way::many_threads) == 500'000 + 64 * 100 + 100 * 1);
    hint("How many lanes has a pool of processors' size for 3 tasks and 2 processors?");
    CHECK(predicted({.tasks = 3, .cpu = 10ms, .cores = 2}, Way::threads) ==
          2 * 10'000 + 2 * 100 + 3 * 1);
    hint("On one processor nobody computes beside anybody.");
    CHECK(predicted({.tasks = 100, .cpu = 10ms, .cores = 1}, Way::thread_per_task) ==
          1'000'000 + 100 * 100);
    CHECK(predicted({.tasks = 100, .cpu = 10ms, .cores = 1}, Way::threads) ==
          1'000'000 + 1 * 100 + 100 * 1);
    hint("More threads than can be had: then there is no prediction.");
    CHECK(predicted({.tasks = 1000}, Way::thread_per_task) == 1000 * 100);
    CHECK(predicted({.tasks = 1001}, Way::thread_per_task) == -1);
}

TEST_CASE("coroutines wait together and compute alone", "[20.2][1 point]") {
    hint_about_mishaps();
    hint("Who can be awaited is on a lane of its own. All of them share one processor.");
    CHECK(predicted({.tasks = 1000, .wait = 1s, .awaitable = true, .cores = 2}, Way::coroutines) ==
          1'000'000 + 1000 * 2);
    CHECK(predicted({.tasks = 1000, .cpu = 10ms, .wait = 1s, .awaitable = true, .cores = 2},
                    Way::coroutines) == 10'000'000 + 1000 * 2);
    CHECK(predicted({.tasks = 1000, .cpu = 100us, .wait = 1s, .awaitable = true, .cores = 2},
                    Way::coroutines) == 1'000'100 + 1000 * 2);
    hint("A call that blocks the thread blocks everybody on it: how many lanes are left?");
    CHECK(predicted({.tasks = 10, .cpu = 1ms, .wait = 1s, .awaitable = false, .cores = 2},
                    Way::coroutines) == 10 * 1'001'000 + 10 * 2);
    hint("A thread does not care whether it could have awaited.");
    CHECK(predicted({.tasks = 10, .wait = 1s, .awaitable = true, .cores = 2},
                    Way::thread_per_task) == 1'000'000 + 10 * 100);
}

TEST_CASE("processes cost their start and their messages and each byte", "[20.2][1 point]") {
    hint_about_mishaps();
    const Work work{.tasks = 1000, .cpu = 1ms, .bytes = 5000, .cores = 4};
    hint("A worker for each processor, a message for each task, and all bytes come to you.");
    CHECK(predicted(work, Way::processes) == 250'000 + 4 * 10'000 + 1000 * 20 + 5000);
    hint("1000 tasks in messages of 64: how many messages? The last one is not full.");
    CHECK(predicted(work, Way::processes_in_chunks) == 250'000 + 4 * 10'000 + 16 * 20 + 5000);
    hint("In the memory that threads share, a result lies where you can read it.");
    CHECK(predicted(work, Way::threads) == 250'000 + 4 * 100 + 1000 * 1);
    hint("70 tasks are two messages. How many of four workers have something to do?");
    CHECK(predicted({.tasks = 70, .cpu = 1ms, .bytes = 0, .cores = 4}, Way::processes_in_chunks) ==
          35'000 + 4 * 10'000 + 2 * 20);
    CHECK(predicted({.tasks = 64, .cpu = 1ms, .bytes = 0, .cores = 4}, Way::processes_in_chunks) ==
          64'000 + 4 * 10'000 + 1 * 20);
    hint("Threads in processes: 32 lanes in each worker that has work, and the bill of both.");
    CHECK(predicted({.tasks = 1000, .cpu = 1ms, .wait = 100ms, .bytes = 0, .cores = 2},
                    Way::threads_in_processes) ==
          16 * 101'000 + 2 * 10'000 + 64 * 100 + 16 * 20 + 1000 * 1);
    CHECK(predicted({.tasks = 1000, .cpu = 10ms, .wait = 1ms, .bytes = 3000, .cores = 2},
                    Way::threads_in_processes) ==
          5'000'000 + 2 * 10'000 + 64 * 100 + 16 * 20 + 1000 * 1 + 3000);
    CHECK(predicted({.tasks = 64, .wait = 100ms, .bytes = 0, .cores = 2},
                    Way::threads_in_processes) ==
          2 * 100'000 + 2 * 10'000 + 64 * 100 + 1 * 20 + 64 * 1);
}

// --- 20.3 --------------------------------------------------------------------------------------

namespace {

/// The regrets of choosing, over the rows for so many processors.
struct Regrets {
    double mean = 1;
    double worst = 1;
    std::string where = "nowhere";
};

Regrets regrets_of_choosing(int cores) {
    Regrets regrets;
    double logarithms = 0;
    int rows = 0;
    for (const Measured& row : held::held_out) {
        if (row.work.cores != cores)
            continue;
        const auto way = static_cast<std::size_t>(lab::choose(row.work, held::that_machine));
        Seconds best = *row.took[0];
        for (const auto& took : row.took)
            best = std::min(best, took.value_or(best));
        const auto& took = row.took.at(way);
        const double regret = took ? *took / best : 1000;
        logarithms += std::log(regret);
        ++rows;
        if (regret > regrets.worst) {
            regrets.worst = regret;
            regrets.where = std::to_string(row.work.tasks) + " tasks, wait " +
                            std::to_string(row.work.wait.count()) + " us, compute " +
                            std::to_string(row.work.cpu.count()) + " us, way " +
                            std::to_string(way);
        }
    }
    regrets.mean = std::exp(logarithms / rows);
    return regrets;
}

/// Whether the choice is one of \p ways, which are as good as each other.
bool chosen(const Work& work, const Costs& costs, const std::vector<Way>& ways) {
    return std::count(ways.begin(), ways.end(), lab::choose(work, costs)) > 0;
}

constexpr double good_mean = 1.2;
constexpr double bad_choice = 5;

}  // namespace

TEST_CASE("on two processors there is little to regret", "[20.3][1 point]") {
    hint_about_mishaps();
    const Regrets regrets = regrets_of_choosing(2);
    hint("There is work for which your choice is far off. What decides there?");
    INFO("worst: " << regrets.where);
    CHECK(regrets.worst < bad_choice);
    hint("On the whole your choices take too long. Look where: ./course run 20.");
    CHECK(regrets.mean < good_mean);
}

TEST_CASE("on one processor there is little to regret", "[20.3][1 point]") {
    hint_about_mishaps();
    const Regrets regrets = regrets_of_choosing(1);
    hint("There is work for which your choice is far off. What is different on one processor?");
    INFO("worst: " << regrets.where);
    CHECK(regrets.worst < bad_choice);
    hint("On the whole your choices take too long. What does one processor make pointless?");
    CHECK(regrets.mean < good_mean);
}

TEST_CASE("what may crash is alone and what can't be had is not taken", "[20.3][1 point]") {
    hint_about_mishaps();
    hint("One message has 64 tasks. Who is with the one that crashes?");
    CHECK(lab::choose({.tasks = 1000, .cpu = 10us, .cores = 2, .may_crash = true}, round_costs) ==
          Way::processes);
    CHECK(lab::choose({.tasks = 1, .may_crash = true}, round_costs) == Way::processes);
    CHECK(lab::choose({.tasks = 50, .wait = 1s, .awaitable = true, .cores = 2, .may_crash = true},
                      round_costs) == Way::processes);
    hint("2000 waits of a second that block their thread, and at most 1000 threads. Then how?");
    const Work many_waits{.tasks = 2000, .wait = 1s, .cores = 2};
    CHECK(chosen(many_waits, round_costs, {Way::many_threads, Way::threads_in_processes}));
    hint("The costs are those of the machine for which you choose. Do you look at them?");
    Costs dear_threads = round_costs;
    dear_threads.thread = 100ms;
    dear_threads.process = 1ms;
    const Work computing{.tasks = 1000, .cpu = 1ms, .bytes = 8, .cores = 4};
    CHECK(chosen(computing, round_costs, {Way::threads, Way::many_threads}));
    CHECK(chosen(computing, dear_threads, {Way::processes_in_chunks, Way::processes}));
    Costs dear_messages = dear_threads;
    dear_messages.message = 1s;
    dear_messages.byte = 1s;
    CHECK(chosen(computing, dear_messages, {Way::threads}));
}

// --- 20.4 --------------------------------------------------------------------------------------

TEST_CASE("regret is the time of the choice over that of the best", "[20.4][1 point]") {
    hint_about_mishaps();
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const auto row = measured({8, 4, 0, 2, 16, 2, 3, 0});
    hint("The best one regrets nothing: 1. Who took twice as long has 2.");
    CHECK(lab::regret(row, Way::many_threads) == 1);
    CHECK(lab::regret(row, Way::processes_in_chunks) == 1);
    CHECK(lab::regret(row, Way::thread_per_task) == 2);
    CHECK(lab::regret(row, Way::processes) == 8);
    CHECK(lab::regret(row, Way::coroutines) == 1.5);
    hint("What could not be done is not the best, and not a choice either.");
    CHECK(lab::regret(row, Way::threads) == infinite);
    CHECK(lab::regret(row, Way::threads_in_processes) == infinite);
    hint("If nothing could be done at all there is nothing to compare with.");
    CHECK(is_refused([] { lab::regret(measured({}), Way::serial); }));

    hint("Twice as long once, half as long never: 2, 1, 4 have the mean 2. Multiply, don't add.");
    const std::vector<Measured> table{measured({2, 1}, {.tasks = 1}),
                                      measured({5, 5}, {.tasks = 2}),
                                      measured({0.4, 0.1}, {.tasks = 3})};
    const lab::Rule serial = [](const Work&) { return Way::serial; };
    CHECK(std::abs(lab::mean_regret(serial, table) - 2) < 1e-9);
    hint("A rule is not judged by rows of which it says nothing.");
    const lab::Rule serial_but_for_two = [](const Work& work) {
        return work.tasks == 2 ? std::optional<Way>() : Way::serial;
    };
    CHECK(std::abs(lab::mean_regret(serial_but_for_two, table) - std::sqrt(8)) < 1e-9);
    CHECK(lab::mean_regret([](const Work&) { return std::optional<Way>(); }, table) == 1);
    CHECK(lab::mean_regret(serial, {}) == 1);
    hint("One choice that could not be done makes the rule useless: infinite.");
    CHECK(lab::mean_regret([](const Work&) { return Way::coroutines; }, table) == infinite);
}

TEST_CASE("a rule is refuted by the row in which it loses most", "[20.4][1 point]") {
    hint_about_mishaps();
    const std::vector<Measured> table{
        measured({100, 80, 90}, {.tasks = 1}),    // serial loses most seconds, but not most
        measured({0.3, 0.2, 0.1}, {.tasks = 2}),  // three times as long
        measured({0.6, 0.2, 0.3}, {.tasks = 3}),  // and again
        measured({9, 1, 2}, {.tasks = 4}),
    };
    const lab::Rule serial = [](const Work&) { return Way::serial; };
    const lab::Rule serial_below_four = [](const Work& work) {
        return work.tasks < 4 ? std::optional(Way::serial) : std::nullopt;
    };
    hint("By how much longer, as a factor, not by how many seconds.");
    const auto most = lab::refute(serial, table);
    REQUIRE(most);
    CHECK(most->row == 3);
    CHECK(most->best == Way::thread_per_task);
    CHECK(most->regret == 9);
    hint(
        "Where the rule says nothing it can't be wrong. Of two equal losses the first one counts.");
    const auto below_four = lab::refute(serial_below_four, table);
    REQUIRE(below_four);
    CHECK(below_four->row == 1);
    CHECK(below_four->best == Way::threads);
    CHECK(std::abs(below_four->regret - 3) < 1e-9);
    hint("The row is counted in the whole table, also where the rule says nothing.");
    const auto only_the_third = lab::refute(
        [](const Work& work) {
            return work.tasks == 3 ? std::optional(Way::threads) : std::nullopt;
        },
        table);
    REQUIRE(only_the_third);
    CHECK(only_the_third->row == 2);
    CHECK(only_the_third->best == Way::thread_per_task);
    hint("A tenth more is a near tie. It refutes nobody.");
    CHECK(!lab::refute(serial, {measured({1.0625, 1}), measured({1, 1}), measured({1, 2})}));
    CHECK(lab::refute(serial, {measured({1.0625, 1}), measured({1.125, 1})})->row == 1);
    hint("A rule that says what can't be done is as wrong as can be.");
    const auto impossible = lab::refute([](const Work&) { return Way::coroutines; }, table);
    REQUIRE(impossible);
    CHECK(impossible->row == 0);
    CHECK(std::isinf(impossible->regret));
    CHECK(impossible->best == Way::thread_per_task);
    hint("Who is never wrong is not refuted. Neither is who has not been tried.");
    CHECK(!lab::refute(
        [](const Work& work) { return work.tasks % 3 == 2 ? Way::threads : Way::thread_per_task; },
        table));
    CHECK(!lab::refute(serial, {}));
}
