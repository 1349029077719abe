// A process pool as an Asio citizen: `async_submit` with any completion token, and a pool that an executor keeps going.
//
//     boost::asio::io_context context;
//     course::ProcessPool pool({.max_workers = 4}, course::driven_by(context));
//     ...
//     long sum = co_await course::async_submit(pool, sum_of_squares, 10'000, boost::asio::use_awaitable);
//
// A driven pool has no thread of its own: the threads that run `context` do its work. `context.run()` returns
// when no task is left.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <tuple>

#include <course/process_pool/process_pool.hpp>

namespace course {

namespace pool {

/// Keeps a pool going on an executor: a round whenever the engine's descriptor is readable.
class AsioDriver final : public Driver {
  public:
    explicit AsioDriver(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    ~AsioDriver() override;
    void start(std::shared_ptr<Engine> engine) override;
    void stop() noexcept override;
    /// Where it runs.
    const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

  private:
    class State;
    boost::asio::any_io_executor executor_;
    std::shared_ptr<State> state_;
};

/// What is called when nobody says where: the executor that drives the pool.
inline boost::asio::any_io_executor default_executor(const ProcessPool& pool) {
    if (const auto* driver = dynamic_cast<const AsioDriver*>(pool.driver()))
        return driver->executor();
    return boost::asio::system_executor();
}

/// An operation that waits for a task: hands the result to its handler on the handler's executor.
template <class R, class Handler>
class Operation final : public Callback {
  public:
    using Executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
    Operation(Handler handler, const boost::asio::any_io_executor& otherwise)
        : executor_(boost::asio::get_associated_executor(handler, otherwise)),
          work_(executor_),
          handler_(std::move(handler)) {}

    void run(Task& task) override { finish(&static_cast<TaskOf<R>&>(task), nullptr); }
    /// The pool refused the task.
    void refuse(std::exception_ptr error) { finish(nullptr, std::move(error)); }

  private:
    void finish(boost::intrusive_ptr<TaskOf<R>> task, std::exception_ptr error) {
        boost::asio::post(executor_, [handler = std::move(handler_), work = std::move(work_), task,
                                      error]() mutable {
            auto slot = boost::asio::get_associated_cancellation_slot(handler);
            if (slot.is_connected())
                slot.clear();
            complete(std::move(handler), task.get(), std::move(error));
        });
    }

    static void complete(Handler handler, TaskOf<R>* task, std::exception_ptr error) {
        if (task && task->outcome == Outcome::cancelled)
            error = std::make_exception_ptr(
                boost::system::system_error(boost::asio::error::operation_aborted));
        else if (task)
            error = exception_of(*task);
        if constexpr (std::is_void_v<R>) {
            std::move(handler)(error);
        } else {
            R value{};
            try {
                if (!error)
                    value = task->value();
            } catch (...) {
                error = std::current_exception();
            }
            std::move(handler)(error, std::move(value));
        }
    }

    Executor executor_;
    boost::asio::executor_work_guard<Executor> work_;
    Handler handler_;
};

template <class R>
struct Completion {
    using signature = void(std::exception_ptr, R);
};
template <>
struct Completion<void> {
    using signature = void(std::exception_ptr);
};

/// Starts the operation, when the completion token says so.
template <class R>
struct Initiation {
    boost::asio::any_io_executor executor;
    boost::intrusive_ptr<TaskOf<R>> task;

    template <class Handler>
    void operator()(Handler&& handler) const {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        auto operation = std::make_unique<Operation<R, std::decay_t<Handler>>>(
            std::forward<Handler>(handler), executor);
        try {
            task->engine->submit(task);
        } catch (...) {
            operation->refuse(std::current_exception());
            return;
        }
        if (slot.is_connected())
            slot.assign([started = task](boost::asio::cancellation_type type) {
                if (type != boost::asio::cancellation_type::none)
                    started->engine->cancel(*started);
            });
        task->engine->add_callback(task, std::move(operation));
    }
};

template <class F, class Tuple, std::size_t... I>
auto async_submit_split(ProcessPool& process_pool, F&& function, Tuple all,
                        std::index_sequence<I...>) {
    auto task = process_pool.prepare(std::forward<F>(function), std::get<I>(std::move(all))...);
    using R = typename std::decay_t<decltype(*task)>::Result;
    auto&& token = std::get<sizeof...(I)>(std::move(all));
    using Token = std::decay_t<decltype(token)>;
    Token owned(std::forward<decltype(token)>(token));
    return boost::asio::async_initiate<Token, typename Completion<R>::signature>(
        Initiation<R>{default_executor(process_pool), std::move(task)}, owned);
}

}  // namespace pool

/// For the constructor of `ProcessPool`: let \p executor keep the pool going instead of a thread of the pool's own.
///
/// Threads that run the executor do the pool's work, one at a time. Its context must outlive the pool. A thread that
/// waits in `Future::get` makes progress by itself, also when nobody runs the executor.
/// \throws std::system_error  (from the pool's constructor) if descriptors are short.
std::unique_ptr<pool::Driver> driven_by(boost::asio::any_io_executor executor);

/// As above, for an execution context such as an `io_context`.
template <class Context>
requires requires(Context& context) {
    context.get_executor();
}
std::unique_ptr<pool::Driver> driven_by(Context& context) {
    return driven_by(boost::asio::any_io_executor(context.get_executor()));
}

/// `async_submit(pool, function, arguments..., token)`: `ProcessPool::submit` as an asynchronous operation.
///
/// The last argument is the completion token: a callback, `use_future`, `use_awaitable`, or any other. The handler
/// is called with `(std::exception_ptr, R)`, `(std::exception_ptr)` if the function returns nothing, as if by
/// `post` on its associated executor; if it has none, on the executor that drives the pool, else on the system
/// executor. Outstanding work is held there meanwhile. `R` must be default constructible.
///
/// Cancellation of any type through the handler's slot cancels the task if no worker has begun it: the
/// operation then ends with `boost::asio::error::operation_aborted`. A task that was begun goes on, and the operation
/// ends with its result. `BrokenPool` and other errors of `submit` reach the handler, too.
///
/// \thread_safety  as `ProcessPool::submit`; a slot is emitted, as ever, where the handler runs.
template <class F, class... ArgumentsAndToken>
auto async_submit(ProcessPool& process_pool, F&& function, ArgumentsAndToken&&... rest) {
    static_assert(sizeof...(rest) > 0, "the last argument of async_submit is a completion token");
    return pool::async_submit_split(process_pool, std::forward<F>(function),
                                    std::forward_as_tuple(std::forward<ArgumentsAndToken>(rest)...),
                                    std::make_index_sequence<sizeof...(rest) - 1>());
}

}  // namespace course
