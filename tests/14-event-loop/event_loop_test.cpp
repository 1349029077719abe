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

/// What tasks throw here: whoever keeps only the words of it has lost something.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What \p job ended with, in words.
std::string outcome(const Job& job) {
    try {
        job.result();
        return "well";
    } catch (const Cancelled&) {
        return "Cancelled";
    } catch (const Failure& failure) {
        return failure.what();
    } catch (const std::logic_error& error) {
        return job.done() ? std::string("a logic_error: ") + error.what() : "not done";
    } catch (const std::exception& error) {
        return std::string("some other exception: ") + error.what();
    } catch (int number) {
        return "the number " + std::to_string(number);
    }
}

constexpr const char* used_after_its_end =
    "A job was used after its end, or went on twice. Who still knows it when it is over, and which "
    "coroutine goes on at its turn?";

/// Simulate \p body, and check that it came to its end. \p crash is the hint if it crashes.
course::simulation::Report simulated(const std::function<void()>& body,
                                     const char* crash = used_after_its_end,
                                     std::uint64_t step_limit = 200'000) {
    hint(crash, Mishap::crash);
    hint(
        "Nobody has anything to do, and still the loop runs on. When does it end, and when does it "
        "sleep?",
        Mishap::stuck);
    hint("The thread waits for ever. What is the loop waiting for?", Mishap::deadlock);
    hint(
        "The simulation says what went wrong. An exception: it has left run; who keeps what a task "
        "throws? Too many steps: who looks again and again?");
    const auto run = course::simulate(body, {.step_limit = step_limit});
    CHECK(run.verdict == Verdict::pass);
    return run;
}

/// To a tenth of a second: for what is not about how the loop waits.
std::chrono::milliseconds about(std::chrono::nanoseconds time) {
    return std::chrono::round<std::chrono::duration<int, std::deci>>(time);
}

/// A thread that looks again and again makes a step each time.
constexpr std::uint64_t steps_without_looking = 2'000;

/// A reference count that changes is a step, and a turn may take a dozen.
constexpr std::uint64_t steps_of_many_turns = 5'000'000;

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

/// Runs \p another loop in the middle of its first turn.
Task<> runs_another(Loop& loop, Log& log, Guest guest, Loop& another) {
    another.run();
    log.word(guest.name() + "1");
    co_await loop.yield();
    log.word(guest.name() + "2");
}

/// Whose frames are there while somebody has a turn?
Task<> looks_at_frames(std::string& frames, Guest) {
    frames = Guest::in_frames();
    co_return;
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
    throw Failure("no soup");
}

Task<> throws_a_number(Loop& loop, Guest) {
    co_await loop.yield();
    throw 7;
}

}  // namespace

