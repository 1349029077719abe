// Contract of lab 14: many tasks on one thread, and the loop that gives each its turn.
//
//                  ┌───────────────────── yield ◀──────────────────────┐
//     spawn ──▶ Ready, the longest waiting first ──▶ the one that runs ─┤
//                  ▲                                                   ├──▶ over
//                  └── its time has come ── Waiting ◀── sleep_for ──────┤
//                  └── the other is over ── join    ◀── co_await join ──┘
//
// A task is the given Task<T>. A job is a task that a loop runs. The functions that say 14.k are
// yours, in event_loop.cpp. All of this is for one thread.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace lab {

// --- Given: tasks (you have written one in lab 13, if you have done it) --------------------------

/// The frames of tasks, counted.
class Frames {
  public:
    /// How many there are now.
    static long alive() { return alive_; }

    /// The memory of a frame. \throws std::bad_alloc  if there is none.
    static void* operator new(std::size_t size) {
        void* const frame = ::operator new(size);
        ++alive_;
        return frame;
    }
    /// Gives it back.
    static void operator delete(void* frame) {
        --alive_;
        ::operator delete(frame);
    }

  private:
    static inline long alive_ = 0;
};

/// What the promises of tasks have in common.
class TaskPromise : public Frames {
  public:
    /// The end of a task: whoever awaits it goes on, in its place.
    struct FinalAwaiter {
        /// A task suspends after its body: its value is still to be fetched.
        bool await_ready() const noexcept { return false; }
        /// Who goes on in place of \p finished.
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
            return finished.promise().awaiting_;
        }
        /// Never called.
        void await_resume() const noexcept {}
    };

    /// Lazy: nothing of the body runs until the task is awaited, or its loop runs it.
    std::suspend_always initial_suspend() noexcept { return {}; }
    /// After the body.
    FinalAwaiter final_suspend() noexcept { return {}; }
    /// Called in a `catch (...)` around the body.
    void unhandled_exception() noexcept { error_ = std::current_exception(); }
    /// \p awaiting goes on when the task is over.
    void awaited_by(std::coroutine_handle<> awaiting) noexcept { awaiting_ = awaiting; }
    /// Throws what the body has thrown.
    void rethrow() const {
        if (error_)
            std::rethrow_exception(error_);
    }

  private:
    std::coroutine_handle<> awaiting_ = std::noop_coroutine();
    std::exception_ptr error_;
};

/// A coroutine that comes to a value some time. It is lazy, and has one owner.
///
/// `co_await task` runs it and is worth its value, or throws what it throws; once.
template <class T = void>
class [[nodiscard]] Task {
  public:
    /// What the compiler talks to.
    struct promise_type : TaskPromise {
        /// The task of this promise.
        Task get_return_object() noexcept { return Task(Handle::from_promise(*this)); }
        /// For `co_return`.
        void return_value(T result) { value_.emplace(std::move(result)); }
        /// What the body has returned or thrown.
        T result() {
            rethrow();
            return std::move(*value_);
        }

      private:
        std::optional<T> value_;
    };
    /// What a task is a handle of.
    using Handle = std::coroutine_handle<promise_type>;

    /// The task whose frame is \p frame.
    explicit Task(Handle frame) noexcept : frame_(frame) {}
    /// Takes the frame of \p other.
    Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    /// The same; the frame that it had is destroyed.
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            destroy();
            frame_ = std::exchange(other.frame_, nullptr);
        }
        return *this;
    }
    ~Task() { destroy(); }

    /// The coroutine, for whoever resumes it: at first that begins the body. Null after a move or
    /// `destroy`.
    std::coroutine_handle<> coroutine() const noexcept { return frame_; }
    /// Whether the body is over.
    bool done() const noexcept { return frame_.done(); }
    /// What the body has returned or thrown. To be asked once, of a task that is done.
    T result() { return frame_.promise().result(); }
    /// Destroy the frame now, wherever the coroutine is suspended, with all that lives in it.
    void destroy() noexcept {
        if (frame_)
            std::exchange(frame_, nullptr).destroy();
    }

    /// For `co_await`.
    auto operator co_await() && noexcept {
        struct Awaiter {
            Handle task;
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
                task.promise().awaited_by(awaiting);
                return task;
            }
            T await_resume() { return task.promise().result(); }
        };
        return Awaiter{frame_};
    }

  private:
    Handle frame_;
};

