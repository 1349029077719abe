// The pool in Asio: completion tokens, executors, cancellation, and no thread of its own.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <csignal>
#include <optional>
#include <thread>

#include <course/process_pool/asio.hpp>

#include "kitchen.hpp"

namespace asio = boost::asio;
using namespace course;
using namespace kitchen;

TEST_CASE("a pool that a context drives has no thread of its own") {
    const auto before = testing::threads();
    asio::io_context context;
    ProcessPool pool({.max_workers = 2}, driven_by(context));
    CHECK(testing::threads() == before);
    int sum = 0;
    std::thread::id where;
    for (int i = 0; i < 500; ++i)
        async_submit(pool, add, i, 0, [&](std::exception_ptr error, int value) {
            sum += error ? 1'000'000 : value;
            where = std::this_thread::get_id();
        });
    CHECK(sum == 0);  // nothing completes before the context runs
    context.run();    // returns: no task is left
    CHECK(sum == 499 * 500 / 2);
    CHECK(where == std::this_thread::get_id());
    context.restart();
    CHECK(context.run() == 0);
    async_submit(
        pool, [] {}, [&](std::exception_ptr) { sum = -1; });
    context.restart();
    context.run();
    CHECK(sum == -1);
    CHECK(pool.submit(add, 1, 2).get() == 3);  // waiting needs nobody who runs the context
    CHECK(testing::threads() == before);
}

TEST_CASE("a coroutine awaits calls and gets their exceptions") {
    asio::io_context context;
    ProcessPool pool({.max_workers = 2}, driven_by(context));
    int got = 0;
    std::string thrown;
    int signal = 0;
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
            got = co_await async_submit(pool, add, 20, 3, asio::use_awaitable);
            co_await async_submit(
                pool, [] {}, asio::use_awaitable);
            try {
                co_await async_submit(
                    pool, [](int) -> int { throw std::out_of_range("menu"); }, 1,
                    asio::use_awaitable);
            } catch (const std::out_of_range& error) {
                thrown = error.what();
            }
            try {
                co_await async_submit(
                    pool, [] { raise(SIGKILL); }, asio::use_awaitable);
            } catch (const WorkerDied& error) {
                signal = error.signal();
            }
            const auto big = co_await async_submit(
                pool, [](std::string s) { return s; }, std::string(300'000, 'x'),
                asio::use_awaitable);
            got += static_cast<int>(big.size());
        },
        asio::detached);
    context.run();
    CHECK(got == 300'023);
    CHECK(thrown == "menu");
    CHECK(signal == SIGKILL);
}

TEST_CASE("use_future works with a pool that has a thread of its own") {
    ProcessPool pool({.max_workers = 2});
    CHECK(async_submit(pool, add, 1, 2, asio::use_future).get() == 3);
    CHECK_THROWS_AS(async_submit(
                        pool, [] { throw std::domain_error("x"); }, asio::use_future)
                        .get(),
                    std::domain_error);
    pool.shutdown();
    CHECK_THROWS_AS(async_submit(pool, add, 1, 2, asio::use_future).get(), std::logic_error);
}

TEST_CASE("a handler runs on its own executor") {
    asio::io_context context;
    asio::io_context other;
    ProcessPool pool({.max_workers = 1}, driven_by(context));
    bool called = false;
    async_submit(pool, add, 1, 2,
                 asio::bind_executor(other, [&](std::exception_ptr, int) { called = true; }));
    context.run();
    CHECK_FALSE(called);
    other.run();  // was kept from returning early by outstanding work
    CHECK(called);
}

TEST_CASE("an operation can be cancelled until a worker begins it") {
    Gate gate;
    asio::io_context context;
    ProcessPool pool({.max_workers = 1}, driven_by(context));
    asio::cancellation_signal stop_running, stop_waiting;
    int running = 0;
    boost::system::error_code waiting;
    async_submit(pool, Gate::pass, gate.path(), 9,
                 asio::bind_cancellation_slot(
                     stop_running.slot(), [&](std::exception_ptr, int value) { running = value; }));
    gate.await_arrival();
    async_submit(
        pool, add, 1, 2,
        asio::bind_cancellation_slot(stop_waiting.slot(), [&](std::exception_ptr error, int) {
            try {
                std::rethrow_exception(error);
            } catch (const boost::system::system_error& aborted) {
                waiting = aborted.code();
            }
            gate.open_for(1);
        }));
    stop_running.emit(asio::cancellation_type::all);
    stop_waiting.emit(asio::cancellation_type::all);
    context.run();
    CHECK(waiting == asio::error::operation_aborted);
    CHECK(running == 9);
}

TEST_CASE("several threads may run the context that drives a pool") {
    asio::thread_pool threads(3);
    std::atomic<int> sum{0};
    {
        ProcessPool pool({.max_workers = 2}, driven_by(threads));
        std::vector<std::future<int>> futures;
        for (int i = 0; i < 300; ++i) {
            async_submit(pool, add, i, 0, [&](std::exception_ptr, int value) { sum += value; });
            futures.push_back(async_submit(pool, add, i, 1, asio::use_future));
        }
        auto direct = pool.submit(add, 5, 5);
        CHECK(direct.get() == 10);
        for (int i = 0; i < 300; ++i)
            CHECK(futures[static_cast<std::size_t>(i)].get() == i + 1);
    }
    threads.join();
    CHECK(sum == 299 * 300 / 2);
}