TEST_CASE("who has waited longest has the next turn", "[14.1][1 point]") {
    std::string before, turns, later, inside, nested;
    bool done_before = true, done = false;
    simulated([&] {
        Log log;
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
    });
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
    const char* const which =
        "A task that a job awaits has yielded. Which coroutine goes on at the job's next turn?";
    simulated(
        [&] {
            Log log;
            Loop loop;
            loop.spawn(awaits_a_task(loop, log, "outer"));
            loop.spawn(takes_turns(loop, log, "b", 2));
            loop.run();
            inside = log.text();
        },
        which);
    hint(which);
    CHECK(inside == "inside b1 outer7 b2 ");
    const char* const stack =
        "Each turn begins in the loop. What lies on the stack after 40,000 of them?";
    const auto many = simulated(
        [&] {
            Loop loop;
            loop.spawn(takes_many_turns(loop, 20'000));
            loop.spawn(takes_many_turns(loop, 20'000));
            loop.run();
        },
        stack, steps_of_many_turns);
    hint(stack);
    CHECK(many.elapsed == 0s);
    const char* const two_loops =
        "Another loop has a job, too, and is run in the middle of a turn. Which jobs does each "
        "loop know, and whose turn is it afterwards?";
    simulated(
        [&] {
            Log log;
            Loop loop, another;
            another.spawn(takes_turns(another, log, "x", 2));
            loop.spawn(takes_turns(loop, log, "b", 2));
            loop.spawn(runs_another(loop, log, "outer", another));
            loop.run();
            nested = log.text();
        },
        two_loops);
    hint(two_loops);
    CHECK(nested == "b1 x1 x2 outer1 b2 outer2 ");
}

TEST_CASE("a job ends by itself and keeps what it throws", "[14.1][1 point]") {
    std::string early, turns, outcomes, escaped = "nothing", meanwhile, kept;
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
        const Job over = loop.spawn(takes_turns(loop, log, "over", 1));
        loop.spawn(looks_at_frames(meanwhile, "next"));
        loop.run();
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
    hint("A job is over, and the next one has its turn. Does the frame of the first still exist?");
    CHECK(meanwhile == "next ");

    std::string in_time, outlived;
    bool done = true;
    simulated([&] {
        std::optional<Job> known;
        {
            Log log;
            Loop loop;
            known = loop.spawn(takes_turns(loop, log, "known", 9));
            loop.spawn(fails(loop, "unknown", 2));
            in_time = Guest::in_frames();
        }
        outlived = Guest::in_frames();
        done = known->done();
    });
    hint("Two jobs have not begun, and the loop is still there. Where are their frames?");
    CHECK(in_time == "known unknown ");
    hint("The loop is gone, and its jobs had not begun. Who destroys their frames?");
    CHECK(outlived == "nobody");
    hint("The loop is gone, and a job of it never came to its end. Is it done?");
    CHECK_FALSE(done);
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
    co_await loop.yield();
    log(guest.name() + " again");
}

/// Says to the nanosecond when it goes on.
Task<> sleeps_exactly(Loop& loop, std::string& times, std::chrono::nanoseconds duration) {
    const auto start = std::chrono::steady_clock::now();
    co_await loop.sleep_for(duration);
    times += std::to_string((std::chrono::steady_clock::now() - start).count()) + " ";
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
    REQUIRE(run.elapsed == 1s);
    REQUIRE(run.steps < steps_without_looking);
    const auto foo_and_bar = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(waits(loop, log, "foo", 1s));
        loop.spawn(waits(loop, log, "bar", 1s));
        loop.run();
        two = log.text();
    });
    hint(
        "Both wait for the same second, and foo began first. When it has come, are both ready, and "
        "in which order?");
    CHECK(two == "foo 0.0, bar 0.0, foo 1.0, bar 1.0, foo again 1.0, bar again 1.0, ");
    CHECK(foo_and_bar.elapsed == 1s);
    const auto odd = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(sleeps(loop, log, "odd", 1'000'000'003us));
        loop.run();
    });
    hint(
        "A long time, and one that nobody meets who looks now and then: until when does the thread "
        "sleep?");
    REQUIRE(odd.elapsed == 1'000'000'003us);
    REQUIRE(odd.steps < steps_without_looking);
    constexpr std::chrono::hours hundred_years(100 * 365 * 24);
    const auto longest = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(sleeps(loop, log, "long", hundred_years));
        loop.run();
    });
    hint("A job may sleep for a hundred years. How long does yours?");
    CHECK(longest.elapsed == hundred_years);
}

TEST_CASE("whose time comes first goes on first", "[14.2][1 point]") {
    std::string three, equal, same, exact, past;
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
    simulated([&] {
        Loop loop;
        loop.spawn(sleeps_exactly(loop, exact, 1s + 500us));
        loop.spawn(sleeps_exactly(loop, exact, 1s + 500ns));
        loop.spawn(sleeps_exactly(loop, exact, 1s));
        loop.run();
    });
    hint(
        "Equal times: whoever began to wait first goes on first. Does your container keep that "
        "order?");
    CHECK(equal == "a b c d e f g h i j k l ");
    CHECK(same == "first second third fourth last ");
    hint("Times that are close together. Who is woken before its own has come?");
    CHECK(exact == "1000000000 1000000500 1000500000 ");
    simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(sleeps(loop, log, "two", 2s));
        loop.spawn(sleeps(loop, log, "one", 1s));
        loop.spawn(computes(log, "never yields", 3s));
        loop.run();
        past = log.text();
    });
    hint(
        "A job computed for 3 seconds, and two times have passed meanwhile. They are late; are "
        "they in "
        "order, and both there?");
    CHECK(past == "never yields 3.0, one 3.0, two 3.0, ");
    CHECK_FRAMES_GONE("Everybody is over. And the frames?");
}

