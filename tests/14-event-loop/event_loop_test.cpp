// The rubric of lab 14: who has which turn, and when.
//
// One thread, in the simulation: its clock stands still while anybody runs, and jumps when the loop sleeps, so each
// time is exact. What computes says so with course::compute.
#include "event_loop.hpp"

#include <cmath>
#include <course/simulation/catch.hpp>
#include <course/testing/guest.hpp>
#include <course/testing/testing.hpp>
#include <map>
#include <string>

using namespace std::chrono_literals;
using course::Verdict;
using course::testing::Guest;
using course::testing::hint;
using course::testing::Mishap;
using lab::Cancelled;
using lab::Frames;
using lab::Job;
using lab::Loop;
using lab::Task;

namespace {

/// What happened, and when: "soup 0.0, fish 1.5, ".
class Log {
  public:
    void operator()(const std::string& what) {
        const std::chrono::duration<double> now = std::chrono::steady_clock::now() - start_;
        const auto tenths = std::lround(now.count() * 10);
        text_ +=
            what + " " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + ", ";
    }
    /// The same without the time.
    void word(const std::string& what) { text_ += what + " "; }
    const std::string& text() const { return text_; }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::string text_;
};

/// What \p job ended with, in words.
std::string outcome(const Job& job) {
    try {
        job.result();
        return "well";
    } catch (const Cancelled&) {
        return "Cancelled";
    } catch (const std::logic_error& error) {
        return job.done() ? error.what() : "not done";
    } catch (const std::exception& error) {
        return error.what();
    } catch (int number) {
        return "the number " + std::to_string(number);
    }
}

/// Simulate \p body, and check that it came to its end.
course::simulation::Report simulated(const std::function<void()>& body) {
    hint("A job was used after its end, or went on twice. Who still knows it when it is over?",
         Mishap::crash);
    hint(
        "Nobody has anything to do, and still the loop runs on. When does it end, and when does it "
        "sleep?",
        Mishap::stuck);
    hint("The thread waits for ever. What is the loop waiting for?", Mishap::deadlock);
    hint("The simulation says what went wrong.");
    const auto run = course::simulate(body);
    CHECK(run.verdict == Verdict::pass);
    return run;
}

/// To a tenth of a second: for what is not about how the loop waits.
std::chrono::milliseconds about(std::chrono::nanoseconds time) {
    return std::chrono::round<std::chrono::duration<int, std::deci>>(time);
}

/// A thread that looks again and again makes a step each time.
constexpr std::uint64_t steps_without_looking = 2'000;

#define CHECK_FRAMES_GONE(text)            \
    hint(text);                            \
    CHECK(Guest::in_frames() == "nobody"); \
    CHECK(Frames::alive() == 0)

}  // namespace

// --- 14.1 --------------------------------------------------------------------------------------

namespace {

Task<> takes_turns(Loop& loop, Log& log, Guest guest, int turns) {
    for (int turn = 1; turn <= turns; ++turn) {
        log.word(guest.name() + std::to_string(turn));
        if (turn < turns)
            co_await loop.yield();
    }
}

Task<> takes_many_turns(Loop& loop, int turns) {
    for (int turn = 0; turn < turns; ++turn)
        co_await loop.yield();
}

Task<> spawns(Loop& loop, Log& log, Guest guest) {
    log.word(guest.name() + "1");
    loop.spawn(takes_turns(loop, log, "new", 2));
    co_await loop.yield();
    log.word(guest.name() + "2");
}

Task<int> yields_inside(Loop& loop, Log& log, int number) {
    log.word("inside");
    co_await loop.yield();
    co_return number;
}

Task<> awaits_a_task(Loop& loop, Log& log, Guest guest) {
    const int seven = co_await yields_inside(loop, log, 7);
    log.word(guest.name() + std::to_string(seven));
}

Task<> fails(Loop& loop, Guest, int turns) {
    for (int turn = 0; turn < turns; ++turn)
        co_await loop.yield();
    throw std::runtime_error("no soup");
}

Task<> throws_a_number(Loop& loop, Guest) {
    co_await loop.yield();
    throw 7;
}

}  // namespace

