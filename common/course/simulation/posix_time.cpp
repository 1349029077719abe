// Redefines sleeping and the clocks.
#include <errno.h>

#include "calls.hpp"

namespace course::simulation {
namespace {

constexpr Time second = 1'000'000'000;

bool is_realtime(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

bool is_virtual(clockid_t clock) {
    return is_realtime(clock) || clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW ||
           clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME;
}

void sleep_until(Thread& me, Time deadline) {
    if (deadline > scheduler().now()) {
        scheduler().block(me, Operation::sleep, nullptr, deadline);
    } else {
        scheduler().yield(me);
    }
}

/// Thinking takes no virtual time, so a loop that waits for the clock would never end. If a thread
/// looks again and again, let time pass at each look: first a little, then more and more.
Time look_at_clock(Thread& me) {
    constexpr int looks_for_free = 50;
    constexpr Time first_step = 1000;
    if (++me.clock_looks <= looks_for_free) {
        me.clock_step = first_step;
    } else {
        const int looks = me.clock_looks;
        scheduler().block(me, Operation::clock, nullptr, scheduler().after(me.clock_step));
        me.clock_looks = looks;
        me.clock_step += me.clock_step / 64 + 1;
    }
    return scheduler().now();
}

}  // namespace

Time from_absolute(const timespec& time, clockid_t clock) {
    if (time.tv_sec >= never / second) {
        return never;
    }
    const Time reading = time.tv_sec * second + time.tv_nsec;
    const Time start = is_realtime(clock) ? realtime_start : monotonic_start;
    return reading < start ? 0 : reading - start;
}

Time from_relative(const timespec& duration) {
    return duration.tv_sec >= never / second
               ? never
               : scheduler().after(duration.tv_sec * second + duration.tv_nsec);
}

timespec to_reading(Time time, clockid_t clock) {
    const Time reading = time + (is_realtime(clock) ? realtime_start : monotonic_start);
    return {reading / second, reading % second};
}

}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED int nanosleep(const timespec* duration, timespec* left) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().nanosleep(duration, left);
    }
    sleep_until(*me, from_relative(*duration));
    return 0;
}

COURSE_REDEFINED int clock_nanosleep(clockid_t clock, int flags, const timespec* time,
                                     timespec* left) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().clock_nanosleep(clock, flags, time, left);
    }
    const bool absolute = (flags & TIMER_ABSTIME) != 0;
    sleep_until(*me, absolute ? from_absolute(*time, clock) : from_relative(*time));
    return 0;
}

COURSE_REDEFINED int usleep(useconds_t microseconds) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().usleep(microseconds);
    }
    sleep_until(*me, scheduler().after(microseconds * Time{1000}));
    return 0;
}

COURSE_REDEFINED unsigned sleep(unsigned seconds) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().sleep(seconds);
    }
    sleep_until(*me, scheduler().after(seconds * second));
    return 0;
}

COURSE_REDEFINED int sched_yield() noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().sched_yield();
    }
    scheduler().yield(*me);
    return 0;
}

COURSE_REDEFINED int clock_gettime(clockid_t clock, timespec* time) noexcept {
    Thread* me = controlled();
    if (me == nullptr || !is_virtual(clock)) {
        return real().clock_gettime(clock, time);
    }
    *time = to_reading(look_at_clock(*me), clock);
    return 0;
}

COURSE_REDEFINED int gettimeofday(timeval* time, void* zone) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().gettimeofday(time, zone);
    }
    const timespec reading = to_reading(look_at_clock(*me), CLOCK_REALTIME);
    *time = {reading.tv_sec, reading.tv_nsec / 1000};
    return 0;
}

COURSE_REDEFINED time_t time(time_t* result) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().time(result);
    }
    const time_t reading = to_reading(look_at_clock(*me), CLOCK_REALTIME).tv_sec;
    if (result != nullptr) {
        *result = reading;
    }
    return reading;
}
