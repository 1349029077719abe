// The rubric of lab 19: who computes in which tick, under each policy.
#include "scheduling.hpp"

#include <course/testing/testing.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cpu.hpp"

using course::testing::hint;
using course::testing::Mishap;
using lab::compute;
using lab::lock;
using lab::Task;
using lab::Ticks;
using lab::unlock;
using lab::wait;

namespace {

/// A record from a chart: A is task 0, B task 1, a dot nobody.
lab::Record record(const std::string& letters) {
    lab::Record ticks;
    for (const char letter : letters)
        ticks.push_back(letter == '.' ? std::nullopt : std::optional<lab::TaskId>(letter - 'A'));
    return ticks;
}

/// Who computes when, or what the CPU says of the policy.
std::string chart(const std::unique_ptr<lab::Policy>& policy, const std::vector<Task>& tasks) {
    if (!policy)
        return "there is no policy";
    try {
        return lab::chart(tasks, lab::Cpu(tasks, *policy).run());
    } catch (const std::logic_error& error) {
        return error.what();
    }
}

/// The first ticks of it.
std::string beginning(const std::unique_ptr<lab::Policy>& policy, const std::vector<Task>& tasks,
                      std::size_t ticks) {
    return chart(policy, tasks).substr(0, ticks);
}

/// Whether \p body throws std::invalid_argument.
template <class Body>
bool is_refused(const Body& body) {
    try {
        body();
        return false;
    } catch (const std::invalid_argument&) {
        return true;
    }
}

void hint_about_crashes() {
    hint(
        "What does your policy do when it is told that the task is gone in the tick in which its "
        "turn was over? And when nobody is ready?",
        Mishap::crash);
    hint("Does the search for the next one, or for the highest priority, come to an end?",
         Mishap::stuck);
}

}  // namespace

// --- 19.1 --------------------------------------------------------------------------------------

TEST_CASE("turnaround and response count from the arrival", "[19.1][1 point]") {
    hint_about_crashes();
    const auto ticks = record("AAB.BCA");
    hint("When is a task's last tick over: as it begins, or one tick later?");
    CHECK(lab::measure(ticks, 0, 0).turnaround == 7);
    CHECK(lab::measure(ticks, 0, 0).response == 0);
    hint("Who arrives at 2 has not waited before that.");
    CHECK(lab::measure(ticks, 1, 2).turnaround == 3);
    CHECK(lab::measure(ticks, 1, 1).response == 1);
    CHECK(lab::measure(ticks, 2, 2).response == 3);
    CHECK(lab::measure(ticks, 2, 2).turnaround == 4);
    hint("A task that never computed has neither. What can you say but that?");
    CHECK(is_refused([&] { lab::measure(ticks, 3, 0); }));
}

TEST_CASE("a switch is from one task to another", "[19.1][1 point]") {
    hint_about_crashes();
    hint("AABBA: from A to B, and back.");
    CHECK(lab::switches(record("AABBA")) == 2);
    CHECK(lab::switches(record("ABCD")) == 3);
    hint("To begin is no switch: from whom?");
    CHECK(lab::switches(record("")) == 0);
    CHECK(lab::switches(record("..A")) == 0);
    hint("The CPU was idle. Who computed last before that?");
    CHECK(lab::switches(record("AA..AA")) == 0);
    CHECK(lab::switches(record("AA..BB.")) == 1);
}

// --- 19.2 --------------------------------------------------------------------------------------

TEST_CASE("everybody has a turn", "[19.2][1 point]") {
    hint_about_crashes();
    hint("First come, first served, and after its quantum to the end of the queue.");
    CHECK(
        beginning(lab::round_robin(2),
                  {{"A", 0, 0, {compute(9)}}, {"B", 9, 0, {compute(9)}}, {"C", 0, 0, {compute(9)}}},
                  10) == "AABBCCAABB");
    hint("Nobody else is there. Who goes on?");
    CHECK(chart(lab::round_robin(2), {{"A", 0, 1, {compute(5)}}}) == ".AAAAA");
    hint("B became ready just as A's quantum was over. Who of them stands first?");
    CHECK(beginning(lab::round_robin(2), {{"A", 0, 0, {compute(9)}}, {"B", 0, 2, {compute(9)}}},
                    8) == "AABBAABB");
    hint("B came while C waited for its turn. Behind whom does it go?");
    CHECK(
        beginning(lab::round_robin(3),
                  {{"A", 0, 0, {compute(10)}}, {"C", 0, 0, {compute(10)}}, {"B", 0, 1, {compute(10)}}},
                  12) == "AAACCCBBBAAA");
}