TEST_CASE("who has waited longest has the next turn", "[14.1][1 point]") {
    std::string before, turns, later, inside;
    bool done_before = true, done = false;
    simulated([&] {
        Log log, elsewhere;
        Loop loop;
        loop.run();
        const Job a = loop.spawn(takes_turns(loop, log, "a", 3));
        loop.spawn(takes_turns(loop, log, "b", 3));
        loop.spawn(takes_turns(loop, log, "c", 2));
        before = log.text();
        done_before = a.done();
        loop.run();
        turns = log.text();
        done = a.done();

        Log second;
        loop.spawn(spawns(loop, second, "old"));
        loop.spawn(takes_turns(loop, second, "b", 2));
        loop.run();
        later = second.text();

        Loop another;
        another.spawn(takes_turns(another, elsewhere, "x", 2));
        Log third;
        loop.spawn(awaits_a_task(loop, third, "outer"));
        loop.spawn(takes_turns(loop, third, "b", 2));
        loop.run();
        inside = third.text() + elsewhere.text();
        another.run();
        inside += elsewhere.text();
    });
    const auto many = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(takes_many_turns(loop, 100'000));
        loop.spawn(takes_many_turns(loop, 100'000));
        loop.run();
    });
    hint("Each turn begins in the loop. What lies on the stack after 200,000 of them?");
    CHECK(many.elapsed == 0s);
    hint("spawn puts the job at the end of Ready. When does it begin?");
    CHECK(before == "");
    CHECK_FALSE(done_before);
    hint(
        "Three jobs are ready. Which of them has waited longest, and where does one go that has "
        "had its turn?");
    CHECK(turns == "a1 b1 c1 a2 b2 c2 a3 b3 ");
    hint("The task is over. Who tells the job?");
    CHECK(done);
    hint("A job that is new waits behind all that are ready.");
    CHECK(later == "old1 b1 new1 old2 b2 new2 ");
    hint("A task that a job awaits has yielded. Which coroutine goes on at the job's next turn?");
    CHECK(inside.substr(0, 20) == "inside b1 outer7 b2 ");
    hint("Another loop has a job, too. Who runs it, and when?");
    CHECK(inside == "inside b1 outer7 b2 x1 x2 ");
}

TEST_CASE("a job ends by itself and keeps what it throws", "[14.1][1 point]") {
    std::string early, turns, outcomes, escaped = "nothing", kept, at_the_end;
    simulated([&] {
        Log log;
        Loop loop;
        const Job failing = loop.spawn(fails(loop, "failing", 1));
        const Job number = loop.spawn(throws_a_number(loop, "number"));
        const Job other = loop.spawn(takes_turns(loop, log, "other", 3));
        early = outcome(failing) + ", " + outcome(other);
        try {
            loop.run();
        } catch (...) {
            escaped = "an exception";
        }
        turns = log.text();
        outcomes = outcome(failing) + ", " + outcome(failing) + ", " + outcome(number) + ", " +
                   outcome(other);
        kept = Guest::in_frames();
    });
    hint("A task throws. Who is told: who runs the loop, or who asks the job?");
    CHECK(escaped == "nothing");
    hint("One job has failed. What do the others care?");
    CHECK(turns == "other1 other2 other3 ");
    hint(
        "A job knows how it ended, and can be asked more than once; and before its end it can't "
        "say.");
    CHECK(early == "not done, not done");
    CHECK(outcomes == "no soup, no soup, the number 7, well");
    hint("A job is over, and somebody keeps its handle. Who destroys the frame, and when?");
    CHECK(kept == "nobody");

    std::string outlived;
    simulated([&] {
        std::optional<Job> known;
        {
            Log log;
            Loop loop;
            known = loop.spawn(takes_turns(loop, log, "known", 9));
            loop.spawn(fails(loop, "unknown", 2));
            outlived = Guest::in_frames();
        }
        outlived += "; " + Guest::in_frames();
        outlived += std::string("; ") + (known->done() ? "done" : "never done");
    });
    hint("The loop is gone, and its jobs had not begun. Who destroys their frames?");
    CHECK(outlived == "known unknown ; nobody; never done");
    CHECK_FRAMES_GONE("Everybody is gone. And the frames?");
}

// --- 14.2 --------------------------------------------------------------------------------------

namespace {

/// The article's.
Task<> count(Loop& loop, Log& log) {
    log.word("One");
    co_await loop.sleep_for(1s);
    log.word("Two");
}

/// The other article's: foo and bar.
Task<> waits(Loop& loop, Log& log, Guest guest, std::chrono::nanoseconds duration) {
    log(guest.name());
    co_await loop.sleep_for(duration);
    log(guest.name());
}

Task<> sleeps(Loop& loop, Log& log, Guest guest, std::chrono::nanoseconds duration) {
    co_await loop.sleep_for(duration);
    log(guest.name());
}

/// Sleeps twice, until the two seconds are over.
Task<> sleeps_twice(Loop& loop, Log& log, Guest guest, std::chrono::nanoseconds first) {
    co_await loop.sleep_for(first);
    co_await loop.sleep_for(2s - first);
    log.word(guest.name());
}

Task<> computes(Log& log, Guest guest, std::chrono::nanoseconds duration) {
    course::compute(duration);
    log(guest.name());
    co_return;
}

/// Ready all along, and never alone for longer than a tenth of a second.
Task<> computes_and_yields(Loop& loop, int turns) {
    for (int turn = 0; turn < turns; ++turn) {
        course::compute(100ms);
        co_await loop.yield();
    }
}

}  // namespace

TEST_CASE("three times one second is one second", "[14.2][1 point]") {
    std::string words, two;
    const auto run = simulated([&] {
        Log log;
        Loop loop;
        for (int i = 0; i < 3; ++i)
            loop.spawn(count(loop, log));
        loop.run();
        words = log.text();
    });
    hint(
        "run is over, and somebody waits for a time. Did the loop leave too early, or did your "
        "container lose them?");
    CHECK(words == "One One One Two Two Two ");
    hint("Who sleeps: the job, or the thread with all of them?");
    CHECK(about(run.elapsed) == 1s);
    hint(
        "Nobody is ready. Does the thread sleep until the earliest time, or look again and again?");
    CHECK(run.elapsed == 1s);
    CHECK(run.steps < steps_without_looking);
    const auto foo_and_bar = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(waits(loop, log, "foo", 1s));
        loop.spawn(waits(loop, log, "bar", 1s));
        loop.run();
        two = log.text();
    });
    hint("Both wait for the same second, and foo began first.");
    CHECK(two == "foo 0.0, bar 0.0, foo 1.0, bar 1.0, ");
    CHECK(foo_and_bar.elapsed == 1s);
    const auto odd = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(sleeps(loop, log, "odd", 1'000'003us));
        loop.run();
    });
    hint("A time that nobody meets who looks every millisecond: until when does the thread sleep?");
    CHECK(odd.elapsed == 1'000'003us);
    CHECK(odd.steps < steps_without_looking);
}

