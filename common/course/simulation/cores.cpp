// The virtual cores: what `compute` occupies.
#include <algorithm>

#include "calls.hpp"
#include "state_memory.hpp"

namespace course::simulation {
namespace {

Cores* the_cores = nullptr;

}  // namespace

Cores& cores() {
    if (the_cores == nullptr) {
        the_cores = static_cast<Cores*>(state_memory(sizeof(Cores)));
    }
    return *the_cores;
}

void Cores::reset(int count) {
    free_ = std::max(count, 1);
    first_ = size_ = 0;
}

void Cores::compute(Thread& me, Time duration) {
    while (duration > 0) {
        if (free_ == 0) {
            queue_[(first_ + size_++) % max_threads] = me.id;
            scheduler().block(me, Operation::core, &queue_[me.id]);
        } else {
            --free_;
        }
        const Time turn = std::min(duration, slice);
        scheduler().block(me, Operation::compute, this, scheduler().after(turn));
        duration -= turn;
        if (size_ == 0) {
            ++free_;
            continue;
        }
        const int next = queue_[first_];  // hands its core straight over
        first_ = (first_ + 1) % max_threads;
        --size_;
        scheduler().wake(Operation::core, &queue_[next], 1);
    }
}

void compute(std::chrono::nanoseconds duration) {
    if (Thread* me = controlled()) {
        cores().compute(*me, duration.count());
        return;
    }
    const std::int64_t end = real_now() + duration.count();
    while (real_now() < end) {
    }
}

}  // namespace course::simulation
