// The rubric of lab 06: one future, and many.
//
// What takes time is simulated: its times are exact. What two threads may do in several orders is
// explored: the test plays the executor, and lets each thread do one thing.
#include "futures.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <string>

using namespace std::chrono_literals;
using course::Verdict;
using course::testing::hint;
using lab::Future;
using lab::ReturnWhen;
using lab::Status;

namespace {

/// Keeps the tasks until the test runs them, one by one, in the thread that it likes.
class ByHand : public lab::Executor {
  public:
    void execute(lab::Task task) override { tasks_.push_back(std::move(task)); }
    void run_next() {
        const lab::Task task = std::move(tasks_.front());
        tasks_.pop_front();
        task();
    }

  private:
    std::deque<lab::Task> tasks_;
};

/// A call of so many seconds. It returns them.
int seconds(int count) {
    std::this_thread::sleep_for(std::chrono::seconds(count));
    return count;
}

int failing_after(int count) {
    seconds(count);
    throw std::out_of_range("no soup");
}

/// A call whose end nobody meets who looks every millisecond, or every ten microseconds.
int odd_second() {
    std::this_thread::sleep_for(1'000'003us);
    return 1;
}

/// Virtual time since it was made, in seconds.
class Watch {
  public:
    double read() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// What \p body returns or throws, in words.
template <class Body>
std::string outcome_of(const Body& body) {
    try {
        return std::to_string(body());
    } catch (const lab::CancelledError&) {
        return "CancelledError";
    } catch (const std::exception& error) {
        return error.what();
    } catch (int thrown) {
        return "thrown: " + std::to_string(thrown);
    }
}

std::string outcome_of(const Future& future) {
    return outcome_of([&] { return future.get(); });
}

const char* word(Status status) {
    return status == Status::pending   ? "pending "
           : status == Status::running ? "running "
                                       : (status == Status::finished ? "finished " : "cancelled ");
}

/// The status of each, such as "running pending ".
template <class... Futures>
std::string words(const Futures&... futures) {
    return (std::string() + ... + word(futures.status()));
}

/// \p what and the time, such as "1 at 1.0 s, ".
std::string at(const Watch& watch, const std::string& what) {
    const auto tenths = std::lround(watch.read() * 10);
    return what + " at " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s, ";
}

/// Every schedule in which at most three times a thread has to stop that could go on: few enough for
/// two threads, and what slips past who is about to sleep is among them.
const course::simulation::Options all_with_3_preemptions = {
    .strategy = course::Strategy::bounded, .schedules = 3000, .bound = 3};

/// The hint for how a search ended: a deadlock, a race and a wrong result are different mistakes.
void hint_by_verdict(Verdict verdict, const char* deadlock, const char* wrong) {
    hint(verdict == Verdict::deadlock || verdict == Verdict::leftover ? deadlock
         : verdict == Verdict::race
             ? "Two threads use the same memory, and one of them writes. Which mutex do both hold?"
             : wrong);
}

}  // namespace

// --- 06.1 --------------------------------------------------------------------------------------

TEST_CASE("a future knows how its call is going and what came out", "[06.1][1 point]") {
    std::string early, late, outcomes;
    double submitted = -1, finished = -1;
    const auto run = course::simulate([&] {
        const Watch watch;
        lab::Workers one(1);
        const Future first = lab::submit(one, seconds, 1);
        const Future second = lab::submit(
            one, [](int a, int b) { return a + b; }, 40, 2);
        submitted = watch.read();
        std::this_thread::sleep_for(500ms);
        early = words(first, second);
        outcomes = outcome_of(first);
        finished = watch.read();
        outcomes += " " + outcome_of(second) + " " + outcome_of(second);
        late = words(first, second);
    });
    hint_by_verdict(run.verdict, "Who waits here, and who should have woken it?",
                    "Each call is made once, and then everybody may ask for its result.");
    CHECK(run.verdict == Verdict::pass);
    hint("submit returns at once. In which thread is the call made?");
    CHECK(submitted == 0.0);
    hint("After half a second the only worker is in the first call. Who says so, and when?");
    CHECK(early == "running pending ");
    std::chrono::nanoseconds woken{};
    const auto prompt = course::simulate([&] {
        const auto start = std::chrono::steady_clock::now();
        lab::Workers one(1);
        lab::submit(one, odd_second).get();
        woken = std::chrono::steady_clock::now() - start;
    });
    CHECK(prompt.verdict == Verdict::pass);
    hint("The call is over, and who waits learns of it later: do they look, or are they woken?");
    CHECK(woken == 1'000'003us);
    hint("get returns when the call does, with what the call returned.");
    CHECK(finished == 1.0);
    CHECK(outcomes == "1 42 42");
    CHECK(late == "finished finished ");

    hint("An exception that leaves a task ends the process. Which types does your handler catch?");
    const auto failures = course::simulate([&] {
        lab::Workers one(1);
        const Future failed = lab::submit(one, failing_after, 1);
        const Future odd = lab::submit(one, []() -> int { throw 7; });
        const Future after = lab::submit(one, [] { return 8; });
        outcomes = outcome_of(failed) + ", " + outcome_of(failed) + ", " + outcome_of(odd) + ", " +
                   outcome_of(after) + ", " + words(failed, odd);
    });
    CHECK(failures.verdict == Verdict::pass);
    hint("Where does the exception wait until somebody asks? It may be asked for twice.");
    CHECK(outcomes == "no soup, no soup, thrown: 7, 8, finished finished ");
}

TEST_CASE("nobody waits in vain and nobody is woken too early", "[06.1][1 point]") {
    const auto search = course::explore({.schedules = 500}, [] {
        ByHand executor;
        const Future future = lab::submit(executor, [] { return 7; });
        std::jthread one([&] { EXPECT(future.get() == 7); });
        std::jthread two([&] { EXPECT(future.get() == 7); });
        std::jthread worker([&] { executor.run_next(); });
    });
    hint_by_verdict(search.verdict,
                    "Two threads wait for one call. How many does your notify wake, and could it "
                    "come before the wait?",
                    "Who asks for the result before it is there?");
    CHECK(search.verdict == Verdict::pass);

    const auto woken = course::explore({.schedules = 500, .spurious_wakeups = 0.2}, [] {
        ByHand executor;
        const Future future = lab::submit(executor, [] { return 7; });
        std::jthread waiter([&] { EXPECT(future.get() == 7); });
        executor.run_next();
    });
    hint("A condition variable may wake its waiter for no reason. What does it do then?");
    CHECK(woken.verdict == Verdict::pass);
}

// --- 06.2 --------------------------------------------------------------------------------------

TEST_CASE("a callback is called when its call is done", "[06.2][1 point]") {
    std::string before, after, called, escaped;
    bool in_worker = false, in_caller = false, right_future = false;
    const auto run = course::simulate([&] {
        lab::Workers one(1);
        Future future = lab::submit(one, seconds, 1);
        std::thread::id worker;
        future.add_done_callback([&](const Future& done) {
            worker = std::this_thread::get_id();
            right_future = done == future;
            before += "a";
        });
        future.add_done_callback([&](const Future&) {
            before += "b";
            throw std::runtime_error("a callback's own problem");
        });
        future.add_done_callback([&](const Future&) { before += "c"; });
        lab::submit(one, [] { return 0; }).get();  // by then the worker has called back
        in_worker = worker != std::thread::id() && worker != std::this_thread::get_id();
        future.add_done_callback([&](const Future&) {
            in_caller = worker != std::this_thread::get_id();
            after += "d";
        });
        escaped = course::testing::thrown_by([&] {
            future.add_done_callback([&](const Future&) {
                after += "e";
                throw std::runtime_error("a late callback's own problem");
            });
        });
        called = before;
        std::sort(called.begin(), called.end());
        called.erase(std::unique(called.begin(), called.end()), called.end());
    });
    hint("What becomes of an exception that leaves a callback, and of the callbacks after it?");
    CHECK(run.verdict == Verdict::pass);
    CHECK(escaped == "nothing");
    CHECK(called == "abc");
    hint("Three callbacks are called one after the other. Which was added first?");
    CHECK(before.substr(0, 3) == "abc");
    hint("The call is over, and its thread has gone on. Who calls a callback that comes now?");
    CHECK(after.substr(0, 1) == "d");
    hint("A callback that has been called: where is it then?");
    CHECK(before == "abc");
    CHECK(after == "de");
    hint(
        "In which thread is a callback called before the call is over, in which afterwards, and "
        "with what?");
    CHECK(in_worker);
    CHECK(in_caller);
    CHECK(right_future);

    std::string seen;
    const auto asking = course::simulate([&] {
        lab::Workers one(1);
        Future future = lab::submit(one, seconds, 1);
        future.add_done_callback([&](Future done) {
            seen += words(done) + outcome_of(done);
            done.add_done_callback([&](const Future&) { seen += ", once more"; });
        });
        lab::submit(one, [] { return 0; }).get();
        future.add_done_callback([&](const Future& done) { seen += ", " + words(done); });
    });
    hint("A callback asks the future that calls it. Which mutex do you hold meanwhile?");
    CHECK(asking.verdict == Verdict::pass);
    CHECK(seen == "finished 1, once more, finished ");

    std::string woken;
    bool gone = false;
    const auto slow = course::simulate([&] {
        const Watch watch;
        lab::Workers one(1);
        Future future = lab::submit(one, seconds, 1);
        future.add_done_callback([](const Future&) { seconds(1); });
        woken = at(watch, outcome_of(future));
        std::weak_ptr<int> left;
        {
            const auto kept = std::make_shared<int>(0);
            left = kept;
            Future own = lab::submit(one, seconds, 1);
            own.add_done_callback([own, kept](const Future&) {});
        }
        lab::submit(one, [] { return 0; }).get();
        gone = left.expired();
    });
    CHECK(slow.verdict == Verdict::pass);
    hint("A callback takes a second, and get waits for the call alone. Who is told first?");
    CHECK(woken == "1 at 1.0 s, ");
    hint("A callback holds the future, whose state holds the callback. Who lets go, and when?");
    CHECK(gone);
}

TEST_CASE("no schedule loses a callback or calls it twice", "[06.2][1 point]") {
    const auto search = course::explore({.schedules = 500}, [] {
        ByHand executor;
        Future future = lab::submit(executor, [] { return 7; });
        std::atomic<int> early = 0, late = 0;
        future.add_done_callback([&](const Future&) { ++early; });
        {
            std::jthread worker([&] { executor.run_next(); });
            std::jthread other([&] { future.add_done_callback([&](const Future&) { ++late; }); });
        }
        EXPECT(early == 1);
        EXPECT(late == 1);
    });
    hint_by_verdict(
        search.verdict, "Which mutex does a callback need, and who holds it?",
        "The call ends just when a callback is added. Is there a moment when both sides "
        "leave it to the other, or both call it?");
    CHECK(search.verdict == Verdict::pass);
}

// --- 06.3 --------------------------------------------------------------------------------------

TEST_CASE("a call that nobody has begun can be taken back", "[06.3][1 point]") {
    std::string running_answers, waiting_answers, statuses, outcome, outcomes;
    int begun = 0, called_back = 0;
    double woken = -1;
    const auto run = course::simulate([&] {
        const Watch watch;
        lab::Workers one(1);
        Future running = lab::submit(one, seconds, 2);
        Future waiting = lab::submit(one, [&] { return ++begun; });
        waiting.add_done_callback([&](const Future&) { ++called_back; });
        std::jthread waiter([&] {
            outcome = outcome_of(waiting);
            woken = watch.read();
        });
        seconds(1);
        const auto try_all = [&] {
            running_answers += running.cancel() ? "yes " : "no ";
            waiting_answers += waiting.cancel() ? "yes " : "no ";
        };
        try_all();
        statuses = words(running, waiting);
        try_all();
        outcomes = outcome_of(running);
        lab::submit(one, [] { return 0; }).get();
        try_all();
        statuses += words(running, waiting);
        outcomes += " " + outcome_of(waiting);
    });
    hint("A call was cancelled, and somebody waits for it. Who wakes them?");
    CHECK(run.verdict == Verdict::pass);
    CHECK(woken == 1.0);
    hint("The task of a cancelled call still lies in the executor's queue. What does it do?");
    CHECK(begun == 0);
    hint("Of a call that runs or is over nothing can be taken back. What does cancel answer?");
    CHECK(running_answers == "no no no ");
    hint("cancel answers whether the call is cancelled. Does that change if somebody asks again?");
    CHECK(waiting_answers == "yes yes yes ");
    hint("Which status may follow which? Draw the arrows.");
    CHECK(statuses == "running cancelled finished cancelled ");
    CHECK(outcome == "CancelledError");
    CHECK(outcomes == "2 CancelledError");
    hint("A cancelled call is done. Its callbacks wait for that, and for nothing more.");
    CHECK(called_back == 1);
}

TEST_CASE("no schedule both begins a call and takes it back", "[06.3][1 point]") {
    const auto search = course::explore({.schedules = 500}, [] {
        ByHand executor;
        std::atomic<int> begun = 0, taken_back = 0, called_back = 0;
        Future future = lab::submit(executor, [&] { return ++begun; });
        future.add_done_callback([&](const Future&) { ++called_back; });
        std::string outcome;
        {
            std::jthread waiter([&] { outcome = outcome_of(future); });
            std::jthread worker([&] { executor.run_next(); });
            std::jthread other([&] { taken_back = future.cancel(); });
        }
        EXPECT(begun + taken_back == 1);
        EXPECT(outcome == (begun == 1 ? "1" : "CancelledError"));
        EXPECT(called_back == 1);
    });
    hint_by_verdict(search.verdict,
                    "A call was cancelled, and somebody waits for it. Who wakes them?",
                    "A worker begins the call just when it is cancelled. To look at the status and "
                    "to change it: is that one step, on both sides?");
    CHECK(search.verdict == Verdict::pass);
}

// --- 06.4 --------------------------------------------------------------------------------------

namespace {

/// The places that \p part has in \p all, such as "{0 2}".
std::string places(const std::vector<Future>& part, const std::vector<Future>& all) {
    std::string text;
    for (const Future& future : part)
        text += (text.empty() ? "" : " ") +
                std::to_string(std::find(all.begin(), all.end(), future) - all.begin());
    return "{" + text + "}";
}

/// Wait for \p futures, and say who was done and who was not, and when that was.
std::string waited(const std::vector<Future>& futures, ReturnWhen return_when,
                   std::optional<std::chrono::milliseconds> timeout = std::nullopt) {
    const Watch watch;
    const auto parts = lab::wait(futures, return_when, timeout);
    return at(watch, places(parts.done, futures) + " " + places(parts.not_done, futures));
}

}  // namespace

TEST_CASE("wait returns when it has what it waits for and not later", "[06.4][1 point]") {
    std::string first, timed_out, looked, arriving, all, at_once;
    const auto run = course::simulate([&] {
        lab::Workers three(3);
        std::vector<Future> futures;
        for (const int count : {3, 1, 2})
            futures.push_back(lab::submit(three, seconds, count));
        first = waited(futures, ReturnWhen::first_completed);
        timed_out = waited(futures, ReturnWhen::all_completed, 500ms);
        looked = waited(futures, ReturnWhen::all_completed, 0ms);
        arriving = waited(futures, ReturnWhen::all_completed, 1s);
        all = waited(futures, ReturnWhen::all_completed, 10s);
        at_once = waited(futures, ReturnWhen::first_completed) +
                  waited(futures, ReturnWhen::all_completed) +
                  waited({}, ReturnWhen::first_completed);
    });
    hint(
        "Somebody waits for what has come already, or will never come. What does wait look at "
        "first?");
    CHECK(run.verdict == Verdict::pass);
    hint("The calls take 3, 1 and 2 seconds. Which one is waited for?");
    CHECK(first == "{1} {0 2} at 1.0 s, ");
    hint("The timeout is for all of them together, from the call of wait on.");
    CHECK(timed_out == "{1} {0 2} at 0.5 s, ");
    CHECK(looked == "{1} {0 2} at 0.0 s, ");
    hint("One call arrives while you wait for the others. How much of the timeout is left then?");
    CHECK(arriving == "{1 2} {0} at 1.0 s, ");
    hint(
        "Three calls in all, and the longest takes 3 seconds. Two calls of wait gave up before: "
        "who still knows what they waited with?");
    CHECK(all == "{0 1 2} {} at 0.5 s, ");
    hint(
        "Somebody waits for what has come already, or will never come. What does wait look at "
        "first?");
    CHECK(at_once == "{0 1 2} {} at 0.0 s, {0 1 2} {} at 0.0 s, {} {} at 0.0 s, ");

    std::string exception, earlier, cancelled, no_exception;
    const auto exceptions = course::simulate([&] {
        ByHand nobody;
        lab::Workers four(4);
        std::vector<Future> futures{lab::submit(four, seconds, 3),
                                    lab::submit(four, failing_after, 2),
                                    lab::submit(four, seconds, 1)};
        Future never = lab::submit(nobody, seconds, 1);
        never.cancel();
        cancelled = waited({never, futures[2]}, ReturnWhen::first_exception);
        exception = waited(futures, ReturnWhen::first_exception);
        no_exception = waited({futures[0], futures[2]}, ReturnWhen::first_exception) +
                       waited({}, ReturnWhen::first_exception);
        const Future pending = lab::submit(nobody, seconds, 1);
        earlier = waited({pending, futures[1]}, ReturnWhen::first_exception, 5s);
    });
    hint("No call has thrown, and all are done. What is there to wait for?");
    CHECK(exceptions.verdict == Verdict::pass);
    CHECK(no_exception == "{0 1} {} at 1.0 s, {} {} at 0.0 s, ");
    hint("Nobody has thrown: a call that was cancelled has not even begun.");
    CHECK(cancelled == "{0 1} {} at 1.0 s, ");
    hint("One call throws after 2 seconds. One returns before, one later: do they matter?");
    CHECK(exception == "{1 2} {0} at 1.0 s, ");
    hint("A call has thrown before you were called. Does wait look for that as well?");
    CHECK(earlier == "{1} {0} at 0.0 s, ");

    std::chrono::nanoseconds taken{};
    const auto prompt = course::simulate([&] {
        const auto start = std::chrono::steady_clock::now();
        lab::Workers one(1);
        lab::wait({lab::submit(one, odd_second)}, ReturnWhen::all_completed, 2s);
        taken = std::chrono::steady_clock::now() - start;
    });
    CHECK(prompt.verdict == Verdict::pass);
    hint("The call is over, and wait learns of it later: does it look, or is it woken?");
    CHECK(taken == 1'000'003us);
}

TEST_CASE("no schedule lets the end of a call slip past wait", "[06.4][1 point]") {
    const auto search = course::explore(all_with_3_preemptions, [] {
        ByHand executor;
        const Future future = lab::submit(executor, [] { return 1; });
        std::jthread worker([&] { executor.run_next(); });
        const auto parts = lab::wait({future}, ReturnWhen::first_completed);
        EXPECT(parts.done.size() == 1);
    });
    hint_by_verdict(search.verdict,
                    "A call ends after wait has looked and before it sleeps. Who holds which mutex "
                    "in that moment?",
                    "Wait returned before the call was done. What does it look at?");
    CHECK(search.verdict == Verdict::pass);

    const auto woken = course::explore({.schedules = 700, .spurious_wakeups = 0.05}, [] {
        ByHand executor;
        const Future one = lab::submit(executor, [] { return 1; });
        Future other = lab::submit(executor, [] { return 2; });
        std::jthread worker([&] { executor.run_next(); });
        std::jthread canceller([&] { other.cancel(); });
        std::jthread waiter([&] {
            const auto parts = lab::wait({one, other}, ReturnWhen::first_completed);
            EXPECT(parts.done.size() >= 1);
        });
        const auto parts = lab::wait({one, other}, ReturnWhen::all_completed);
        EXPECT(parts.done.size() == 2);
    });
    hint_by_verdict(woken.verdict,
                    "Two wait for the same calls, and one call is cancelled. Who wakes them?",
                    "Wait returned too early. What does it look at after it was woken?");
    CHECK(woken.verdict == Verdict::pass);
}

// --- 06.5 --------------------------------------------------------------------------------------

TEST_CASE("first done is first out", "[06.5][1 point]") {
    std::string arrivals, late, done_before;
    const auto run = course::simulate([&] {
        const Watch watch;
        lab::Workers three(3);
        std::vector<Future> futures;
        for (const int count : {3, 1, 2})
            futures.push_back(lab::submit(three, seconds, count));
        lab::Stream<Future> nobody_in_a_hurry = lab::as_completed(futures);
        for (const Future& future : lab::as_completed(futures))
            arrivals += at(watch, outcome_of(future) + " arrives");
        for (const Future& future : nobody_in_a_hurry)
            late += outcome_of(future) + " ";
        const Future running = lab::submit(three, seconds, 4);
        for (const Future& future : lab::as_completed({running, futures[2], futures[0]}))
            done_before += outcome_of(future) + " ";
        for (const Future& future : lab::as_completed({}))
            done_before += outcome_of(future);
    });
    hint("Who waits for what has been announced already, and who for more than there is?");
    CHECK(run.verdict == Verdict::pass);
    hint("The calls take 3, 1 and 2 seconds. For which one do you wait first?");
    CHECK(arrivals == "1 arrives at 1.0 s, 2 arrives at 2.0 s, 3 arrives at 3.0 s, ");
    hint("Two calls end while nobody asks. Who remembers which of them was first?");
    CHECK(late == "1 2 3 ");
    hint("Some are done before they are asked for. Which of them have to wait?");
    CHECK(done_before == "2 3 4 ");

    std::chrono::nanoseconds arrived{};
    const auto prompt = course::simulate([&] {
        const auto start = std::chrono::steady_clock::now();
        lab::Workers one(1);
        for (const Future& future : lab::as_completed({lab::submit(one, odd_second)})) {
            future.get();
            arrived = std::chrono::steady_clock::now() - start;
        }
    });
    CHECK(prompt.verdict == Verdict::pass);
    hint("The call is over, and the stream learns of it later: does it look, or is it woken?");
    CHECK(arrived == 1'000'003us);

    std::string others;
    const auto odd = course::simulate([&] {
        const Watch watch;
        lab::Workers two(2);
        ByHand nobody;
        Future cancelled = lab::submit(nobody, seconds, 1);
        const std::vector<Future> futures{lab::submit(two, seconds, 3), cancelled,
                                          lab::submit(two, failing_after, 2)};
        std::jthread canceller([&] {
            seconds(1);
            cancelled.cancel();
        });
        for (const Future& future : lab::as_completed(futures))
            others += at(watch, outcome_of(future));
    });
    hint("To be cancelled or to throw is to be done. Does everybody hear of it who waits?");
    CHECK(odd.verdict == Verdict::pass);
    CHECK(others == "CancelledError at 1.0 s, no soup at 2.0 s, 3 at 3.0 s, ");

    const auto search = course::explore(all_with_3_preemptions, [] {
        ByHand executor;
        const std::vector<Future> futures{lab::submit(executor, [] { return 1; }),
                                          lab::submit(executor, [] { return 2; })};
        std::jthread worker([&] {
            executor.run_next();
            executor.run_next();
        });
        std::string all;
        for (const Future& future : lab::as_completed(futures))
            all += std::to_string(future.get()) + " ";
        EXPECT(all == "1 2 ");
    });
    hint_by_verdict(search.verdict,
                    "A call ends after the stream has looked and before it sleeps. Who holds which "
                    "mutex in that moment?",
                    "Two calls are done one after the other. Does each come once, in that order?");
    CHECK(search.verdict == Verdict::pass);

    const auto leaving = course::explore({.schedules = 1000, .spurious_wakeups = 0.3}, [] {
        ByHand executor;
        const std::vector<Future> futures{lab::submit(executor, [] { return 1; }),
                                          lab::submit(executor, [] { return 2; })};
        std::jthread worker([&] {
            executor.run_next();
            executor.run_next();
        });
        for (const Future& future : lab::as_completed(futures)) {
            EXPECT(future.get() == 1);
            break;
        }
    });
    hint(leaving.verdict == Verdict::check_failed || leaving.verdict == Verdict::terminate
             ? "A condition variable may wake the stream for no reason. What does it take then?"
             : "Somebody leaves the loop early, and the stream is gone. Who still knows it?");
    CHECK(leaving.verdict == Verdict::pass);
}

// --- 06.6 --------------------------------------------------------------------------------------

namespace {

/// A function with a state that dies with it.
class Adds {
  public:
    explicit Adds(int summand) : summand_(summand) {}
    Adds(const Adds& other) : summand_(other.summand_) {}
    Adds& operator=(const Adds&) = delete;
    ~Adds() { summand_ = -1000; }
    int operator()(int number) const {
        std::this_thread::sleep_for(1s);
        return number + summand_;
    }