TEST_CASE("whose time comes first goes on first", "[14.2][1 point]") {
    std::string three, equal, same, past;
    simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(sleeps(loop, log, "three", 3s));
        loop.spawn(sleeps(loop, log, "one", 1s));
        loop.spawn(sleeps(loop, log, "two", 2s));
        loop.run();
        three = log.text();
    });
    hint("Sleeps of 3, 1 and 2 seconds. For which one does the thread sleep first?");
    CHECK(three == "one 1.0, two 2.0, three 3.0, ");
    simulated([&] {
        Log log;
        Loop loop;
        const char* const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
        for (const char* name : names)
            loop.spawn([](Loop& inside, Log& notes, Guest guest) -> Task<> {
                co_await inside.sleep_for(1s);
                notes.word(guest.name());
            }(loop, log, name));
        loop.run();
        equal = log.text();

        Log second;
        loop.spawn(sleeps_twice(loop, second, "last", 500ms));
        loop.spawn(sleeps_twice(loop, second, "third", 300ms));
        loop.spawn(sleeps_twice(loop, second, "first", 100ms));
        loop.spawn(sleeps_twice(loop, second, "fourth", 400ms));
        loop.spawn(sleeps_twice(loop, second, "second", 200ms));
        loop.run();
        same = second.text();
    });
    hint(
        "Equal times: whoever began to wait first goes on first. Does your container keep that "
        "order?");
    CHECK(equal == "a b c d e f g h i j k l ");
    CHECK(same == "first second third fourth last ");
    simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(sleeps(loop, log, "two", 2s));
        loop.spawn(sleeps(loop, log, "one", 1s));
        loop.spawn(computes(log, "never yields", 3s));
        loop.spawn(sleeps(loop, log, "at once", 0s));
        loop.spawn(sleeps(loop, log, "long ago", -1s));
        loop.run();
        past = log.text();
    });
    hint(
        "A job computed for 3 seconds, and two times have passed meanwhile. They are late; are "
        "they in "
        "order, and both there?");
    CHECK(past == "never yields 3.0, at once 3.0, long ago 3.0, one 3.0, two 3.0, ");
    CHECK_FRAMES_GONE("Everybody is over. And the frames?");
}

