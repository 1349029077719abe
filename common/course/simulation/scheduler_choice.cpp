// Decides who goes on, moves the clock when nobody can, and notices when nobody ever will.
#include <signal.h>

#include <algorithm>

#include "calls.hpp"
#include "real.hpp"
#include "scheduler.hpp"
#include "timers.hpp"

namespace course::simulation {
namespace {

// So many yields in a row by each thread, or steps without effect of all together, mean that
// nothing will happen until time passes.
constexpr int spin_limit = 200;
constexpr int stall_limit = 10'000;
// So many, and there is no time that could pass: nothing will ever happen.
constexpr int livelock_limit = 2000;
// After a stall, so many steps are chosen fairly, in case that the strategy starved somebody.
constexpr int fair_steps = 300;

bool has_child_processes() {
    siginfo_t info;
    return raw_syscall(SYS_waitid, P_ALL, 0, word(&info), WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace

/// The next decision of the log that is repeated, or else a fresh one, which is logged.
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

int Scheduler::choose_one_of(int count) {
    return decision(count, [&] { return policy_->choose(count); });
}

bool Scheduler::decide(double probability) {
    return probability > 0 &&
           decision(2, [&] { return policy_->chance(probability) ? 1 : 0; }) == 1;
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
            make_runnable(*waiting[choose_one_of(count)], false);
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

}  // namespace course::simulation
