// Run threads in a simulation: one at a time, in virtual time, over many schedules.
//
//     const auto run = course::simulate([&] { pages = download_all(eight_sites); });
//     CHECK(run.elapsed == 1s);                       // virtual time: exact on any machine
//
//     const auto search = course::explore({.schedules = 1000}, [] { ... });
//     CHECK(search.verdict == Verdict::pass);         // on failure: the schedule and its story
//
// The body is plain C++: std::thread, std::mutex, sleep_for, Boost.Asio. How its calls get here is
// drawn at the top of scheduler.hpp.
#pragma once

#include <chrono>
#include <climits>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace course::simulation {

/// How the next thread to run is chosen. See strategy.hpp for what each is good at.
enum class Strategy {
    mix,       ///< half random, a quarter POS, a quarter PCT, decided by the seed
    random,    ///< every runnable thread is equally likely at each step
    pos,       ///< partial order sampling: random priorities, redrawn for operations that conflict
    pct,       ///< priorities with `bound` - 1 random change points
    bounded,   ///< every schedule with at most `bound` preemptions, one after another
    in_order,  ///< a thread runs until it waits; then the next one by number
};

/// How a schedule, or a whole search, ended.
enum class Verdict {
    pass,
    check_failed,    ///< an expectation of the test did not hold, or the body threw
    deadlock,        ///< every thread waits, and none of them for a time
    livelock,        ///< threads run, but nothing that they do can change anything
    race,            ///< two accesses to the same memory, at least one a write, unordered
    terminate,       ///< std::terminate, abort, exit or a failed assert in a thread
    crash,           ///< a signal such as SIGSEGV
    leftover,        ///< the body returned, but a thread it started waits for ever
    step_limit,      ///< more steps than `Options::step_limit`
    not_controlled,  ///< a blocking call that the simulation does not control; the message names it
};

/// The verdict in words, as it is printed.
std::string_view name(Verdict verdict);

/// The strategy in words, as it is printed.
std::string_view name(Strategy strategy);

/// What to explore, and how far.
struct Options {
    Strategy strategy = Strategy::mix;
    int schedules = 1000;         ///< at most that many schedules
    std::uint64_t seed = 1;       ///< the first schedule's seed; the next has the next number
    int bound = 2;                ///< preemptions (bounded), or priority changes + 1 (pct)
    int cores = 4;                ///< virtual cores that `compute` shares
    int thread_limit = INT_MAX;   ///< threads that the body may have at once; one more can't start
    double spurious_wakeups = 0;  ///< probability per step that a waiter wakes without a notify
    double jitter = 0;            ///< probability per step that time passes though threads can run
    std::uint64_t step_limit = 200'000;  ///< steps after which a schedule counts as endless
    bool races = true;          ///< report data races; if not, racing accesses are points as well
    bool all_failures = false;  ///< go on after a failure, to learn how often the body fails
    bool isolate = false;       ///< a process for each schedule: slower, shares nothing at all
    const char* title = "";     ///< of the picture of who ran when
};

/// What a simulation found out.
struct Report {
    Verdict verdict = Verdict::pass;
    std::chrono::nanoseconds elapsed{};  ///< virtual time of the failing, or else the last schedule
    std::uint64_t seed = 0;              ///< of the first failing schedule; 0 is the plain order
    std::string schedule;    ///< what `COURSE_SCHEDULE` must say to see it again; "" for `in_order`
    std::string message;     ///< one line: what went wrong
    std::string story;       ///< for people: who waits for whom, both sides of a race, who ran when
    std::string again;       ///< the command that shows this schedule again; "" if it passed
    std::string timeline;    ///< for tools: the schedule step by step, as JSON
    int outlived = 0;        ///< threads that were not over when the body returned
    int schedules = 0;       ///< schedules run
    int failures = 0;        ///< of these, how many failed (1 unless `all_failures`)
    bool exhausted = false;  ///< bounded search: every schedule within the bound was run
    std::map<std::int64_t, int> outcomes;  ///< how often each value was observed
    std::map<Verdict, int> verdicts;       ///< how often each verdict was reached
    std::uint64_t steps = 0;               ///< scheduling points passed, all schedules together
    std::uint64_t switches = 0;            ///< of these, how many changed the running thread
    std::uint64_t fingerprint = 0;         ///< equal for equal schedules

    explicit operator bool() const { return verdict == Verdict::pass; }
};

/// Run \p body once, in virtual time, in the plain order: a thread runs until it has to wait.
///
/// The body first runs in a child process, so that a deadlock or a crash there becomes a report. If
/// it ends well, it runs once more here, so that what it writes into captured variables is seen,
/// and what it throws is thrown to the caller.
///
/// With `COURSE_TIMELINE` in the environment, this and `explore` append the report's timeline to the
/// file that it names: a JSON document a line. Of a search that passes it is the plain order.
///
/// \return the report; `elapsed` is the virtual time that the body took.
/// \throws std::logic_error  if the program was built or linked in a way that evades control.
/// \throws whatever the body throws.
Report simulate(const std::function<void()>& body,
                const Options& options = {.strategy = Strategy::in_order});

/// Run \p body under many schedules, each from the program's initial state, until one fails.
///
/// Three variables of the environment are for who runs the program: `COURSE_SCHEDULE` names the one
/// schedule to run, `COURSE_SEARCH_BASE` a number that moves the search to other seeds (its story has no lines), and
/// `COURSE_SEARCH_SCHEDULES` how many schedules to run instead of `options.schedules`.
///
/// The body runs in child processes: what it writes is not seen by the caller. Check inside the
/// body, with `expect` or a test framework's assertions, or `observe` what came out.
///
/// \return the report; its story is empty if every schedule passed.
/// \throws std::logic_error  if the program was built or linked in a way that evades control.
Report explore(const Options& options, const std::function<void()>& body);

/// Count \p value in the report's `outcomes`. Call it in the body.
void observe(std::int64_t value);

/// Say what the calling thread does from here on, until its next note: the label of what it does in
/// the pictures of who ran when. No scheduling point; outside of a simulation it does nothing.
void note(std::string_view what);

/// Occupy one of the virtual cores for \p duration of virtual time.
///
/// More computing threads than cores take turns of 10 ms, first come, first served. Outside of a
/// simulation it spins for as long, in real time.
void compute(std::chrono::nanoseconds duration);

/// End the schedule with `check_failed` and \p what if \p ok is false. Call it in the body, from
/// any thread.
void expect(bool ok, std::string_view what);

/// Say that `expect(false, ...)` will follow, as soon as the failure is put into words.
///
/// What the calling thread does from here on, such as writing to a stream, is no part of the story: it
/// is not recorded, it is no step, and it is not held against the program as a race. Call it in the
/// body. Outside of a simulation it does nothing.
void last_words();

/// Whether the calling thread is in a simulation.
bool simulated();

/// Called with each report that has a story to tell: how catch.hpp puts it under the assertion that
/// follows, and how the grader learns of it.
void on_story(std::function<void(const Report&)> listener);

}  // namespace course::simulation

namespace course {
using simulation::compute;
using simulation::explore;
using simulation::note;
using simulation::observe;
using simulation::simulate;
using simulation::Strategy;
using simulation::Verdict;
}  // namespace course