TEST_CASE("who is always ready keeps nobody asleep", "[14.2][1 point]") {
    std::string woken;
    const auto run = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(computes_and_yields(loop, 15));
        loop.spawn(computes_and_yields(loop, 15));
        loop.spawn(sleeps(loop, log, "sleeper", 950ms));
        loop.run();
        woken = log.text();
    });
    hint(
        "Two jobs are ready all the time, and somebody's time has come. When do you look at the "
        "clock?");
    CHECK(woken == "sleeper 1.4, ");  // 0.2 + 0.95, and both others have a turn first
    CHECK(run.elapsed == 3s);
}

// --- 14.3 --------------------------------------------------------------------------------------

namespace {

Task<int> worth(Loop& loop, Log& log, int seconds) {
    log("begin" + std::to_string(seconds));
    co_await loop.sleep_for(std::chrono::seconds(seconds));
    co_return seconds;
}

Task<> sum_of_three(Loop& loop, Log& log) {
    std::vector<Task<int>> tasks;
    for (const int seconds : {1, 3, 2})
        tasks.push_back(worth(loop, log, seconds));
    const std::vector<int> values = co_await lab::gather(loop, std::move(tasks));
    std::string text;
    for (const int value : values)
        text += std::to_string(value);
    log(text);
}

Task<> gathers_nothing(Loop& loop, Log& log) {
    co_await lab::gather(loop, std::vector<Task<>>());
    log("nothing");
}

Task<> gathers_gathers(Loop& loop, Log& log) {
    co_await lab::gather(loop,
                         lab::gather(loop, sleeps(loop, log, "a", 2s), sleeps(loop, log, "b", 1s)),
                         lab::gather(loop, sleeps(loop, log, "c", 1s), sleeps(loop, log, "d", 3s)));
    log("all");
}

Task<> joins(Loop& loop, Log& log, Guest guest, Job job) {
    co_await loop.join(job);
    log(guest.name() + (job.done() ? "" : " too early"));
    co_await loop.join(job);
    log(guest.name() + " again");
}

Task<> joins_later(Loop& loop, Log& log, Guest guest, const std::optional<Job>& other) {
    co_await loop.join(*other);
    log(guest.name());
}

Task<> fails_after(Loop& loop, Guest guest, std::chrono::nanoseconds duration) {
    co_await loop.sleep_for(duration);
    throw std::runtime_error(guest.name());
}

Task<> gathers_failures(Loop& loop, Log& log) {
    try {
        co_await lab::gather(loop, fails_after(loop, "no soup", 1s), sleeps(loop, log, "two", 2s),
                             fails_after(loop, "no fish", 500ms), sleeps(loop, log, "three", 3s));
        log("well");
    } catch (const std::exception& error) {
        log(error.what());
    }
}

}  // namespace

