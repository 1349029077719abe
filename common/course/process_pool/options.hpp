// PoolOptions: how many workers, and what becomes of them.
#pragma once

#include <cstddef>

#include <course/process_pool/call.hpp>

namespace course {

/// What a pool does when a worker dies that had begun a task.
enum class OnDeath {
    /// Start another worker; the task fails, or is tried again if `retries` allows it.
    respawn,
    /// As CPython: every task that is not done fails, and the pool takes no more.
    break_pool,
};

/// How a pool is made. Every field has a default.
struct PoolOptions {
    /// Number of worker processes; 0: one for each processor that this process may use.
    unsigned max_workers = 0;
    /// Called in each worker before its first task. If it throws, the pool is broken with its message.
    Call initializer{};
    /// Called in each worker that ends in good order, after its last task.
    Call finalizer{};
    /// A worker is replaced after so many tasks (a chunk of a map counts as one); 0: never.
    std::size_t max_tasks_per_child = 0;
    /// What a dead worker means.
    OnDeath on_death = OnDeath::respawn;
    /// How often a task is tried again whose worker died. It must do no harm if it is run twice.
    unsigned retries = 0;
    /// Bytes of the longest result that is believed; a worker that announces a longer one is ended.
    std::size_t max_result_size = std::size_t{1} << 30;
};

}  // namespace course
