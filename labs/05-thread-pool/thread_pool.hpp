// Contract of lab 05: a pool of threads that stay, and take one task after the other.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace lab {

/// What comes out of a task.
using Result = long;
/// What a worker does for somebody. It may throw anything, and may call `submit` of its pool.
using Task = std::function<Result()>;
/// What is to be looked at, such as a payment that may be a fraud.
using Item = std::string;
/// Looks at an item. It may throw anything.
/// \thread_safety  several workers call it at once.
using Check = std::function<Result(const Item&)>;

/// Threads that wait for tasks.
///
/// \thread_safety  any number of threads may call `submit` and `shutdown`, also while others do. `map` is
///                 not for the pool's own tasks, which would wait for themselves.
/// \source  PEP 3148, `ThreadPoolExecutor`.
class ThreadPool {
  public:
    /// 05.1 A pool of \p max_workers threads.
    /// \throws std::invalid_argument  if there are 0.
    explicit ThreadPool(std::size_t max_workers);
    /// 05.3 Shut it down.
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    /// 05.1 Let a worker do \p task as soon as one is free. Tasks begin in the order in which they were
    /// submitted, and no worker computes or looks around while it has nothing to do.
    ///
    /// 05.4 A task may submit another one. Returns at once.
    ///
    /// \return  a future with what the task returns or throws (05.2).
    /// \throws std::runtime_error  if the pool is shut down (05.3).
    std::future<Result> submit(Task task);

    /// 05.2 Check all \p items in the workers, and wait. A worker that is free takes the next item.
    /// \return  the results, in the order of the items.
    /// \throws  what \p check threw, when all items are checked; of several, for the first item.
    std::vector<Result> map(const Check& check, const std::vector<Item>& items);

    /// 05.3 Accept nothing more, finish all that was submitted, end the workers. Again, it does nothing more.
    ///
    /// Not for the pool's own tasks, which would wait for themselves.
    void shutdown();

  private:
    struct State;  // what it is made of is yours to choose
    std::unique_ptr<State> state_;
};

}  // namespace lab