TEST_CASE("every turn has a whole quantum", "[19.2][1 point]") {
    hint_about_crashes();
    hint("A was gone before its quantum was over. What is left of it, and who gets that?");
    CHECK(chart(lab::round_robin(3), {{"A", 0, 0, {compute(2), wait(2), compute(4)}},
                                      {"B", 0, 0, {compute(5)}}}) == "AABBBAAABBA");
    hint("A was gone just as its quantum was over. Who was it that had to go?");
    CHECK(chart(lab::round_robin(2), {{"A", 0, 0, {compute(2), wait(1), compute(2)}},
                                      {"B", 0, 0, {compute(4)}},
                                      {"C", 0, 0, {compute(2)}}}) == "AABBCCAABB");
    hint("A quantum of nothing: whose turn is it ever?");
    CHECK(is_refused([] { lab::round_robin(0); }));
    CHECK(is_refused([] { lab::round_robin(-1); }));
}

// --- 19.3 --------------------------------------------------------------------------------------

TEST_CASE("the highest priority comes first and equals in their order", "[19.3][1 point]") {
    hint_about_crashes();
    hint("Of two priorities the greater one is the higher one.");
    CHECK(chart(lab::fifo(), {{"A", 1, 0, {compute(2)}},
                              {"B", 3, 0, {compute(2)}},
                              {"C", 2, 0, {compute(2)}}}) == "BBCCAA");
    hint("B has A's priority. Is that a reason for A to make room, now or ever?");
    CHECK(chart(lab::fifo(), {{"A", 1, 0, {compute(9)}},
                              {"B", 1, 2, {compute(2)}},
                              {"C", 1, 1, {compute(2)}}}) == "AAAAAAAAACCBB");
    hint("A has waited, and is ready again. B has been ready all the time.");
    CHECK(chart(lab::fifo(), {{"A", 1, 0, {compute(1), wait(1), compute(2)}},
                              {"B", 1, 0, {compute(3)}},
                              {"C", 1, 0, {compute(1)}}}) == "ABBBCAA");
}

TEST_CASE("a higher priority interrupts", "[19.3][1 point]") {
    hint_about_crashes();
    hint("C is there, and higher. Does it wait for A to end?");
    CHECK(chart(lab::fifo(), {{"A", 1, 0, {compute(4)}},
                              {"B", 1, 1, {compute(2)}},
                              {"C", 2, 2, {compute(1)}}}) == "AACAABB");
    hint("A had to make room, and has been ready all the time: longer than B.");
    CHECK(chart(lab::fifo(), {{"A", 1, 0, {compute(2)}},
                              {"B", 1, 0, {compute(2)}},
                              {"C", 2, 1, {compute(1), wait(2), compute(1)}}}) == "ACABCB");
    hint("Nobody is ready, and later somebody is.");
    CHECK(chart(lab::fifo(), {{"A", 1, 0, {compute(1), wait(2), compute(1)}}}) == "A..A");
}

TEST_CASE("who holds a lock has the priority of who waits for it", "[19.3][1 point]") {
    hint_about_crashes();
    hint(
        "H waits for L, and M, which is lower than H, keeps L from going on. How long will H "
        "wait?");
    CHECK(chart(lab::fifo(), {{"L", 1, 0, {lock(), compute(4), unlock(), compute(2)}},
                              {"M", 2, 2, {compute(5)}},
                              {"H", 3, 1, {lock(), compute(2), unlock()}}}) == "LLLLHHMMMMMLL");
    hint("H waits for K, and K waits for L. Whose priority does L have?");
    CHECK(chart(lab::fifo(),
                {{"L", 1, 0, {lock(1), compute(4), unlock(1), compute(1)}},
                 {"K",
                  2,
                  1,
                  {lock(2), compute(1), lock(1), compute(1), unlock(1), unlock(2), compute(1)}},
                 {"M", 3, 3, {compute(3)}},
                 {"H", 4, 2, {lock(2), compute(1), unlock(2)}}}) == "LKLLLKHMMMKL");
    hint("L gave up the lock that H had waited for, and holds another one, for which K waits.");
    CHECK(chart(lab::fifo(),
                {{"L",
                  1,
                  0,
                  {lock(1), lock(2), compute(3), unlock(2), compute(3), unlock(1), compute(1)}},
                 {"K", 3, 1, {lock(1), compute(1), unlock(1)}},
                 {"M", 2, 3, {compute(2)}},
                 {"H", 4, 2, {lock(2), compute(1), unlock(2)}}}) == "LLLHLLLKMML");
    hint(
        "Two wait for the lock that L gives up. The one who does not get it waits for somebody "
        "else now.");
    CHECK(chart(lab::fifo(), {{"L", 1, 0, {lock(), compute(3), unlock(), compute(2)}},
                              {"K", 3, 1, {lock(), compute(2), unlock()}},
                              {"H", 4, 2, {lock(), compute(1), wait(2), compute(1), unlock()}},
                              {"M", 2, 2, {compute(1)}}}) == "LLLHMLHKKL");
}