TEST_CASE("gather takes as long as the longest", "[14.3][1 point]") {
    std::string sum, nothing, nested, joined;
    const auto run = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(sum_of_three(loop, log));
        loop.run();
        sum = log.text();
    });
    hint("Three tasks are gathered. When does the second one begin?");
    CHECK(sum.substr(0, 36) == "begin1 0.0, begin3 0.0, begin2 0.0, ");
    hint("Three are gathered, and the longest is not the last of them. Until when do you wait?");
    CHECK(sum == "begin1 0.0, begin3 0.0, begin2 0.0, 132 3.0, ");
    hint("All are asleep, and the thread is not. Who looks again and again: the loop, or gather?");
    CHECK(run.elapsed == 3s);
    CHECK(run.steps < steps_without_looking);
    simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(gathers_nothing(loop, log));
        loop.run();
        nothing = log.text();
    });
    hint("There is nothing to wait for.");
    CHECK(nothing == "nothing 0.0, ");
    simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(gathers_gathers(loop, log));
        loop.run();
        nested = log.text();
    });
    hint("Two gathers are gathered. Which job waits for which?");
    CHECK(nested == "b 1.0, c 1.0, a 2.0, d 3.0, all 3.0, ");
    simulated([&] {
        Log log;
        Loop loop;
        const Job job = loop.spawn(fails_after(loop, "no soup", 1s));
        loop.spawn(joins(loop, log, "first", job));
        loop.spawn(joins(loop, log, "second", job));
        loop.run();
        joined = log.text() + outcome(job);
    });
    hint("Two jobs wait for the same one. How many of them are told, and in which order?");
    std::string stuck;
    simulated([&] {
        Log log;
        std::optional<Job> one, other;
        {
            Loop loop;
            one = loop.spawn(joins_later(loop, log, "one", other));
            other = loop.spawn(joins_later(loop, log, "other", one));
            loop.spawn(sleeps(loop, log, "sleeper", 1s));
            loop.run();
            stuck = log.text() + Guest::in_frames();
        }
        stuck += "; " + Guest::in_frames();
    });
    hint(
        "Two jobs wait for each other, for ever. When does run return, and who destroys their "
        "frames?");
    CHECK(stuck == "sleeper 1.0, one other ; nobody");
    hint("Two jobs wait for the same one. How many of them are told, and in which order?");
    CHECK(joined == "first 1.0, first again 1.0, second 1.0, second again 1.0, no soup");
    CHECK_FRAMES_GONE("Everybody is over. And the frames?");
}

TEST_CASE("who fails does not make gather forget the others", "[14.3][1 point]") {
    std::string text;
    const auto run = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(gathers_failures(loop, log));
        loop.run();
        text = log.text();
    });
    hint("One of four has failed. Do you know how the others end when you throw?");
    CHECK(text == "two 2.0, three 3.0, no soup 3.0, ");
    CHECK(run.elapsed == 3s);
    CHECK_FRAMES_GONE("Everybody is over. And the frames?");
}

// --- 14.4 --------------------------------------------------------------------------------------

