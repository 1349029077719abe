// What the redefined calls share with each other and with the scheduler.
#pragma once

#include <time.h>

#include <exception>
#include <functional>

#include "operation.hpp"
#include "race_detector.hpp"
#include "real.hpp"
#include "scheduler.hpp"

/// A definition that the dynamic linker finds before libc's, also for libstdc++ and Boost.
#define COURSE_REDEFINED extern "C" __attribute__((visibility("default")))

namespace course::simulation {

// ---- scheduler.cpp

/// Make all state that outlives a schedule. To be called before the program's state is remembered.
void prepare_process();

// ---- instrumentation.cpp

/// Whether the program's memory accesses reach the simulation.
bool instrumented();

/// How many atomic operations and plain accesses came by from threads that are not simulated.
struct HookCounts {
    int atomics;
    int accesses;
};
HookCounts& hook_counts();

/// A point after an operation. Needed only if what follows it, such as an atomic, is no point.
inline void after_effect(Thread& me, Operation operation, const void* object) {
    if (!instrumented()) {
        scheduler().point(me, operation, object, false);
    }
}

// ---- kernel_threads.cpp

/// The threads' part of `prepare_process`.
void prepare_threads();

// ---- posix_threads.cpp

struct BodyCall {
    const std::function<void()>& body;
    std::exception_ptr thrown;
};

/// Give thread 0 a thread of the kernel, in which it runs the body once it has the turn.
void start_body(Thread& first, BodyCall& call);

// ---- posix_mutexes.cpp

/// Hand on what a try-lock returned; a loop around one that fails must let others run.
int tried(Thread& me, const void* object, int error);

/// The same for what has a holder.
int tried_lock(Thread& me, const void* lock, int error);

/// The thread that holds what \p waiting waits for, or -1.
int holder_of(const Thread& waiting);

// ---- posix_time.cpp

/// The virtual clocks start at these readings in every schedule.
inline constexpr Time monotonic_start = 1'000'000'000'000;         // up for 1000 s
inline constexpr Time realtime_start = 1'893'456'000'000'000'000;  // 2030-01-01

/// A point in time on \p clock, as virtual time; far ones are `never`.
Time from_absolute(const timespec& time, clockid_t clock);

/// A duration from now, as virtual time.
Time from_relative(const timespec& duration);

/// Virtual time as a reading of \p clock.
timespec to_reading(Time time, clockid_t clock);

// ---- cores.cpp

/// The virtual cores, on which `compute` takes place.
class Cores {
  public:
    void reset(int count);

    /// Occupy a core for \p duration, in slices if others wait for one.
    void compute(Thread& me, Time duration);

  private:
    static constexpr Time slice = 10'000'000;

    int free_;
    int first_;  // the queue of those that wait: who waits longest gets the next core
    int size_;
    int queue_[max_threads];
};

Cores& cores();

// ---- posix_process.cpp

/// Turn std::terminate and fatal signals into verdicts. For processes that run schedules.
void install_end_handlers();

/// With these the watchdog makes the running thread say where it hangs: in a loop, or in the
/// kernel.
int hang_signal();
int blocked_signal();

/// Give the calling thread a stack on which a stack overflow can be reported.
void use_signal_stack(void* memory, std::size_t size);

}  // namespace course::simulation