// --- 19.4 --------------------------------------------------------------------------------------

TEST_CASE("who computes much falls behind", "[19.4][1 point]") {
    hint_about_crashes();
    hint("A computed for a whole quantum, and fell to B's level. Which of them stands first now?");
    CHECK(chart(lab::time_sharing(2, 100),
                {{"A", 2, 0, {compute(6)}}, {"B", 1, 0, {compute(4)}}}) == "AABBAABBAA");
    hint("Below 0 nobody falls: two that compute for ever share the CPU.");
    CHECK(chart(lab::time_sharing(1, 100),
                {{"A", 1, 0, {compute(5)}}, {"B", 0, 4, {compute(3)}}}) == "AAAABABB");
    CHECK(chart(lab::time_sharing(1, 100),
                {{"A", 0, 0, {compute(4)}}, {"B", 0, 1, {compute(4)}}}) == "ABABABAB");
    hint(
        "A waited before its quantum was over. That is no reason to fall; and when it is ready "
        "again, its level is its priority.");
    CHECK(chart(lab::time_sharing(3, 100),
                {{"A", 1, 0, {compute(2), wait(1), compute(2), wait(1), compute(2)}},
                 {"B", 0, 0, {compute(4)}}}) == "AABAABAABB");
    hint("A had fallen, waited, and is ready again: its level is its priority.");
    CHECK(chart(lab::time_sharing(2, 100), {{"A", 2, 0, {compute(3), wait(1), compute(2)}},
                                            {"B", 2, 0, {compute(6)}}}) == "AABBABAABBB");
    hint("A quantum or a patience of nothing makes no sense.");
    CHECK(is_refused([] { lab::time_sharing(0, 1); }));
    CHECK(is_refused([] { lab::time_sharing(1, 0); }));
}

TEST_CASE("who has to make room loses nothing", "[19.4][1 point]") {
    hint_about_crashes();
    hint(
        "C interrupts A. When it is gone: who stands first, and how much of its quantum has A "
        "left?");
    CHECK(chart(lab::time_sharing(3, 100), {{"A", 1, 0, {compute(5)}},
                                            {"B", 1, 0, {compute(3)}},
                                            {"C", 2, 2, {compute(1)}}}) == "AACABBBAA");
    hint("A computes, so it does not wait, and its rank is its level. B's is higher.");
    CHECK(chart(lab::time_sharing(10, 2), {{"A", 1, 0, {compute(6)}}, {"B", 2, 4, {compute(2)}}}) ==
          "AAAABBAA");
    hint("An equal does not interrupt.");
    CHECK(chart(lab::time_sharing(4, 100),
                {{"A", 1, 0, {compute(4)}}, {"B", 1, 1, {compute(2)}}}) == "AAAABB");
}

TEST_CASE("nobody starves", "[19.4][1 point]") {
    hint_about_crashes();
    const std::vector<Task> two_that_always_come_back = {
        {"A",
         2,
         0,
         {compute(1), wait(1), compute(1), wait(1), compute(1), wait(1), compute(1), wait(1),
          compute(1), wait(1), compute(1), wait(1), compute(1)}},
        {"B",
         2,
         1,
         {compute(1), wait(1), compute(1), wait(1), compute(1), wait(1), compute(1), wait(1),
          compute(1), wait(1), compute(1), wait(1), compute(1)}},
        {"S", 0, 0, {compute(2)}}};
    hint("S is ready all the time, and A or B always has the higher level. What lifts S up?");
    CHECK(beginning(lab::time_sharing(5, 3), two_that_always_come_back, 7) == "ABABABS");
    hint("S has had its tick, and waits again. From when on do you count?");
    CHECK(chart(lab::time_sharing(1, 2), {{"A", 2, 0, {compute(1), wait(1), compute(9)}},
                                          {"S", 0, 0, {compute(3)}}}) == "ASAASASAAAAAA");
    CHECK(chart(lab::time_sharing(5, 3), two_that_always_come_back) == "ABABABSABABABSAB");
}
