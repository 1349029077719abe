// Contract of lab 06: the future of a call, and what can be done with many of them.
//
//     submit ── task ──▶ an executor's thread ── value or exception ──▶ Future::State
//                                                                             │
//     get, status, cancel, callbacks ◀── Future: a handle, cheap to copy ◀────┤
//     wait, as_completed, map        ◀── many of them                    ◀────┘
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace lab {

// --- One call ----------------------------------------------------------------------------------

/// How a call is going. From `finished` and from `cancelled` nothing leads on: it is *done*.
enum class Status {
    pending,    ///< no thread has begun it
    running,    ///< a thread is in it
    finished,   ///< it has returned or thrown
    cancelled,  ///< it will never be begun
};

/// What `get` throws for a call that was cancelled.
class CancelledError : public std::runtime_error {
  public:
    CancelledError() : std::runtime_error("the call was cancelled") {}
};

/// The result of a call that may not be there yet.
///
/// Copies are handles of the same call.
/// \thread_safety  any number of threads may use handles of the same call.
/// \source         PEP 3148, `Future`.
class Future {
  public:
    /// What the handles of one call share. You define it, in futures.cpp.
    struct State;
    /// A handle of the call that \p state belongs to.
    explicit Future(std::shared_ptr<State> state) : state_(std::move(state)) {}
    /// What this handle shares with the others.
    State& state() const { return *state_; }

    /// How the call is going, now (06.1).
    Status status() const;
    /// Whether it is finished or cancelled. Given.
    bool done() const { return status() >= Status::finished; }

    /// Wait until the call is done, but not for its callbacks, and return what it returned (06.1).
    /// \throws                 whatever the call threw, each time it is asked.
    /// \throws CancelledError  if it was cancelled.
    int get() const;

    /// Is called with the future when it is done.
    using Callback = std::function<void(const Future&)>;
    /// Have \p callback called once: as soon as the call is done, in the thread that finishes or
    /// cancels it; here and now, if it is done already (06.2).
    ///
    /// Those that were added before the call was done are called in the order in which they were
    /// added. A callback may use the future in every way. What it throws is ignored, wherever it is
    /// called. After its call nobody keeps it: a callback that holds its future leaks neither.
    void add_done_callback(Callback callback);

    /// Take the call back if nobody has begun it (06.3). Who waits for it is woken, and its
    /// callbacks are called.
    /// \return  whether the call is cancelled, now or since earlier. Its task is then never run.
    bool cancel();

    /// Whether two handles are of the same call.
    friend bool operator==(const Future&, const Future&) = default;

  private:
    std::shared_ptr<State> state_;
};

/// What an executor runs.
using Task = std::function<void()>;

/// Runs tasks, each once, in whatever thread and whenever it likes.
class Executor {
  public:
    virtual ~Executor() = default;
    /// Have \p task run. Returns at once, if it does not run the task itself.
    virtual void execute(Task task) = 0;
};

/// Have \p executor call \p function (06.1). What the function throws, of any type, is in the future.
Future submit(Executor& executor, std::function<int()> function);

/// The same with arguments, which are copied. Given.
template <class Function, class First, class... Rest>
Future submit(Executor& executor, Function function, First first, Rest... rest) {
    return submit(executor, std::function<int()>([=] { return function(first, rest...); }));
}

// --- Many calls --------------------------------------------------------------------------------

/// What `wait` waits for.
enum class ReturnWhen {
    first_completed,  ///< one is done
    first_exception,  ///< one has thrown, also before, or all are done; cancelled is no exception
    all_completed,    ///< all are done
};

/// Futures, parted in two; both parts in the order in which they were given.
struct DoneAndNotDone {
    std::vector<Future> done;      ///< finished or cancelled
    std::vector<Future> not_done;  ///< pending or running
};

/// Wait for several calls (06.4).
///
/// \param futures      different calls; for none of them, nothing is waited for.
/// \param return_when  what to wait for.
/// \param timeout      how long at most, in all, from the call on, whatever arrives meanwhile;
///                     `nullopt` is without a limit, 0 only looks.
/// \return             all of \p futures, as they are then: at the moment at which what is waited for
///                     happens, and not at a next look. A timeout is not an error.
DoneAndNotDone wait(const std::vector<Future>& futures, ReturnWhen return_when,
                    std::optional<std::chrono::milliseconds> timeout = std::nullopt);

/// What comes one by one, each when it is there: `for (int value : stream)`. Given.
///
/// An exception comes out of the loop, and the stream is at its end then.
template <class T>
class Stream {
  public:
    /// Waits for the next one and returns it; `nullopt` at the end.
    using Next = std::function<std::optional<T>()>;
    /// A stream of what \p next returns.
    explicit Stream(Next next) : next_(std::move(next)) {}

    /// Holds the one that came last.
    class Iterator {
      public:
        /// Waits for the first one.
        explicit Iterator(Next& next) : next_(&next), value_(next()) {}
        /// The one that came last.
        const T& operator*() const { return *value_; }
        /// Wait for the next one.
        Iterator& operator++() {
            value_.reset();
            value_ = (*next_)();
            return *this;
        }
        /// Whether the stream is at its end.
        bool operator==(std::default_sentinel_t) const { return !value_; }

      private:
        Next* next_;
        std::optional<T> value_;
    };
    /// Wait for the first one. Call it once.
    Iterator begin() { return Iterator(next_); }
    /// What the iterator is compared with.
    std::default_sentinel_t end() const { return {}; }

  private:
    Next next_;
};

/// The futures in the order in which they are done, from this call on; those that are done already
/// come first (06.5).
///
/// \param futures  different calls. A call that is cancelled comes like any other.
/// \return         may be left at any time, also before all are done.
Stream<Future> as_completed(std::vector<Future> futures);

/// The results of \p function for each of \p arguments, in that order (06.6).
///
/// All calls are submitted before `map` returns. A result comes out as soon as it and those before it
/// are there. The calls have a copy of \p function, for yours may be gone when they begin.
/// \throws  nothing here: what a call threw comes out of the stream, in the place of its result.
Stream<int> map(Executor& executor, std::function<int(int)> function,
                const std::vector<int>& arguments);

// --- Given: an executor ------------------------------------------------------------------------

/// Threads that take tasks in the order in which they came. Lab 05 is about them.
class Workers : public Executor {
  public:
    /// Start \p count threads.
    explicit Workers(int count) {
        for (int i = 0; i < count; ++i)
            threads_.emplace_back([this] { work(); });
    }
    /// Waits until all tasks have run.
    ~Workers() override {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        task_or_end_.notify_all();
        for (auto& thread : threads_)
            thread.join();
    }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    void execute(Task task) override {
        {
            const std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        task_or_end_.notify_one();
    }

  private:
    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            task_or_end_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
            if (tasks_.empty())
                return;
            Task task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
            task = nullptr;
            lock.lock();
        }
    }

    std::mutex mutex_;  // guards tasks_ and closed_
    std::condition_variable task_or_end_;
    std::deque<Task> tasks_;
    bool closed_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace lab
