// wait and as_completed: many futures at once.
#pragma once

#include <cstddef>
#include <iterator>
#include <mutex>
#include <optional>
#include <vector>

#include <course/process_pool/future.hpp>

namespace course {

/// What `wait` waits for.
enum class ReturnWhen {
    first_completed,  ///< one is done
    first_exception,  ///< one has thrown, failed or been cancelled, or all are done
    all_completed,    ///< all are done
};

namespace pool {

/// Hooks on many tasks of one pool, one waiter. Takes its hooks back at the end.
class ManyHooks {
  public:
    ManyHooks(const std::vector<Task*>& tasks, ReturnWhen when);
    ~ManyHooks();
    ManyHooks(const ManyHooks&) = delete;
    ManyHooks& operator=(const ManyHooks&) = delete;
    /// Wait. \return  false if the deadline came first.
    bool wait(std::optional<Clock::time_point> deadline);

  private:
    struct One final : Hook {
        void completed(Task& task) noexcept override;
        ManyHooks* all = nullptr;
    };
    std::vector<Task*> tasks_;
    std::vector<One> hooks_;
    ReturnWhen when_;
    Waiter waiter_;
};

/// Done tasks in the order in which they were done.
class CompletionQueue {
  public:
    explicit CompletionQueue(const std::vector<TaskPtr>& tasks);
    ~CompletionQueue();
    CompletionQueue(const CompletionQueue&) = delete;
    CompletionQueue& operator=(const CompletionQueue&) = delete;
    /// Wait for the next one. \return  its index among the tasks; nothing after the last.
    std::optional<std::size_t> next();

  private:
    struct One final : Hook {
        void completed(Task& task) noexcept override;
        CompletionQueue* queue = nullptr;
        std::size_t index = 0;
    };
    void add(std::size_t index) noexcept;
    std::vector<TaskPtr> tasks_;
    std::vector<One> hooks_;
    std::vector<std::size_t> done_;  // room for all from the beginning: completed() must not throw
    std::size_t given_ = 0;
    Waiter* waiter_ = nullptr;
    std::mutex mutex_;  // guards done_ and waiter_; taken after the engine's
};

}  // namespace pool

/// Wait for \p futures, which belong to one pool.
///
/// \param timeout  limit on `steady_clock`.
/// \return         whether what \p when asks for has come in time.
/// \thread_safety  any number of threads may wait for the same futures.
/// \source         PEP 3148, `wait`.
template <class R>
bool wait(const std::vector<Future<R>>& futures, ReturnWhen when = ReturnWhen::all_completed,
          std::optional<std::chrono::nanoseconds> timeout = {}) {
    std::optional<pool::Clock::time_point> deadline;
    if (timeout)
        deadline = pool::Clock::now() + *timeout;
    std::vector<pool::Task*> tasks;
    for (const auto& future : futures)
        tasks.push_back(&future.task());
    return pool::ManyHooks(tasks, when).wait(deadline);
}

/// Futures in the order in which they are done: `for (auto& future : as_completed(futures))`.
///
/// One that is done already comes first. The futures belong to one pool. Not to be copied; one loop, one thread.
/// \source PEP 3148, `as_completed`.
template <class R>
class as_completed {
  public:
    /// \param futures  each one once.
    explicit as_completed(std::vector<Future<R>> futures)
        : futures_(std::move(futures)), queue_(tasks_of(futures_)) {}

    /// One pass over them.
    class Iterator {
      public:
        /// \cond
        using value_type = Future<R>;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;
        Iterator() = default;
        explicit Iterator(as_completed* all) : all_(all), index_(all->queue_.next()) {}
        Future<R>& operator*() const { return all_->futures_[*index_]; }
        Iterator& operator++() {
            index_ = all_->queue_.next();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return !index_; }
        /// \endcond

      private:
        as_completed* all_ = nullptr;
        std::optional<std::size_t> index_;
    };
    /// The next one.
    Iterator begin() { return Iterator(this); }
    /// After the last one.
    std::default_sentinel_t end() const { return {}; }

  private:
    static std::vector<pool::TaskPtr> tasks_of(const std::vector<Future<R>>& futures) {
        std::vector<pool::TaskPtr> tasks;
        for (const auto& future : futures)
            tasks.emplace_back(&future.task());
        return tasks;
    }
    std::vector<Future<R>> futures_;
    pool::CompletionQueue queue_;
};

}  // namespace course
