// The life of a schedule: threads come, reach points, wait, wake, hand the turn over, and go.
#include "scheduler.hpp"

#include <algorithm>

#include "calls.hpp"
#include "flag.hpp"
#include "kernel_threads.hpp"
#include "race_detector.hpp"
#include "real.hpp"
#include "recorder.hpp"
#include "state_memory.hpp"
#include "timers.hpp"

namespace course::simulation {

Scheduler* Scheduler::the_scheduler = nullptr;
thread_local Thread* current_thread = nullptr;
thread_local int in_simulation = 0;

namespace {

// So many operations in a row that change nothing make a loop that waits for something.
constexpr int idle_limit = 30;

}  // namespace

Scheduler* Scheduler::create() {
    return static_cast<Scheduler*>(state_memory(sizeof(Scheduler)));
}

void prepare_process() {
    real();
    scheduler();
    race_detector();
    Timers::instance();
    cores();
    prepare_threads();
}

void Scheduler::prepare(const Plan& plan, Channel& channel) {
    for (int i = 0; i < count_; ++i) {
        threads_[i] = {};
    }
    channel_ = &channel;
    options_ = plan.options;
    repeat_ = plan.repeat;
    detailed_ = recording_ = plan.detailed;
    last_words_of_ = nullptr;
    own_process_ = plan.own_process;
    random_ = Random(plan.seed + 0x5eed);
    count_ = live_count_ = outside_count_ = 0;
    now_ = 0;
    steps_ = switches_ = choices_ = 0;
    fingerprint_ = 0xcbf29ce484222325u;
    without_effect_ = fair_steps_ = 0;
    decision_position_ = 0;
    abandoned_ = false;
    channel.outcome = {};
    channel.step = 0;
    channel.fingerprint = fingerprint_;
    channel.event_count = channel.note_count = 0;
    if (!repeat_) {
        channel.decisions.count = 0;
    }
    Options followed = options_;
    followed.strategy = repeat_ ? Strategy::in_order : options_.strategy;  // it won't be asked
    policy_ = make_policy(policy_storage_, followed, plan.seed, channel);
    Timers::instance().reset();
    cores().reset(options_.cores);
    race_detector().reset(options_.races        ? RaceDetector::Mode::report
                          : plan.explores_races ? RaceDetector::Mode::collect
                                                : RaceDetector::Mode::ignore);
}

std::exception_ptr Scheduler::run(const Plan& plan, Channel& channel,
                                  const std::function<void()>& body) {
    prepare(plan, channel);
    Thread& first = add_thread(nullptr);
    BodyCall call{body, nullptr};
    start_body(first, call);
    resume(first);
    wait_for(over_);
    if (!abandoned_) {
        for (int i = 0; i < count_; ++i) {
            join_kernel_thread(threads_[i]);
        }
    }
    channel.total_steps += steps_;
    channel.total_switches += switches_;
    return call.thrown;
}

Thread& Scheduler::add_thread(Thread* parent) {
    if (count_ == max_threads) {
        end(Verdict::step_limit, "more than %d threads in one schedule", max_threads);
    }
    Thread& thread = threads_[count_];
    thread.id = count_++;
    thread.state = Thread::runnable;
    thread.operation = Operation::start;
    thread.deadline = never;
    thread.woken_by = -1;
    live_[live_count_++] = &thread;
    policy_->started(thread.id);
    race_detector().started(thread.id, parent != nullptr ? parent->id : -1);
    without_effect_ = 0;
    return thread;
}

void Scheduler::remove_last_thread() {
    threads_[--count_] = {};
    --live_count_;
}

void Scheduler::resume(Thread& thread) {
    raise_flag(*thread.baton);
}

void Scheduler::park(Thread& me, int& baton) {
    wait_for(baton);
    channel_->running_tid = me.tid;
}

void Scheduler::finish(Thread& me) {
    race_detector().release(me.id, &me);
    me.state = Thread::finished;
    me.operation = Operation::finish;
    me.object = nullptr;
    if (recording_) {
        record_event(*channel_, me, Event::ends, now_, steps_);
    }
    live_count_ = static_cast<int>(std::remove(live_, live_ + live_count_, &me) - live_);
    without_effect_ = 0;
    wake(Operation::join, &me);
    if (live_count_ == 1) {
        wake(Operation::drain, nullptr);
    }
    current_thread = nullptr;
    if (live_count_ == 0) {
        raise_flag(over_);
        return;
    }
    hand_over(me, false);
}

void Scheduler::body_returned(Thread& me) {
    fill_outcome(Verdict::pass, &me);
    channel_->outcome.outlived = live_count_ - 1;
}

void Scheduler::drain(Thread& me) {
    while (live_count_ > 1) {
        block(me, Operation::drain, nullptr);
    }
    channel_->outcome.steps = steps_;
    channel_->outcome.switches = switches_;
    channel_->outcome.fingerprint = fingerprint_;
    channel_->outcome.choices = choices_;
}

void Scheduler::point(Thread& me, Operation operation, const void* object, bool writes) {
    if (&me == last_words_of_) {
        return;
    }
    const SimulationScope scope;
    me.operation = operation;
    me.object = object;
    me.writes = writes;
    if (operation != Operation::yield && operation != Operation::atomic_load &&
        operation != Operation::atomic_store && operation != Operation::atomic_update &&
        operation != Operation::access && operation != Operation::try_lock) {
        me.spins = me.idle = me.clock_looks = 0;
    }
    if (recording_) {
        record_place(*channel_, me);
    }
    hand_over(me, false);
}

void Scheduler::yield(Thread& me) {
    const SimulationScope scope;
    me.operation = Operation::yield;
    me.object = nullptr;
    me.writes = false;
    ++me.spins;
    me.yielded = true;
    if (recording_) {
        record_place(*channel_, me);
    }
    hand_over(me, true);
}

void Scheduler::holds(Thread& me, const void* lock, bool held) {
    if (recording_) {
        record_between(*channel_, me, held ? Event::takes : Event::releases, lock, now_, steps_);
    }
}

void Scheduler::note(Thread& me, std::string_view text) {
    if (recording_) {
        record_note(*channel_, me, text, now_, steps_);
    }
}

void Scheduler::begin_last_words(Thread& me) {
    const SimulationScope scope;
    if (recording_) {
        record_place(*channel_, me);
    }
    recording_ = false;
    last_words_of_ = &me;
    race_detector().stop();
}

void Scheduler::effect(Thread& me, bool changed) {
    if (changed) {
        me.spins = me.idle = me.clock_looks = 0;
        without_effect_ = 0;
    } else {
        ++me.idle;
    }
}

bool Scheduler::goes_in_circles(const Thread& me) const {
    return me.idle > idle_limit;
}

bool Scheduler::block(Thread& me, Operation operation, const void* object, Time deadline) {
    return block_outside(me, operation, object, nullptr, nullptr, deadline);
}

bool Scheduler::block_outside(Thread& me, Operation operation, const void* object,
                              bool (*ready)(void*), void* context, Time deadline) {
    const SimulationScope scope;
    me.state = Thread::blocked;
    me.operation = operation;
    me.object = object;
    me.writes = true;
    me.deadline = deadline;
    me.timed_out = false;
    me.woken_by = -1;
    me.ready = ready;
    me.context = context;
    me.spins = 0;
    outside_count_ += ready != nullptr;
    without_effect_ = 0;
    if (recording_) {
        record_place(*channel_, me);
        record_event(*channel_, me, Event::waits, now_, steps_);
    }
    hand_over(me, false);
    const bool woken = !me.timed_out;
    me.timed_out = false;
    return woken;
}

void Scheduler::make_runnable(Thread& thread, bool timed_out) {
    thread.state = Thread::runnable;
    thread.timed_out = timed_out;
    thread.deadline = never;
    thread.yielded = false;
    thread.spins = 0;
    outside_count_ -= thread.ready != nullptr;
    thread.ready = nullptr;
}

int Scheduler::wake(Operation operation, const void* object, int count) {
    Thread* waiting[max_threads];
    int found = 0;
    for (int i = 0; i < live_count_; ++i) {
        Thread& thread = *live_[i];
        if (thread.state == Thread::blocked && thread.operation == operation &&
            thread.object == object) {
            waiting[found++] = &thread;
        }
    }
    const int woken = std::min(found, count);
    for (int left = woken; left > 0; --left) {
        const int which = found > left ? choose_one_of(found) : 0;
        make_runnable(*waiting[which], false);
        waiting[which]->woken_by =
            static_cast<std::int16_t>(current_thread != nullptr ? current_thread->id : -1);
        std::move(waiting + which + 1, waiting + found, waiting + which);
        --found;
    }
    return woken;
}

void Scheduler::hand_over(Thread& me, bool yielding) {
    if (++steps_ > options_.step_limit) {
        end(Verdict::step_limit, "not over after %llu steps",
            static_cast<unsigned long long>(options_.step_limit));
    }
    channel_->heartbeat = channel_->heartbeat + 1;
    Thread& chosen = next(me, yielding);
    fingerprint_ = (fingerprint_ ^ (static_cast<unsigned>(chosen.id) * 64u +
                                    static_cast<unsigned>(chosen.operation))) *
                   0x100000001b3u;
    channel_->step = steps_;
    channel_->fingerprint = fingerprint_;
    for (int i = 0; i < live_count_; ++i) {
        live_[i]->yielded = live_[i]->yielded && live_[i] == &chosen;
    }
    if (recording_) {
        record_event(*channel_, chosen, chosen.timed_out ? Event::times_out : Event::executes, now_,
                     steps_);
        chosen.woken_by = -1;  // it is said once
    }
    channel_->running = chosen.id;
    if (&chosen == &me) {
        return;
    }
    ++switches_;
    const bool over = me.state == Thread::finished;
    resume(chosen);
    if (!over) {
        park(me, *me.baton);
    }
}

Thread* Scheduler::find(pthread_t handle) {
    for (int i = count_ - 1; i >= 0; --i) {
        if (threads_[i].handle == handle) {
            return &threads_[i];
        }
    }
    return nullptr;
}

int Scheduler::thread_with_tid(int tid) const {
    for (int i = 0; i < live_count_; ++i) {
        if (live_[i]->tid == tid) {
            return live_[i]->id;
        }
    }
    return -1;
}

}  // namespace course::simulation