namespace {

Task<> told_when_cancelled(Loop& loop, Log& log, Guest guest, std::chrono::nanoseconds duration) {
    try {
        co_await loop.sleep_for(duration);
        log(guest.name() + " slept");
    } catch (const Cancelled&) {
        log(guest.name() + " cancelled");
        throw;
    }
}

/// Needs a second to clean up.
Task<> cleans_up(Loop& loop, Log& log, Guest guest) {
    bool cancelled = false;
    try {
        co_await loop.sleep_for(1000s);
    } catch (const Cancelled&) {
        cancelled = true;
    }
    log(guest.name() + (cancelled ? " cancelled" : " slept"));
    co_await loop.sleep_for(1s);
    log(guest.name() + " clean");
}

Task<> cancels(Loop& loop, Log& log, Job job, std::chrono::nanoseconds after) {
    if (after > 0s)
        co_await loop.sleep_for(after);
    log(job.cancel() ? "cancels" : "too late");
}

Task<> cancels_twice(Loop& loop, Log& log, Job job) {
    co_await loop.sleep_for(1s);
    log(std::string(job.cancel() ? "yes" : "no") + (job.cancel() ? "yes" : "no"));
}

Task<> cancels_itself(Loop& loop, Log& log, std::optional<Job>& itself) {
    co_await loop.yield();
    itself->cancel();
    log("goes on");
    co_await loop.sleep_for(1000s);
    log("slept");
}

Task<> yields_and_is_told(Loop& loop, Log& log) {
    try {
        for (;;)
            co_await loop.yield();
    } catch (const Cancelled&) {
        log("cancelled while ready");
    }
    co_await loop.sleep_for(1s);
    log("and slept");
}

Task<> gathers_and_is_told(Loop& loop, Log& log) {
    try {
        co_await lab::gather(loop, sleeps(loop, log, "short", 500ms), cleans_up(loop, log, "slow"),
                             told_when_cancelled(loop, log, "quick", 1000s));
        log("gathered");
    } catch (const Cancelled&) {
        log("gather cancelled");
    }
}

Task<> joins_and_is_told(Loop& loop, Log& log, Job job) {
    try {
        co_await loop.join(job);
        log("joined");
    } catch (const Cancelled&) {
        log("join cancelled");
    }
    co_await loop.sleep_for(3s);
    log("joiner over");
}

/// A timeout, built of what the lab has: \p task may take as long as \p limit.
Task<> with_timeout(Loop& loop, Log& log, Task<> task, std::chrono::nanoseconds limit) {
    const Job job = loop.spawn(std::move(task));
    Job clock = loop.spawn([](Loop& inside, Job late, std::chrono::nanoseconds after) -> Task<> {
        co_await inside.sleep_for(after);
        late.cancel();
    }(loop, job, limit));
    co_await loop.join(job);
    clock.cancel();
    log(outcome(job));
}

}  // namespace

TEST_CASE("a cancelled job goes on at once and meets Cancelled", "[14.4][1 point]") {
    std::string sleeping, outcomes;
    const auto run = simulated([&] {
        Log log;
        Loop loop;
        Job quick = loop.spawn(told_when_cancelled(loop, log, "soup", 1000s));
        const Job slow = loop.spawn(cleans_up(loop, log, "fish"));
        loop.spawn(cancels(loop, log, quick, 1s));
        loop.spawn(cancels_twice(loop, log, slow));
        loop.run();
        sleeping = log.text();
        outcomes = outcome(quick) + ", " + outcome(slow) + (quick.cancel() ? ", again" : "") +
                   ", " + outcome(quick);
    });
    hint("A job sleeps, and is cancelled. When does it go on, and what does its co_await throw?");
    CHECK(sleeping ==
          "cancels 1.0, yesyes 1.0, soup cancelled 1.0, fish cancelled 1.0, fish clean 2.0, ");
    hint("Its task let Cancelled pass, or went on in spite of it. How did the job end?");
    CHECK(outcomes == "Cancelled, well, Cancelled");
    hint("A job was cancelled, and its sleep with it. Until when does the loop run?");
    CHECK(about(run.elapsed) == 2s);

    std::string ready, itself, begun;
    simulated([&] {
        Log log;
        Loop loop;
        const Job yielding = loop.spawn(yields_and_is_told(loop, log));
        loop.spawn(sleeps(loop, log, "before", 0s));
        loop.spawn(cancels(loop, log, yielding, 0s));
        loop.run();
        ready = log.text() + outcome(yielding);
    });
    hint("A job is cancelled that is ready: it has a turn anyway. How many?");
    CHECK(ready == "cancels 0.0, cancelled while ready 0.0, before 0.0, and slept 1.0, well");
    const auto alone = simulated([&] {
        Log log;
        Loop loop;
        std::optional<Job> job;
        job = loop.spawn(cancels_itself(loop, log, job));
        loop.run();
        itself = log.text() + outcome(*job);
        job.reset();
    });
    hint("A job cancels itself, and then sleeps for 1000 s. What is it told, and when?");
    CHECK(itself == "goes on 0.0, Cancelled");
    CHECK(about(alone.elapsed) == 0s);
    simulated([&] {
        Log log;
        Loop loop;
        Job never = loop.spawn(told_when_cancelled(loop, log, "never begun", 1s));
        const bool cancelled = never.cancel();
        loop.run();
        begun = log.text() + outcome(never) + (cancelled ? ", was told" : ", was not told");
    });
    hint("A job was cancelled before it began. What does it do when it has its turn?");
    CHECK(begun == "Cancelled, was told");
    std::string same_moment;
    simulated([&] {
        Log log;
        Loop loop;
        const Job sleeper = loop.spawn(told_when_cancelled(loop, log, "sleeper", 1s));
        const Job joiner = loop.spawn(joins_and_is_told(loop, log, sleeper));
        loop.spawn(cancels(loop, log, joiner, 1s));
        loop.run();
        same_moment = log.text();
        Log second;
        std::optional<Job> late;
        loop.spawn([](Loop& inside, Log& notes, std::optional<Job>& job) -> Task<> {
            co_await inside.sleep_for(1s);
            notes(job->cancel() ? "cancels" : "too late");
        }(loop, second, late));
        late = loop.spawn(told_when_cancelled(loop, second, "late", 1s));
        loop.run();
        same_moment += second.text() + outcome(*late);
    });
    hint(
        "What a job waited for is over, and it is ready: in this moment it is cancelled. Where do "
        "you still look for it, and how many turns does it get?");
    CHECK(same_moment ==
          "sleeper slept 1.0, cancels 1.0, join cancelled 1.0, joiner over 4.0, "
          "cancels 1.0, late cancelled 1.0, Cancelled");
    CHECK_FRAMES_GONE("Everybody is over, or never began. And the frames?");
}

