// Mistake: Catches what the call throws, and delivers an empty page.
// Loses:   16.1, 16.3
// Hint:    What the call throws goes to the handler, as its first argument, of whatever type it is.
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
        return {Page(), nullptr};
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
    // The calls use what is in this frame. So it stays until the last one has ended.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto home = co_await asio::this_coro::executor;
    asio::steady_timer one_less(home, Clock::time_point::max());
    std::vector<Page> pages(questions.size());
    std::vector<std::exception_ptr> errors(questions.size());
    std::size_t left = questions.size();
    for (std::size_t i = 0; i < questions.size(); ++i)
        run_in_executor(
            pool, [&client, &question = questions[i]] { return client(question); },
            asio::bind_executor(home, [&, i](std::exception_ptr error, Page page) {
                pages[i] = std::move(page);
                errors[i] = std::move(error);
                --left;
                one_less.cancel();
            }));
    while (left > 0)
        co_await one_less.async_wait(asio::as_tuple(use_awaitable));
    co_await asio::this_coro::throw_if_cancelled(throws);  // it holds for the caller, too
    for (const auto& error : errors)
        if (error)
            std::rethrow_exception(error);
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
