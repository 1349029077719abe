// Hands the turn over, moves the clock, and notices when nobody can go on.
#include "scheduler.hpp"

#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <algorithm>

#include "calls.hpp"
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
// So many yields in a row by each thread, or steps without effect of all together, mean that
// nothing will happen until time passes.
constexpr int spin_limit = 200;
constexpr int stall_limit = 10'000;
// So many, and there is no time that could pass: nothing will ever happen.
constexpr int livelock_limit = 2000;
// After a stall, so many steps are chosen fairly, in case that the strategy starved somebody.
constexpr int fair_steps = 300;

void futex_wait(int& word_to_watch, int while_equal) {
    raw_syscall(SYS_futex, word(&word_to_watch), FUTEX_WAIT_PRIVATE, while_equal);
}

void futex_wake(int& word_to_watch) {
    raw_syscall(SYS_futex, word(&word_to_watch), FUTEX_WAKE_PRIVATE, 1);
}

void wait_for(int& flag) {
    while (__atomic_load_n(&flag, __ATOMIC_ACQUIRE) == 0) {
        futex_wait(flag, 0);
    }
    __atomic_store_n(&flag, 0, __ATOMIC_RELAXED);
}

void raise_flag(int& flag) {
    __atomic_store_n(&flag, 1, __ATOMIC_RELEASE);
    futex_wake(flag);
}

[[noreturn]] void sleep_for_ever() {
    for (;;) {
        raw_syscall(SYS_pause);
    }
}

bool has_child_processes() {
    siginfo_t info;
    return raw_syscall(SYS_waitid, P_ALL, 0, word(&info), WEXITED | WNOHANG | WNOWAIT) == 0;
}

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
    detailed_ = plan.detailed;
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
    channel.event_count = 0;
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
            real().pthread_join(threads_[i].handle, nullptr);
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
    raise_flag(thread.baton);
}

void Scheduler::park(Thread& me) {
    wait_for(me.baton);
    channel_->running_tid = me.tid;
}

