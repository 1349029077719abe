// Mistake: Starts all calls with futures, and waits for these: in the loop.
// Loses:   16.3
// Hint:    The loop has a tick at 0.5 s, while the calls are out. ask_all is a coroutine in that
//          loop: it waits with co_await, and with nothing else.
#include "blocking.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

namespace lab {

using asio::use_awaitable;
using Clock = std::chrono::steady_clock;

namespace {

/// What has become of a call.
struct Outcome {
    Page page;
    std::exception_ptr error;
};

Outcome outcome_of(const Call& call) {
    try {
        return {call(), nullptr};
    } catch (...) {  // a thread of the pool has no caller: the handler takes it home
        return {Page(), std::current_exception()};
    }
}

}  // namespace

void start_in_executor(asio::any_io_executor pool, Call call, Handler handler) {
    const auto home = asio::get_associated_executor(handler, pool);
    // The guard is work for home's loop, which may have nothing else to do.
    auto there = [call = std::move(call), handler = std::move(handler),
                  guard = asio::make_work_guard(home)]() mutable {
        auto back = [handler = std::move(handler),  // it can't be copied
                     outcome = outcome_of(call)]() mutable {
            std::move(handler)(std::move(outcome.error), std::move(outcome.page));
        };
        asio::dispatch(guard.get_executor(), std::move(back));
    };
    asio::post(pool, std::move(there));
}

awaitable<std::vector<Page>> ask_all(asio::any_io_executor pool, Client client,
                                     std::vector<std::string> questions) {
    std::vector<std::future<Page>> answers;
    for (const auto& question : questions)
        answers.push_back(run_in_executor(
            pool, [&] { return client(question); }, asio::use_future));
    for (const auto& answer : answers)
        answer.wait();
    std::vector<Page> pages;
    for (auto& answer : answers)
        pages.push_back(answer.get());
    co_return pages;
}

awaitable<void> watch_loop(milliseconds interval, std::function<void(Lag)> report) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        timer.expires_after(interval);
        co_await timer.async_wait(use_awaitable);
        report({timer.expiry(), Clock::now() - timer.expiry()});
    }
}

}  // namespace lab
