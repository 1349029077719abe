// Your work in lab 16: calls that block leave the loop, and come home.
#include "blocking.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <course/testing/not_implemented.hpp>

namespace lab {

using asio::use_awaitable;

void start_in_executor([[maybe_unused]] asio::any_io_executor pool, [[maybe_unused]] Call call,
                       [[maybe_unused]] Handler handler) {
    // TODO(16.1): make the call in the pool, and catch what it throws.
    // TODO(16.2): call the handler at home, and let its loop wait for that.
    throw course::NotImplemented("16.1");
}

awaitable<std::vector<Page>> ask_all([[maybe_unused]] asio::any_io_executor pool,
                                     [[maybe_unused]] Client client,
                                     [[maybe_unused]] std::vector<std::string> questions) {
    // TODO(16.3): start all calls, then wait for the last one.
    throw course::NotImplemented("16.3");
}

awaitable<void> watch_loop([[maybe_unused]] milliseconds interval,
                           [[maybe_unused]] std::function<void(Lag)> report) {
    // TODO(16.4): sleep, and see how much later than asked for you wake up.
    throw course::NotImplemented("16.4");
}

}  // namespace lab