  private:
    volatile int summand_;  // so that no compiler leaves out the destructor's work
};

}  // namespace

TEST_CASE("map gives results in order and failures in their place", "[06.6][1 point]") {
    std::string results;
    std::vector<double> times;
    double submitted = -1;
    const auto run = course::simulate([&] {
        const Watch watch;
        lab::Workers three(3);
        auto mapped = lab::map(three, seconds, {1, 3, 2});
        submitted = watch.read();
        for (const int result : mapped) {
            results += std::to_string(result) + " ";
            times.push_back(watch.read());
        }
    });
    hint("How many results are there for three arguments, and who waits for more?");
    CHECK(run.verdict == Verdict::pass);
    REQUIRE(times.size() == 3);
    hint("map submits the calls. Who waits for them, and when?");
    CHECK(submitted == 0.0);
    hint("The second call is the longest. In which order do you ask the futures?");
    CHECK(results == "1 3 2 ");
    hint("Three workers and three calls: when does the last one begin?");
    CHECK(times[2] == 3.0);
    hint("The first result is there after a second. What does it wait for?");
    CHECK(times[0] == 1.0);

    const auto stateful = course::explore({.schedules = 100}, [] {
        lab::Workers one(1);
        auto mapped = lab::map(one, Adds(40), {1, 2});
        std::string sums;
        for (const int sum : mapped)
            sums += std::to_string(sum) + " ";
        EXPECT(sums == "41 42 ");
    });
    hint("map has returned, and the calls begin. Where is the function that they call?");
    CHECK(stateful.verdict == Verdict::pass);

    std::string before, thrown;
    const auto failing = course::simulate([&] {
        const Watch watch;
        lab::Workers three(3);
        const auto picky = [](int count) { return count == 1 ? failing_after(1) : seconds(count); };
        thrown = outcome_of([&] {
            for (const int result : lab::map(three, picky, {2, 3, 1}))
                before += at(watch, std::to_string(result));
            return 0;
        });
        thrown = at(watch, thrown);
    });
    CHECK(failing.verdict == Verdict::pass);
    hint("The third call threw. Who was told?");
    CHECK(thrown.substr(0, 7) == "no soup");
    hint("The third call throws first, but two results come before it. Where are they?");
    CHECK(before == "2 at 2.0 s, 3 at 3.0 s, ");
    CHECK(thrown == "no soup at 3.0 s, ");
}