TEST_CASE("who is always ready keeps nobody asleep", "[14.2][1 point]") {
    std::string woken;
    const auto run = simulated([&] {
        Log log;
        Loop loop;
        loop.spawn(computes_and_yields(loop, 15));
        loop.spawn(computes_and_yields(loop, 15));
        loop.spawn(sleeps(loop, log, "one", 750ms));
        loop.spawn(sleeps(loop, log, "two", 950ms));
        loop.run();
        woken = log.text();
    });
    hint(
        "Two jobs are ready all the time, and somebody's time has come. When do you look at the "
        "clock?");
    // 0.2 + 0.75 and 0.2 + 0.95, and both others have a turn first
    CHECK(woken == "one 1.2, two 1.4, ");
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
    throw Failure(guest.name());
}

template <class What>
Task<> throws_after(Loop& loop, Guest, std::chrono::nanoseconds duration, What what) {
    co_await loop.sleep_for(duration);
    throw what;
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
    std::string text, number, cancelled;
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
    simulated([&] {
        Loop loop;
        const Job seven = loop.spawn(lab::gather(loop, throws_after(loop, "number", 1s, 7),
                                                 fails_after(loop, "no fish", 500ms)));
        const Job told = loop.spawn(lab::gather(loop, throws_after(loop, "told", 1s, Cancelled()),
                                                fails_after(loop, "no cake", 500ms)));
        loop.run();
        number = outcome(seven);
        cancelled = outcome(told);
    });
    hint(
        "What the first of two has thrown is no std::exception, and the second threw one. What "
        "does gather throw?");
    CHECK(number == "the number 7");
    CHECK(cancelled == "Cancelled");
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

/// What both calls returned is in \p both.
Task<> cancels_twice(Loop& loop, Log& log, Job job, bool& both) {
    co_await loop.sleep_for(1s);
    const bool first = job.cancel(), second = job.cancel();
    both = first && second;
    log("cancels twice");
}

/// Cancels itself before each of its co_awaits.
Task<> cancels_itself(Loop& loop, Log& log, std::optional<Job>& itself, Job other) {
    co_await loop.yield();
    itself->cancel();
    log("goes on");
    try {
        co_await loop.join(other);
        log("joined");
    } catch (const Cancelled&) {
        log("told at join");
    }
    itself->cancel();
    try {
        co_await loop.yield();
        log("yielded");
    } catch (const Cancelled&) {
        log("told at yield");
    }
    itself->cancel();
    co_await loop.sleep_for(1000s);
    log("slept");
}

Task<> yields_twice(Loop& loop, Log& log, Guest guest) {
    co_await loop.yield();
    co_await loop.yield();
    log(guest.name());
}

/// Is over before it could be told.
Task<> cancels_itself_and_ends(Loop& loop, std::optional<Job>& itself) {
    co_await loop.yield();
    itself->cancel();
}

/// Takes three naps of a second, whoever cancels it.
Task<> naps(Loop& loop, Log& log, Guest guest) {
    for (int nap = 1; nap <= 3; ++nap)
        try {
            co_await loop.sleep_for(1s);
            log(guest.name() + " slept");
        } catch (const Cancelled&) {
            log(guest.name() + " told");
        }
}

/// Fails when it is cancelled.
Task<> spoils(Loop& loop, Guest guest) {
    try {
        co_await loop.sleep_for(1000s);
    } catch (const Cancelled&) {
        throw Failure(guest.name());
    }
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
    std::string sleeping, cleaning, outcomes, afterwards;
    bool both = false, cancelled_again = true, cancelled_without_loop = true;
    const auto run = simulated([&] {
        Log log;
        Loop loop;
        Job quick = loop.spawn(told_when_cancelled(loop, log, "soup", 1000s));
        loop.spawn(cancels(loop, log, quick, 1s));
        loop.run();
        sleeping = log.text();
        Log second;
        const Job slow = loop.spawn(cleans_up(loop, second, "fish"));
        loop.spawn(cancels_twice(loop, second, slow, both));
        loop.run();
        cleaning = second.text();
        outcomes = outcome(quick) + ", " + outcome(slow);
        cancelled_again = quick.cancel();
        afterwards = outcome(quick);
    });
    hint("A job sleeps, and is cancelled. When does it go on, and what does its co_await throw?");
    CHECK(sleeping == "cancels 1.0, soup cancelled 1.0, ");
    hint("A job was cancelled twice before it could be told. How often is it told?");
    CHECK(cleaning == "cancels twice 1.0, fish cancelled 1.0, fish clean 2.0, ");
    hint("A job is cancelled twice before it could be told. Was it done at the second time?");
    CHECK(both);
    hint("Its task let Cancelled pass, or went on in spite of it. How did the job end?");
    CHECK(outcomes == "Cancelled, well");
    hint("The job is done. What is there to cancel?");
    CHECK_FALSE(cancelled_again);
    CHECK(afterwards == "Cancelled");
    hint("A job was cancelled, and its sleep with it. Until when does the loop run?");
    CHECK(about(run.elapsed) == 3s);

    std::string ready, itself, too_late, begun, joiner_of_it, left_frames;
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
        std::optional<Job> job, brief;
        const Job other = loop.spawn(sleeps(loop, log, "other", 3s));
        loop.spawn(yields_twice(loop, log, "next"));
        job = loop.spawn(cancels_itself(loop, log, job, other));
        brief = loop.spawn(cancels_itself_and_ends(loop, brief));
        loop.run();
        itself = log.text() + outcome(*job);
        too_late = outcome(*brief);
        job.reset();
        brief.reset();
    });
    hint(
        "A job cancels itself before a join, a yield and a sleep. What does each of them throw, "
        "and "
        "when? It is at the end of Ready until then.");
    CHECK(itself ==
          "goes on 0.0, next 0.0, told at join 0.0, told at yield 0.0, other 3.0, Cancelled");
    CHECK(about(alone.elapsed) == 3s);
    hint("A job cancels itself in its last turn, and meets no co_await. How did its task end?");
    CHECK(too_late == "well");
    simulated([&] {
        Log log, joining;
        Loop loop;
        std::optional<Job> never;
        loop.spawn(joins_later(loop, joining, "joiner", never));
        never = loop.spawn(told_when_cancelled(loop, log, "never begun", 1s));
        const bool cancelled = never->cancel(), at_once = never->done();
        loop.run();
        begun = log.text() + outcome(*never) + (cancelled ? ", was told" : ", was not told") +
                (at_once ? ", before its turn" : "");
        joiner_of_it = joining.text();
        left_frames = Guest::in_frames();
    });
    hint("A job was cancelled before it began. What does it do when it has its turn?");
    CHECK(begun == "Cancelled, was told");
    hint("A job was cancelled before it began, and another one waits for its end. Who tells it?");
    CHECK(joiner_of_it == "joiner 0.0, ");
    hint("A job was cancelled before it began, and is over. Who destroys its frame, and when?");
    CHECK(left_frames == "nobody");
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
    simulated([&] {
        Log log;
        std::optional<Job> left;
        {
            Loop loop;
            left = loop.spawn(told_when_cancelled(loop, log, "left", 1s));
        }
        cancelled_without_loop = left->cancel();
    });
    hint("The loop is gone, and a job of it is cancelled. Does the job still know that loop?");
    CHECK_FALSE(cancelled_without_loop);
    CHECK_FRAMES_GONE("Everybody is over, or never began. And the frames?");
}

