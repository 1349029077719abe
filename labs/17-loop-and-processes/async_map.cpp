// Your work in lab 17: wait for processes without blocking a loop, a loop in each process, and a fork beside a loop.
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
#include <course/testing/not_implemented.hpp>
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
[[maybe_unused]] awaitable<void> all(std::vector<awaitable<void>> coroutines) {
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
[[maybe_unused]] bool has_threads() {
    return course::pool::number_of_threads() > 1;
}

}  // namespace

awaitable<std::vector<Outcome>> async_map([[maybe_unused]] course::ProcessPool& pool,
                                          [[maybe_unused]] Function function,
                                          [[maybe_unused]] std::vector<Item> items,
                                          [[maybe_unused]] std::size_t limit) {
    // TODO(17.1): await a call in a worker for each item.
    // TODO(17.2): at most so many at once.
    // TODO(17.3): a call that throws, and a worker that dies.
    throw course::NotImplemented("17.1");
}

std::vector<Outcome> run_batch([[maybe_unused]] const Batch& batch) {
    // TODO(17.4): make a loop, let it run the coroutines, return when they are over.
    throw course::NotImplemented("17.4");
}

awaitable<std::vector<Outcome>> async_map_loops([[maybe_unused]] course::ProcessPool& pool,
                                                [[maybe_unused]] Coroutine coroutine,
                                                [[maybe_unused]] std::vector<Item> items,
                                                [[maybe_unused]] std::size_t batch_size,
                                                [[maybe_unused]] std::size_t limit) {
    // TODO(17.4): cut into batches of batch_size; as many of them in flight as there are workers.
    throw course::NotImplemented("17.4");
}

pid_t fork_beside([[maybe_unused]] boost::asio::io_context& loop,
                  [[maybe_unused]] const std::function<int()>& body) {
    // TODO(17.5): fork, so that both have a loop that works.
    throw course::NotImplemented("17.5");
}

}  // namespace lab
