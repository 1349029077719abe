// The ways in which a program can have many tasks done: what `table`, `choosing` and `waits` compare.
//
//     items ───▶ way<task>(items) ───▶ results, in the order of the items
//
// A way starts its executor, gives it every item, and has ended it when it returns: with no thread and no process
// left, so the time of the call is all that the way costs. A task is a function without state, for it may have to
// cross to another process; there, a result is a copy, too.
#pragma once

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <course/process_pool/asio.hpp>
#include <course/process_pool/process_pool.hpp>

namespace bench {

namespace asio = boost::asio;

/// What \p task makes of an item.
template <auto task, class Item>
using ResultOf = decltype(task(std::declval<const Item&>()));

/// One after the other, here.
template <auto task, class Item>
auto serially(const std::vector<Item>& items) {
    std::vector<ResultOf<task, Item>> results(items.size());
    for (std::size_t i = 0; i < items.size(); ++i)
        results[i] = task(items[i]);
    return results;
}

/// A thread for each item, all of them at once.
/// \throws std::system_error  if there can't be so many; those that there were have ended.
template <auto task, class Item>
auto in_a_thread_each(const std::vector<Item>& items) {
    std::vector<ResultOf<task, Item>> results(items.size());
    std::vector<std::jthread> threads;  // joins what has started, also if one can't be had
    threads.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i)
        threads.emplace_back([&, i] { results[i] = task(items[i]); });
    threads.clear();
    return results;
}

/// `std::async` for each item: a thread each, and a future.
/// \throws std::system_error  as above.
template <auto task, class Item>
auto in_async_calls(const std::vector<Item>& items) {
    std::vector<std::future<ResultOf<task, Item>>> calls;
    calls.reserve(items.size());
    for (const Item& item : items)
        calls.push_back(std::async(std::launch::async, task, item));
    std::vector<ResultOf<task, Item>> results;
    results.reserve(items.size());
    for (auto& call : calls)
        results.push_back(call.get());
    return results;
}

/// In a pool of \p threads.
template <auto task, class Item>
auto in_a_thread_pool(const std::vector<Item>& items, unsigned threads) {
    std::vector<ResultOf<task, Item>> results(items.size());
    asio::thread_pool pool(threads);
    for (std::size_t i = 0; i < items.size(); ++i)
        asio::post(pool, [&, i] { results[i] = task(items[i]); });
    pool.join();
    return results;
}

/// In a pool of \p workers processes, \p chunk items in one message.
template <auto task, class Item>
auto in_a_process_pool(const std::vector<Item>& items, unsigned workers, std::size_t chunk) {
    course::ProcessPool pool({.max_workers = workers});
    std::vector<ResultOf<task, Item>> results;
    results.reserve(items.size());
    for (auto&& result : pool.map(task, items, chunk))
        results.push_back(std::move(result));
    return results;
}

/// The pool of threads that a worker process has for itself; null elsewhere.
inline std::unique_ptr<asio::thread_pool> threads_of_this_worker;

/// What a worker with threads is called for: each of \p items in its pool.
template <auto task, class Item>
std::vector<ResultOf<task, Item>> among_my_threads(const std::vector<Item>& items) {
    std::vector<ResultOf<task, Item>> results(items.size());
    std::latch left(static_cast<std::ptrdiff_t>(items.size()));
    for (std::size_t i = 0; i < items.size(); ++i)
        asio::post(*threads_of_this_worker, [&, i] {
            results[i] = task(items[i]);
            left.count_down();
        });
    left.wait();
    return results;
}

/// In \p workers processes, each with a pool of \p threads. A worker is given its share in batches, which are large
/// enough to keep its threads busy, and small enough to fit into memory.
template <auto task, class Item>
auto in_processes_with_threads(const std::vector<Item>& items, unsigned workers, unsigned threads) {
    constexpr std::size_t most = 1024;
    const std::size_t share =
        std::clamp<std::size_t>((items.size() + workers - 1) / workers, 1, most);
    std::vector<std::vector<Item>> batches;
    for (std::size_t i = 0; i < items.size(); i += share)
        batches.emplace_back(
            items.begin() + static_cast<std::ptrdiff_t>(i),
            items.begin() + static_cast<std::ptrdiff_t>(std::min(i + share, items.size())));
    course::ProcessPool pool({.max_workers = workers,
                              .initializer = {[](unsigned count) {
                                                  threads_of_this_worker =
                                                      std::make_unique<asio::thread_pool>(count);
                                              },
                                              threads},
                              .finalizer = {[] { threads_of_this_worker.reset(); }}});
    std::vector<ResultOf<task, Item>> results;
    results.reserve(items.size());
    for (auto&& batch : pool.map(among_my_threads<task, Item>, batches))
        std::move(batch.begin(), batch.end(), std::back_inserter(results));
    return results;
}

/// One loop on this thread, in which \p coroutine is called for each item: all of them wait at once.
template <auto coroutine, class Item>
auto in_one_loop(const std::vector<Item>& items) {
    using Result = typename ResultOf<coroutine, Item>::value_type;
    std::vector<Result> results(items.size());
    asio::io_context loop(1);
    for (std::size_t i = 0; i < items.size(); ++i)
        asio::co_spawn(loop, coroutine(items[i]), [&, i](std::exception_ptr error, Result result) {
            if (error)
                std::rethrow_exception(error);
            results[i] = std::move(result);
        });
    loop.run();
    return results;
}

/// `co_await` it in a loop: \p task is done in \p pool, its result comes home.
template <auto task, class Item>
auto run_in(asio::thread_pool& pool, const Item& item) {
    using Result = ResultOf<task, Item>;
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result)>(
        [&pool, &item](auto handler) {
            auto home = asio::make_work_guard(asio::get_associated_executor(handler));
            asio::post(
                pool, [&item, home = std::move(home), handler = std::move(handler)]() mutable {
                    asio::post(home.get_executor(),
                               [handler = std::move(handler), result = task(item)]() mutable {
                                   std::move(handler)(std::move(result));
                               });
                });
        },
        asio::use_awaitable);
}

/// A loop on this thread with a coroutine for each item, which waits until a pool of \p threads has done it.
template <auto task, class Item>
auto in_a_loop_with_threads(const std::vector<Item>& items, unsigned threads) {
    std::vector<ResultOf<task, Item>> results(items.size());
    asio::io_context loop(1);
    asio::thread_pool pool(threads);
    const auto one = [&](std::size_t i) -> asio::awaitable<void> {
        results[i] = co_await run_in<task>(pool, items[i]);
    };
    for (std::size_t i = 0; i < items.size(); ++i)
        asio::co_spawn(loop, one(i), asio::detached);
    loop.run();
    pool.join();
    return results;
}

/// A loop on this thread with a coroutine for each item, which waits until one of \p workers processes has done it.
template <auto task, class Item>
auto in_a_loop_with_processes(const std::vector<Item>& items, unsigned workers) {
    std::vector<ResultOf<task, Item>> results(items.size());
    asio::io_context loop(1);
    course::ProcessPool pool({.max_workers = workers}, course::driven_by(loop));
    const auto one = [&](std::size_t i) -> asio::awaitable<void> {
        results[i] = co_await course::async_submit(pool, task, items[i], asio::use_awaitable);
    };
    for (std::size_t i = 0; i < items.size(); ++i)
        asio::co_spawn(loop, one(i), asio::detached);
    loop.run();
    return results;
}

}  // namespace bench