TEST_CASE("who is cancelled while it waits for others", "[14.4][1 point]") {
    std::string gathered, joined;
    const auto run = simulated([&] {
        Log log;
        Loop loop;
        const Job job = loop.spawn(gathers_and_is_told(loop, log));
        loop.spawn(cancels(loop, log, job, 1s));
        loop.run();
        gathered = log.text() + outcome(job);
    });
    hint(
        "The job that gathers is cancelled. What becomes of those that it waits for, and does it "
        "wait until they "
        "are over?");
    CHECK(gathered ==
          "short 0.5, cancels 1.0, slow cancelled 1.0, quick cancelled 1.0, slow clean 2.0, "
          "gather cancelled 2.0, well");
    CHECK(about(run.elapsed) == 2s);
    simulated([&] {
        Log log;
        Loop loop;
        const Job job = loop.spawn(sleeps(loop, log, "soup", 2s));
        const Job joiner = loop.spawn(joins_and_is_told(loop, log, job));
        loop.spawn(cancels(loop, log, joiner, 1s));
        loop.run();
        joined = log.text() + outcome(job);
    });
    hint(
        "A job gave up waiting for another one. Who still thinks that it waits, and is the other "
        "one "
        "cancelled, too?");
    CHECK(joined == "cancels 1.0, join cancelled 1.0, soup 2.0, joiner over 4.0, well");
    CHECK_FRAMES_GONE("Everybody is over. And the frames?");
}

TEST_CASE("a timeout can be built of it", "[14.4][1 point]") {
    std::string in_time, too_late;
    const auto quick = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(with_timeout(loop, log, told_when_cancelled(loop, log, "soup", 1s), 5s));
        loop.run();
        in_time = log.text();
    });
    CHECK(in_time == "soup slept 1.0, well 1.0, ");
    hint(
        "The job was in time, and the one that would have cancelled it is cancelled. What does the "
        "loop wait for?");
    CHECK(about(quick.elapsed) == 1s);
    const auto slow = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(with_timeout(loop, log, told_when_cancelled(loop, log, "soup", 1000s), 5s));
        loop.run();
        too_late = log.text();
    });
    hint("The job was too slow, and was cancelled after 5 seconds. Who waited for its end?");
    CHECK(too_late == "soup cancelled 5.0, Cancelled 5.0, ");
    CHECK(about(slow.elapsed) == 5s);
    CHECK_FRAMES_GONE("Everybody is over. And the frames?");
}
