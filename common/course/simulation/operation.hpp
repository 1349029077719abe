// What a thread can be about to do when the scheduler decides who runs next.
#pragma once

#include <cstdint>

namespace course::simulation {

/// Virtual nanoseconds since the schedule began.
using Time = std::int64_t;
inline constexpr Time never = INT64_MAX;

inline constexpr int max_threads = 512;

enum class Operation : std::uint8_t {
    start,
    create,
    join,
    finish,
    lock,
    try_lock,
    unlock,
    lock_shared,
    wait,  // on a condition variable
    notify_one,
    notify_all,
    once,
    semaphore_wait,
    semaphore_post,
    barrier,
    futex_wait,
    futex_wake,
    sleep,
    yield,
    clock,
    compute,
    core,  // waits for a virtual core
    atomic_load,
    atomic_store,
    atomic_update,
    access,  // a plain read or write
    input_output,
    child_process,
    drain,  // the body has returned and waits for the threads it left
};

/// The operation in the words of a report: "lock", "wait on a condition variable".
const char* name(Operation operation);

}  // namespace course::simulation