void Scheduler::finish(Thread& me) {
    race_detector().release(me.id, &me);
    me.state = Thread::finished;
    me.operation = Operation::finish;
    me.object = nullptr;
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
    const SimulationScope scope;
    me.operation = operation;
    me.object = object;
    me.writes = writes;
    if (operation != Operation::yield && operation != Operation::atomic_load &&
        operation != Operation::atomic_store && operation != Operation::atomic_update &&
        operation != Operation::access && operation != Operation::try_lock) {
        me.spins = me.idle = me.clock_looks = 0;
    }
    if (detailed_) {
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
    if (detailed_) {
        record_place(*channel_, me);
    }
    hand_over(me, true);
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
    me.ready = ready;
    me.context = context;
    me.spins = 0;
    outside_count_ += ready != nullptr;
    without_effect_ = 0;
    if (detailed_) {
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
        const int which =
            found > left ? decision(found, [&] { return policy_->choose(found); }) : 0;
        make_runnable(*waiting[which], false);
        std::move(waiting + which + 1, waiting + found, waiting + which);
        --found;
    }
    return woken;
}

template <class Fresh>
int Scheduler::decision(int options, Fresh fresh) {
    DecisionLog& log = channel_->decisions;
    if (repeat_) {
        const int logged = decision_position_ < log.count ? log.values[decision_position_++] : 0;
        return logged < options ? logged : 0;
    }
    const int value = fresh();
    if (log.count < max_decisions) {
        log.values[log.count++] = static_cast<std::uint16_t>(value);
    }
    return value;
}

bool Scheduler::decide(double probability) {
    return probability > 0 &&
           decision(2, [&] { return policy_->chance(probability) ? 1 : 0; }) == 1;
}

void Scheduler::hand_over(Thread& me, bool yielding) {
    if (++steps_ > options_.step_limit) {
        end(Verdict::step_limit, "not over after %llu steps",
            static_cast<unsigned long long>(options_.step_limit));
    }
    channel_->heartbeat = channel_->heartbeat + 1;
    Thread& chosen = next(me, yielding);
    fingerprint_ = (fingerprint_ ^ (chosen.id * 64u + static_cast<unsigned>(chosen.operation))) *
                   0x100000001b3u;
    for (int i = 0; i < live_count_; ++i) {
        live_[i]->yielded = live_[i]->yielded && live_[i] == &chosen;
    }
    if (detailed_) {
        record_event(*channel_, chosen, chosen.timed_out ? Event::times_out : Event::executes, now_,
                     steps_);
    }
    channel_->running = chosen.id;
    if (&chosen == &me) {
        return;
    }
    ++switches_;
    const bool over = me.state == Thread::finished;
    resume(chosen);
    if (!over) {
        park(me);
    }
}

Thread& Scheduler::next(Thread& me, bool yielding) {
    for (;;) {
        if (outside_count_ > 0) {
            look_outside();
        }
        disturb();
        Thread* eligible[max_threads];
        int count = 0;
        int runnable = 0;
        int least_spins = INT32_MAX;
        for (int i = 0; i < live_count_; ++i) {
            Thread& thread = *live_[i];
            if (thread.state == Thread::runnable) {
                ++runnable;
                least_spins = std::min(least_spins, thread.spins);
                if (!thread.yielded) {
                    eligible[count++] = &thread;
                }
            }
        }
        if (runnable > 0) {
            if (!out_of_circles(runnable, least_spins)) {
                continue;
            }
            if (count == 0) {  // all have yielded: they compete again
                count = static_cast<int>(
                    std::copy_if(live_, live_ + live_count_, eligible,
                                 [](Thread* t) { return t->state == Thread::runnable; }) -
                    eligible);
            }
            return pick(me, eligible, count, yielding);
        }
        if (outside_count_ > 0 && has_child_processes() && wait_outside(20'000'000)) {
            continue;  // another process needs real time before virtual time may pass
        }
        if (advance_clock()) {
            continue;
        }
        const Time patience = has_child_processes() ? 1'500'000'000 : 50'000'000;
        if (outside_count_ > 0 && wait_outside(patience)) {
            continue;
        }
        if (threads_[0].operation == Operation::drain) {
            end(Verdict::leftover, "the body has returned, but %d of its threads wait%s for ever",
                live_count_ - 1, live_count_ == 2 ? "s" : "");
        }
        end(Verdict::deadlock, live_count_ == 1
                                   ? "the only thread left waits for ever"
                                   : "every thread waits, and none of them for a time");
    }
}

/// Notice a stall. False if the clock was moved, and other threads may be able to run now.
bool Scheduler::out_of_circles(int runnable, int least_spins) {
    if (least_spins < spin_limit && ++without_effect_ <= stall_limit) {
        return true;
    }
    without_effect_ = 0;
    fair_steps_ = fair_steps;
    if (advance_clock()) {
        return false;
    }
    if (least_spins > livelock_limit) {
        end(Verdict::livelock, "%d thread%s in circles, and nobody else can change that", runnable,
            runnable == 1 ? " runs" : "s run");
    }
    return true;
}

Thread& Scheduler::pick(Thread& me, Thread** eligible, int count, bool yielding) {
    if (count == 1) {
        return *eligible[0];
    }
    ++choices_;
    Candidate candidates[max_threads];
    int mine = -1;
    for (int i = 0; i < count; ++i) {
        candidates[i] = {eligible[i]->id, eligible[i]->object, eligible[i]->writes};
        mine = eligible[i] == &me && !yielding ? i : mine;
    }
    const Candidates all{candidates,  count, me.id, mine, yielding && me.state == Thread::runnable,
                         me.spins > 2};
    const bool fairly = fair_steps_ > 0;
    fair_steps_ -= fairly;
    const int chosen =
        decision(count, [&] { return fairly ? policy_->pick_fairly(all) : policy_->pick(all); });
    return *eligible[chosen];
}

/// What a test may ask for: time that passes too early, waiters that wake for no reason.
void Scheduler::disturb() {
    if (options_.jitter > 0 && next_deadline() != never && decide(options_.jitter)) {
        advance_clock();
    }
    if (options_.spurious_wakeups > 0 && decide(options_.spurious_wakeups)) {
        Thread* waiting[max_threads];
        const auto count = static_cast<int>(std::copy_if(live_, live_ + live_count_, waiting,
                                                         [](Thread* t) {
                                                             return t->state == Thread::blocked &&
                                                                    t->operation == Operation::wait;
                                                         }) -
                                            waiting);
        if (count > 0) {
            make_runnable(*waiting[decision(count, [&] { return policy_->choose(count); })], false);
        }
    }
}

Time Scheduler::next_deadline() const {
    Time first = Timers::instance().next();
    for (int i = 0; i < live_count_; ++i) {
        if (live_[i]->state == Thread::blocked) {
            first = std::min(first, live_[i]->deadline);
        }
    }
    return first;
}

bool Scheduler::advance_clock() {
    const Time deadline = next_deadline();
    if (deadline == never) {
        return false;
    }
    now_ = std::max(now_, deadline);
    without_effect_ = 0;
    for (int i = 0; i < live_count_; ++i) {
        if (live_[i]->state == Thread::blocked && live_[i]->deadline <= now_) {
            make_runnable(*live_[i], true);
        }
    }
    Timers::instance().advance(now_);
    return true;
}

bool Scheduler::look_outside() {
    bool any = false;
    for (int i = 0; i < live_count_; ++i) {
        Thread& thread = *live_[i];
        if (thread.state == Thread::blocked && thread.ready != nullptr &&
            thread.ready(thread.context)) {
            make_runnable(thread, false);
            any = true;
        }
    }
    return any;
}

bool Scheduler::wait_outside(Time patience) {
    const Time give_up = real_now() + patience;
    while (!look_outside()) {
        if (real_now() > give_up) {
            return false;
        }
        channel_->heartbeat = channel_->heartbeat + 1;
        const timespec pause{0, 200'000};
        raw_syscall(SYS_nanosleep, word(&pause));
    }
    return true;
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

void Scheduler::fill_outcome(Verdict verdict, const Thread* me) {
    Outcome& outcome = channel_->outcome;
    outcome.verdict = verdict;
    outcome.thread = me != nullptr ? me->id : -1;
    outcome.elapsed = now_;
    outcome.steps = steps_;
    outcome.switches = switches_;
    outcome.fingerprint = fingerprint_;
    outcome.choices = choices_;
}

void Scheduler::end(Verdict verdict, const char* format, ...) {
    ++in_simulation;
    Thread* me = current_thread;
    current_thread = nullptr;
    fill_outcome(verdict, me);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(channel_->outcome.message, sizeof channel_->outcome.message, format, arguments);
    va_end(arguments);
    if (detailed_) {
        if (me != nullptr && me->state == Thread::runnable) {
            record_place(*channel_, *me);
        }
        channel_->thread_count = count_;
        for (int i = 0; i < count_; ++i) {
            const Thread& thread = threads_[i];
            record_end(*channel_, thread, thread.state == Thread::blocked ? holder_of(thread) : -1);
        }
    }
    if (own_process_) {
        channel_->total_steps += steps_;
        channel_->total_switches += switches_;
        raw_syscall(SYS_exit_group, failed_schedule);
    }
    abandoned_ = true;
    raise_flag(over_);
    sleep_for_ever();
}

}  // namespace course::simulation
