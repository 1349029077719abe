// Future: what a submitted call will return.
#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <stdexcept>

#include <course/process_pool/engine.hpp>

namespace course {

namespace pool {

/// The task with the type of its result: a blob is received in its own memory.
template <class R>
class TaskOf final : public Task {
  public:
    using Result = R;
    using Task::Task;
    char* prepare(std::size_t size) override {
        if constexpr (Blob<R>) {
            using Element = typename R::value_type;
            if (size % sizeof(Element) != 0)
                throw MessageError("it sent a value of a wrong size");
            arrived_.emplace();
            arrived_->resize(size / sizeof(Element));
            return reinterpret_cast<char*>(arrived_->data());
        } else {
            return Task::prepare(size);
        }
    }
    /// The value, once.
    R value() {
        const auto [data, size] = result();
        if constexpr (Blob<R>) {
            if (arrived_)
                return std::move(*arrived_);
            if (size % sizeof(typename R::value_type) != 0)
                throw MessageError("a worker sent a value of a wrong size");
            R value;
            value.resize(size / sizeof(typename R::value_type));
            if (size != 0)
                std::memcpy(value.data(), data, size);
            return value;
        } else if constexpr (!std::is_void_v<R>) {
            Reader reader(data, size);
            R value = decode<R>(reader);
            if (reader.remaining() != 0)
                throw MessageError("a worker sent more than a value");
            return value;
        }
    }

  private:
    struct Nothing {};
    [[no_unique_address]] std::conditional_t<Blob<R>, std::optional<R>, Nothing> arrived_;
};

/// Counts a waiter down when a task is done.
class CountingHook final : public Hook {
  public:
    void completed(Task&) noexcept override { waiter->count(); }
    Waiter* waiter = nullptr;
};

/// Wait for one task.
inline bool wait_for_one(Task& task, std::optional<Clock::time_point> deadline = {}) {
    if (task.done())
        return true;
    Waiter waiter(1);
    waiter.single = &task;
    CountingHook hook;
    hook.waiter = &waiter;
    if (!task.engine->add_hook(task, hook))
        return true;
    if (task.engine->wait(waiter, deadline))
        return true;
    task.engine->remove_hook(task, hook);
    return task.done();
}

/// The exception of a task that is done; null if it returned.
inline std::exception_ptr exception_of(const Task& task) {
    switch (task.outcome.load(std::memory_order_acquire)) {
        case Outcome::error: {
            const auto [data, size] = task.result();
            Reader reader(data, size);
            try {
                return decode_exception(reader);
            } catch (const MessageError&) {
                return std::current_exception();
            }
        }
        case Outcome::failed:
        case Outcome::cancelled:
            return task.failure;
        default:
            return nullptr;
    }
}

}  // namespace pool

/// A call that was given to a pool, and what comes of it. Copies are handles on the same call.
///
/// \thread_safety  any number of threads may hold copies and wait; one of them calls `get`.
/// \source         PEP 3148, `Future`.
template <class R>
class Future {
  public:
    /// No call.
    Future() = default;
    /// For the pool.
    explicit Future(boost::intrusive_ptr<pool::TaskOf<R>> task) : task_(std::move(task)) {}

    /// Whether it stands for a call.
    bool valid() const noexcept { return task_ != nullptr; }
    /// Whether it has returned, thrown, failed or been cancelled.
    bool done() const { return task().done(); }
    /// Whether a worker has begun it and is not done.
    bool running() const { return task().engine->running(task()); }
    /// Whether it was cancelled.
    bool cancelled() const { return task().outcome == pool::Outcome::cancelled; }
    /// Cancel it if no worker has begun it, even if it has been sent to one.
    /// \return  whether it is cancelled: then `get` throws `CancelledError`.
    bool cancel() const { return task().engine->cancel(task()); }

    /// Wait until it is done.
    void wait() const { pool::wait_for_one(task()); }
    /// Wait until it is done, but not longer than \p timeout on `steady_clock`; zero polls.
    /// \return  whether it is done.
    bool wait_for(std::chrono::nanoseconds timeout) const {
        return pool::wait_for_one(task(), pool::Clock::now() + timeout);
    }

    /// Wait, and take the value.
    /// \throws             what the call threw, see `RemoteError` for types that can't be made again.
    /// \throws CancelledError  if it was cancelled.
    /// \throws WorkerDied  if the worker that ran it ended.
    /// \throws BrokenPool  if the pool broke before it was done.
    /// \throws std::logic_error  if the value was taken before.
    R get() {
        wait();
        if (const auto error = pool::exception_of(task()))
            std::rethrow_exception(error);
        if (taken_by_get(task()))
            throw std::logic_error("the value of a future was taken twice");
        return task_->value();
    }
    /// Wait, and look how it ended.
    /// \return  what `get` would throw; null if it would return.
    std::exception_ptr exception() const {
        wait();
        return pool::exception_of(task());
    }

    /// Call \p callback with this future when it is done; at once if it is.
    ///
    /// It runs without a lock in the thread that saw the end: the pool's own, one that waits for or
    /// cancels something, or the executor of a pool that is driven by one. What it throws is written to
    /// standard error. It may wait for other futures, but not for what only another callback does.
    /// \param callback  takes a `Future<R>`.
    template <class F>
    void on_done(F callback) const {
        struct Function final : pool::Callback {
            Function(F f, Future self) : function(std::move(f)), future(std::move(self)) {}
            void run(pool::Task&) override { function(std::move(future)); }
            F function;
            Future future;
        };
        task().engine->add_callback(task_, std::make_unique<Function>(std::move(callback), *this));
    }

    /// Whether both stand for the same call.
    friend bool operator==(const Future& a, const Future& b) noexcept { return a.task_ == b.task_; }
    /// Any order, that stays: futures can be the keys of a map.
    friend std::strong_ordering operator<=>(const Future& a, const Future& b) noexcept {
        return std::compare_three_way{}(a.task_.get(), b.task_.get());
    }

    /// For `wait` and `as_completed`.
    pool::Task& task() const {
        if (!task_)
            throw std::logic_error("a future without a call was used");
        return *task_;
    }

  private:
    static bool taken_by_get(pool::Task& task) { return task.taken.exchange(true); }
    boost::intrusive_ptr<pool::TaskOf<R>> task_;
};

}  // namespace course
