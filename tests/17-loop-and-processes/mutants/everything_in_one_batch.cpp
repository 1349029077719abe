// Mistake: One batch has all items: one worker gets all the work.
// Loses:   17.4
// Hint:    Four workers, and more than four batches of three: how many workers have one at once?
#include "async_map.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <course/process_pool/asio.hpp>
#include <course/process_pool/thread_count.hpp>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace lab {

using boost::asio::awaitable;
using boost::asio::use_awaitable;

namespace {

/// Given: await all of \p coroutines. They take turns on the awaiting coroutine's executor. When all are over, it
/// throws what one of them threw.
awaitable<void> all(std::vector<awaitable<void>> coroutines) {
    const auto executor = co_await boost::asio::this_coro::executor;
    // Never rings; it is cancelled by the last one.
    boost::asio::steady_timer over(executor, boost::asio::steady_timer::time_point::max());
    std::size_t running = coroutines.size();
    std::exception_ptr thrown;
    for (auto& coroutine : coroutines)
        co_spawn(executor, std::move(coroutine), [&](std::exception_ptr error) {
            if (error)
                thrown = error;
            if (--running == 0)
                over.cancel();
        });
    while (running > 0)
        co_await over.async_wait(as_tuple(use_awaitable));
    if (thrown)
        std::rethrow_exception(thrown);
}

/// Given: whether this process has a thread beside its first one (lab 01).
bool has_threads() {
    return course::pool::number_of_threads() > 1;
}

/// Await \p one for each number below \p count, at most \p limit at once.
awaitable<void> for_each_number(std::size_t count, std::size_t limit,
                                std::function<awaitable<void>(std::size_t)> one) {
    std::size_t next = 0;
    const auto runner = [&]() -> awaitable<void> {
        while (next < count)
            co_await one(next++);
    };
    std::vector<awaitable<void>> runners;
    while (runners.size() < std::min(limit, count))
        runners.push_back(runner());
    co_await all(std::move(runners));  // what they refer to lives in this frame
}

void require_some(std::size_t number, const char* of_what) {
    if (number == 0)
        throw std::invalid_argument(std::string("there is no work with 0 ") + of_what);
}

/// The outcome of the call whose exception is being handled.
Outcome failure() {
    try {
        throw;
    } catch (const std::exception& error) {
        return {true, error.what()};
    } catch (...) {
        return {true, "something that is no std::exception was thrown"};
    }
}

}  // namespace

awaitable<std::vector<Outcome>> async_map(course::ProcessPool& pool, Function function,
                                          std::vector<Item> items, std::size_t limit) {
    require_some(limit, "calls at once");
    std::vector<Outcome> outcomes(items.size());
    const auto call = [&](std::size_t i) -> awaitable<void> {
        try {
            outcomes[i].text =
                co_await course::async_submit(pool, function, items[i], use_awaitable);
        } catch (...) {
            outcomes[i] = failure();  // of this item; the runner goes on
        }
    };
    co_await for_each_number(items.size(), limit, call);
    co_return outcomes;
}

std::vector<Outcome> run_batch(const Batch& batch) {
    require_some(batch.limit, "coroutines at once");
    std::vector<Outcome> outcomes(batch.items.size());
    const auto wait = [&](std::size_t i) -> awaitable<void> {
        try {
            outcomes[i].text = co_await batch.coroutine(batch.items[i]);
        } catch (...) {
            outcomes[i] = failure();
        }
    };
    boost::asio::io_context loop(1);  // this batch's own: not one that a fork has copied
    std::exception_ptr thrown;
    co_spawn(loop, for_each_number(batch.items.size(), batch.limit, wait),
             [&](std::exception_ptr error) { thrown = error; });
    loop.run();  // until all are over
    if (thrown)
        std::rethrow_exception(thrown);
    return outcomes;
}

awaitable<std::vector<Outcome>> async_map_loops(course::ProcessPool& pool, Coroutine coroutine,
                                                std::vector<Item> items, std::size_t batch_size,
                                                std::size_t limit) {
    require_some(batch_size, "items in a batch");
    require_some(limit, "coroutines at once");
    batch_size = std::max<std::size_t>(items.size(), 1);
    const std::size_t batches = items.size() / batch_size + (items.size() % batch_size != 0);
    std::vector<Outcome> outcomes(items.size());
    const auto run = [&](std::size_t number) -> awaitable<void> {
        const auto first = items.begin() + static_cast<std::ptrdiff_t>(number * batch_size);
        const auto left = static_cast<std::size_t>(items.end() - first);
        const auto last = first + static_cast<std::ptrdiff_t>(std::min(batch_size, left));
        std::vector<Outcome> done;
        try {
            const Batch batch{coroutine, {first, last}, limit};
            done = co_await course::async_submit(pool, run_batch, batch, use_awaitable);
        } catch (...) {
            done.assign(std::min(batch_size, left), failure());  // nobody knows more of it
        }
        std::move(done.begin(), done.end(), outcomes.begin() + (first - items.begin()));
    };
    co_await for_each_number(batches, pool.max_workers(), run);
    co_return outcomes;
}

pid_t fork_beside(boost::asio::io_context& loop, const std::function<int()>& body) {
    if (has_threads())  // the child would have copies of their locks, and nobody to unlock them
        throw std::logic_error("a process with threads cannot be forked");
    loop.notify_fork(boost::asio::io_context::fork_prepare);
    const pid_t child = fork();
    if (child == 0) {
        int status = 1;
        try {
            loop.notify_fork(boost::asio::io_context::fork_child);
            status = body();
        } catch (...) {
        }
        _exit(status);
    }
    const int error = errno;
    loop.notify_fork(boost::asio::io_context::fork_parent);
    if (child < 0)
        throw std::system_error(error, std::generic_category(), "no child");
    return child;
}

}  // namespace lab
