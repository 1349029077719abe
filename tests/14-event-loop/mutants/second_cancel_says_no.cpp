// Mistake: cancel is false for a job that is cancelled already.
// Loses:   14.4
// Hint:    A job is cancelled twice before it could be told. Was it done at the second time?
#include "event_loop.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <thread>

namespace lab {

namespace {

using Clock = std::chrono::steady_clock;
/// The jobs that wait for a time, the earliest first; who comes later goes behind its equals.
using Waiting = std::multimap<Clock::time_point, Job::State*>;

}  // namespace

struct Job::State {
    Loop::State* loop;  // null when the loop is gone
    Task<> task;
    std::coroutine_handle<> goes_on;                      // what to resume on its next turn
    std::list<std::shared_ptr<State>>::iterator place{};  // among the jobs of the loop
    std::optional<Waiting::iterator> timer{};             // if it waits for a time
    Job::State* joins = nullptr;                          // if it waits for the end of another job
    std::vector<Job::State*> joined_by{};                 // who waits for the end of this one
    bool begun = false;
    bool cancelled = false;  // and has not met it yet
    bool done = false;
    std::exception_ptr error{};
};

struct Loop::State {
    std::vector<Job::State*> ready;
    std::vector<Job::State*> round;  // whom `run` gives a turn now: they were ready together
    Waiting waiting;
    Job::State* running = nullptr;
    std::list<std::shared_ptr<Job::State>> jobs;  // those that are not over

    void wake_those_whose_time_has_come();
    void give_turn(Job::State& job);
    void finish(Job::State& job);
};

// --- 14.1 Ready --------------------------------------------------------------------------------

bool Job::done() const {
    return state_->done;
}

void Job::result() const {
    if (!state_->done)
        throw std::logic_error("the job is not done");
    if (state_->error)
        std::rethrow_exception(state_->error);
}

Loop::Loop() : state_(std::make_unique<State>()) {}

Loop::~Loop() {
    for (const auto& job : state_->jobs)
        job->loop = nullptr;
    for (const auto& job : std::exchange(state_->jobs, {}))
        job->task.destroy();
}

Job Loop::spawn(Task<> task) {
    const auto coroutine = task.coroutine();
    const auto job = std::make_shared<Job::State>(
        Job::State{.loop = state_.get(), .task = std::move(task), .goes_on = coroutine});
    job->place = state_->jobs.insert(state_->jobs.end(), job);
    state_->ready.push_back(job.get());
    return Job(job);
}

void Loop::run() {
    for (;;) {
        state_->wake_those_whose_time_has_come();
        // A turn for each. Who gets ready meanwhile is in the next round.
        state_->round.swap(state_->ready);
        for (Job::State* job : state_->round)
            state_->give_turn(*job);
        state_->round.clear();
        if (!state_->ready.empty())
            continue;
        if (state_->waiting.empty())
            return;
        std::this_thread::sleep_until(state_->waiting.begin()->first);
    }
}

void Loop::State::give_turn(Job::State& job) {
    if (job.cancelled && !job.begun) {
        job.error = std::make_exception_ptr(Cancelled());
        return finish(job);
    }
    job.begun = true;
    running = &job;
    job.goes_on.resume();  // comes back at the job's next co_await, or at its end
    running = nullptr;
    if (job.task.done())
        finish(job);
}

void Loop::State::finish(Job::State& job) {
    if (job.task.done()) {
        try {
            job.task.result();
        } catch (...) {
            job.error = std::current_exception();
        }
    }
    job.done = true;
    for (Job::State* other : std::exchange(job.joined_by, {})) {
        other->joins = nullptr;
        ready.push_back(other);
    }
    const std::shared_ptr<Job::State> kept = std::move(*job.place);
    jobs.erase(job.place);
    job.task.destroy();  // last: what lives in the frame may use the loop
}

void Loop::suspend_ready(std::coroutine_handle<> coroutine) {
    state_->running->goes_on = coroutine;
    state_->ready.push_back(state_->running);
}

// --- 14.2 Waiting ------------------------------------------------------------------------------

void Loop::suspend_for(std::coroutine_handle<> coroutine, std::chrono::nanoseconds duration) {
    Job::State& job = *state_->running;
    if (job.cancelled)  // by itself
        return suspend_ready(coroutine);
    job.goes_on = coroutine;
    // At the end: among equals whoever came first is first, and it is cheap if it belongs there.
    job.timer = state_->waiting.emplace_hint(state_->waiting.end(), Clock::now() + duration, &job);
}

void Loop::State::wake_those_whose_time_has_come() {
    if (waiting.empty())
        return;  // nobody needs the time, which costs more than a turn
    for (const auto now = Clock::now(); !waiting.empty() && waiting.begin()->first <= now;) {
        Job::State& job = *waiting.begin()->second;
        waiting.erase(waiting.begin());
        job.timer.reset();
        ready.push_back(&job);
    }
}

// --- 14.3 Join and gather ----------------------------------------------------------------------

void Loop::suspend_until_done(std::coroutine_handle<> coroutine, const Job& job) {
    Job::State& waits = *state_->running;
    if (waits.cancelled)  // by itself
        return suspend_ready(coroutine);
    waits.goes_on = coroutine;
    waits.joins = &job.state();
    job.state().joined_by.push_back(&waits);
}

Task<> gather(Loop& loop, std::vector<Task<>> tasks) {
    std::vector<Job> jobs;
    for (Task<>& task : tasks)
        jobs.push_back(loop.spawn(std::move(task)));
    bool cancelled = false;
    for (const Job& job : jobs)
        while (!job.done())  // also after Cancelled
            try {
                co_await loop.join(job);
            } catch (const Cancelled&) {
                cancelled = true;
                for (Job& other : jobs)
                    other.cancel();
            }
    if (cancelled)
        throw Cancelled();
    for (const Job& job : jobs)
        job.result();
}

// --- 14.4 Cancel -------------------------------------------------------------------------------

bool Job::cancel() {
    State& job = *state_;
    if (job.done || job.cancelled || !job.loop)
        return false;
    job.cancelled = true;
    if (job.timer) {
        job.loop->waiting.erase(*job.timer);
        job.timer.reset();
        job.loop->ready.push_back(&job);
    } else if (job.joins) {
        std::erase(std::exchange(job.joins, nullptr)->joined_by, &job);
        job.loop->ready.push_back(&job);
    }
    return true;  // else it is ready, or it runs
}

void Loop::check_cancelled() {
    if (!state_->running->cancelled)
        return;
    state_->running->cancelled = false;  // it is told once
    throw Cancelled();
}

}  // namespace lab
