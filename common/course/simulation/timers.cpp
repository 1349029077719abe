// Timer descriptors in virtual time.
#include "timers.hpp"

#include "real.hpp"
#include "scheduler.hpp"
#include "state_memory.hpp"

namespace course::simulation {

Timers* Timers::the_timers = nullptr;

Timers* Timers::create() {
    return static_cast<Timers*>(state_memory(sizeof(Timers)));
}

int Timers::index(int descriptor) const {
    for (int i = 0; i < count_; ++i) {
        if (timers_[i].descriptor == descriptor) {
            return i;
        }
    }
    return -1;
}

void Timers::add(int descriptor) {
    if (count_ == max_timers) {
        scheduler().end(Verdict::not_controlled, "more than %d timer descriptors", max_timers);
    }
    timers_[count_++] = {descriptor, never, 0};
}

void Timers::remove(int descriptor) {
    const int at = index(descriptor);
    if (at >= 0) {
        timers_[at] = timers_[--count_];
    }
}

void Timers::set(int descriptor, Time deadline, Time interval) {
    Timer& timer = timers_[index(descriptor)];
    timer.deadline = deadline;
    timer.interval = interval;
}

Time Timers::next() const {
    Time first = never;
    for (int i = 0; i < count_; ++i) {
        first = timers_[i].deadline < first ? timers_[i].deadline : first;
    }
    return first;
}

void Timers::advance(Time now) {
    for (int i = 0; i < count_; ++i) {
        Timer& timer = timers_[i];
        while (timer.deadline <= now) {
            const std::uint64_t once = 1;
            raw_syscall(SYS_write, timer.descriptor, word(&once), sizeof once);
            timer.deadline = timer.interval != 0 ? timer.deadline + timer.interval : never;
        }
    }
}

}  // namespace course::simulation