TEST_CASE("who is cancelled while it waits for others", "[14.4][1 point]") {
    std::string gathered, joined, again;
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
        loop.spawn([](Loop& inside, Log& notes, Guest guest) -> Task<> {
            co_await inside.sleep_for(1s);
            co_await inside.yield();
            notes(guest.name());
        }(loop, log, "ready"));
        const Job joiner = loop.spawn(joins_and_is_told(loop, log, job));
        loop.spawn(cancels(loop, log, joiner, 1s));
        loop.run();
        joined = log.text() + outcome(job);
    });
    hint(
        "A job gave up waiting for another one. Who still thinks that it waits, and is the other "
        "one "
        "cancelled, too? And where in Ready is it?");
    CHECK(joined == "cancels 1.0, ready 1.0, join cancelled 1.0, soup 2.0, joiner over 4.0, well");
    simulated([&] {
        Log log;
        Loop loop;
        const Job job =
            loop.spawn(lab::gather(loop, naps(loop, log, "naps"), spoils(loop, "spoilt")));
        loop.spawn(cancels(loop, log, job, 500ms));
        loop.spawn(cancels(loop, log, job, 700ms));
        loop.run();
        again = log.text() + outcome(job);
    });
    hint(
        "A gather is cancelled, and once more while it waits for those that clean up. One of them "
        "fails. What is each of them told, when is gather over, and what does it throw?");
    CHECK(again ==
          "cancels 0.5, naps told 0.5, cancels 0.7, naps told 0.7, naps slept 1.7, Cancelled");
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
