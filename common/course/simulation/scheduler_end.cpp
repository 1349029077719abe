// The end of a schedule that did not end well: leave what is known in the channel, and stop.
#include <stdarg.h>
#include <stdio.h>

#include "calls.hpp"
#include "flag.hpp"
#include "real.hpp"
#include "recorder.hpp"
#include "scheduler.hpp"

namespace course::simulation {
namespace {

[[noreturn]] void sleep_for_ever() {
    for (;;) {
        raw_syscall(SYS_pause);
    }
}

}  // namespace

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
        if (recording_ && me != nullptr && me->state == Thread::runnable) {
            record_place(*channel_, *me);
        }
        channel_->thread_count = count_;
        for (int i = 0; i < count_; ++i) {
            const Thread& thread = threads_[i];
            const bool waits = thread.state == Thread::blocked || thread.waits_for_itself;
            record_end(*channel_, thread, waits ? holder_of(thread) : -1);
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