/// A task without a value.
template <>
struct Task<void>::promise_type : TaskPromise {
    /// The task of this promise.
    Task get_return_object() noexcept {
        return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    /// For `co_return`.
    void return_void() noexcept {}
    /// Throws what the body has thrown.
    void result() const { rethrow(); }
};

// --- Jobs --------------------------------------------------------------------------------------

class Loop;

/// What `co_await` throws in a job that was cancelled. It is no std::exception, so that who handles
/// failures lets it pass, as Python's is no Exception.
struct Cancelled {};

/// A task that a loop runs. Copies are handles of the same job.
///
/// They may outlive the loop. Its jobs that are not over then never will be.
/// \source  CPython, `asyncio.Task`.
class Job {
  public:
    /// What handles and loop share. You define it, in event_loop.cpp.
    struct State;
    /// A handle of the job that \p state belongs to.
    explicit Job(std::shared_ptr<State> state) : state_(std::move(state)) {}

    /// Whether the task is over, with or without an exception, or was cancelled before it began (14.1).
    bool done() const;
    /// Throws what the task has thrown, the very same, each time it is asked (14.1).
    /// \throws Cancelled         if it was cancelled before it began, or was told and let that pass.
    ///         Who ends before being told has ended as if nobody had cancelled.
    /// \throws std::logic_error  if it is not done.
    void result() const;

    /// Have the job meet `Cancelled` where it is suspended: the `co_await` there throws it (14.4).
    ///
    /// What it waits for is forgotten, and it goes to the end of Ready, if it is not in it. A job
    /// that has not begun never does: it is done when it has its turn, not before. The job that runs,
    /// and cancels itself, meets it at its next `co_await` of the loop, which then does what a
    /// `yield` does. The task may catch it, and go on; it may be cancelled again then, and is told
    /// again. Who is cancelled twice before it is told is told once.
    /// \return  false if the job is done, or its loop is gone: then nothing happens.
    bool cancel();

    /// What the handles of this job and its loop share.
    State& state() const { return *state_; }

  private:
    std::shared_ptr<State> state_;
};

// --- The loop ----------------------------------------------------------------------------------

/// Runs jobs on the thread that calls `run`, one at a time, each until its next `co_await`.
///
/// The functions that can be awaited are for jobs of this loop, while it runs. Loops know nothing of
/// each other: a job may run another loop in the middle of its turn.
/// \source  CPython, `asyncio.BaseEventLoop`.
class Loop {
  public:
    /// Has no jobs yet.
    Loop();
    /// Destroys the frames of all jobs that are not over.
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Make \p task a job, at the end of Ready (14.1). It begins when it has its turn.
    ///
    /// What it throws stays in the job. When it is over its frame is destroyed, before anybody else has
    /// a turn, whoever keeps a `Job`.
    Job spawn(Task<> task);

    /// Give turns until nobody is ready and no time is waited for (14.1, 14.2).
    ///
    /// The job that has been in Ready for the longest has the next turn. Who waits for a time is
    /// made ready when it has come, not before, also if others are ready all along: no job has two
    /// turns in between. Whoever has the earliest time is made ready first; among equals, whoever began to
    /// wait first. While nobody is ready the thread sleeps until the earliest time.
    void run();

    /// `co_await loop.yield()` lets all others have a turn that are ready now. Given.
    auto yield();
    /// The job that runs goes to the end of Ready, and goes on with \p coroutine (14.1).
    void suspend_ready(std::coroutine_handle<> coroutine);

    /// `co_await loop.sleep_for(1s)` suspends for that long, or longer if others have their turn
    /// then. Zero or less is a `yield`; more than a hundred years is not asked for. Given.
    auto sleep_for(std::chrono::nanoseconds duration);
    /// The job that runs waits for \p duration, which is positive, on `steady_clock`, and goes on with
    /// \p coroutine (14.2). If it has cancelled itself it does not wait: then it is `suspend_ready` (14.4).
    void suspend_for(std::coroutine_handle<> coroutine, std::chrono::nanoseconds duration);

    /// `co_await loop.join(job)` suspends until \p job is over, however it ends. It throws nothing of
    /// what the job throws. If it is over already, it does not suspend. Given.
    auto join(Job job);
    /// The job that runs waits until \p job is over, and goes on with \p coroutine (14.3). If it has
    /// cancelled itself it does not wait: then it is `suspend_ready` (14.4).
    void suspend_until_done(std::coroutine_handle<> coroutine, const Job& job);

    /// Called when a job goes on after one of the loop's `co_await`s.
    /// \throws Cancelled  if it was cancelled; once for each time (14.4).
    void check_cancelled();

    /// Yours, in event_loop.cpp.
    struct State;

  private:
    std::unique_ptr<State> state_;
};

/// Run all \p tasks as jobs of their own, and wait until all are over (14.3).
///
/// All are spawned, in order, before it waits for any.
/// \throws  what the first of \p tasks has thrown that threw, whatever that is, when all are over.
/// \throws Cancelled  if the job that waits was cancelled: each time it is, it cancels all that are not
///         over, and it waits until they are. That goes before what they throw (14.4).
/// \source  CPython, `asyncio.gather` and `TaskGroup`.
Task<> gather(Loop& loop, std::vector<Task<>> tasks);

/// The same for two tasks and more: `gather(loop, soup(), fish(), cake())`. Given.
template <class... More>
Task<> gather(Loop& loop, Task<> first, Task<> second, More... more) {
    std::vector<Task<>> tasks;
    tasks.push_back(std::move(first));
    tasks.push_back(std::move(second));
    (tasks.push_back(std::move(more)), ...);
    return gather(loop, std::move(tasks));
}

/// \p task, whose value goes to \p value. Given.
template <class T>
Task<> keep(Task<T> task, std::optional<T>& value) {
    value.emplace(co_await std::move(task));
}

/// The same for tasks with values: worth all of them, in order. Given.
template <class T>
Task<std::vector<T>> gather(Loop& loop, std::vector<Task<T>> tasks) {
    std::vector<std::optional<T>> kept(tasks.size());
    std::vector<Task<>> keeping;
    for (std::size_t i = 0; i < tasks.size(); ++i)
        keeping.push_back(keep(std::move(tasks[i]), kept[i]));
    co_await gather(loop, std::move(keeping));
    std::vector<T> values;
    for (std::optional<T>& value : kept)
        values.push_back(std::move(*value));
    co_return values;
}

// --- Given: what `co_await` calls --------------------------------------------------------------

inline auto Loop::yield() {
    struct Awaiter {
        Loop* loop;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> coroutine) { loop->suspend_ready(coroutine); }
        void await_resume() { loop->check_cancelled(); }
    };
    return Awaiter{this};
}

inline auto Loop::sleep_for(std::chrono::nanoseconds duration) {
    struct Awaiter {
        Loop* loop;
        std::chrono::nanoseconds duration;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> coroutine) {
            if (duration > duration.zero())
                loop->suspend_for(coroutine, duration);
            else
                loop->suspend_ready(coroutine);
        }
        void await_resume() { loop->check_cancelled(); }
    };
    return Awaiter{this, duration};
}

inline auto Loop::join(Job job) {
    struct Awaiter {
        Loop* loop;
        Job job;
        bool await_ready() const noexcept { return job.done(); }
        void await_suspend(std::coroutine_handle<> coroutine) {
            loop->suspend_until_done(coroutine, job);
        }
        void await_resume() { loop->check_cancelled(); }
    };
    return Awaiter{this, std::move(job)};
}

}  // namespace lab
