// Your work in lab 15: waiting for several things on one thread, and a server made of it.
#include "asio_coroutines.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <course/testing/not_implemented.hpp>

namespace lab {

using asio::use_awaitable;
using namespace asio::experimental::awaitable_operators;

awaitable<Meal> cook_meal([[maybe_unused]] Cook cook) {
    // TODO(15.1): three dishes at once.
    throw course::NotImplemented("15.1");
}

awaitable<std::optional<std::string>> within([[maybe_unused]] milliseconds limit,
                                             [[maybe_unused]] awaitable<std::string> work) {
    // TODO(15.2): the work or the time, whichever is first; the work may fail.
    throw course::NotImplemented("15.2");
}

struct TaskGroup::State {
    // TODO(15.3): who runs, who waits, what went wrong.
};

TaskGroup::TaskGroup([[maybe_unused]] asio::any_io_executor executor) {
    // TODO(15.3): make a state.
}

void TaskGroup::spawn([[maybe_unused]] awaitable<void> task) {
    // TODO(15.3): start it, so that you learn of its end and can cancel it.
    throw course::NotImplemented("15.3");
}

std::size_t TaskGroup::running() const {
    // TODO(15.3): those that have not ended.
    throw course::NotImplemented("15.3");
}

awaitable<void> TaskGroup::at_most([[maybe_unused]] std::size_t count) {
    // TODO(15.3): wait until enough of them have ended.
    throw course::NotImplemented("15.3");
}

void TaskGroup::cancel() {
    // TODO(15.3): all that run.
    throw course::NotImplemented("15.3");
}

awaitable<void> TaskGroup::join() {
    // TODO(15.3): wait for all, and say what went wrong.
    throw course::NotImplemented("15.3");
}

awaitable<bool> echo([[maybe_unused]] Socket& guest, [[maybe_unused]] milliseconds patience) {
    // TODO(15.4): read, write it back, again; each within `patience`.
    throw course::NotImplemented("15.4");
}

struct EchoServer::State {
    // TODO(15.5): what it is given, and whether it is closing.
};

EchoServer::EchoServer([[maybe_unused]] Accept accept, [[maybe_unused]] Limits limits) {
    // TODO(15.5): keep them.
}

awaitable<void> EchoServer::run() {
    // TODO(15.5): let guests in until `stop`, then see them off.
    throw course::NotImplemented("15.5");
}

void EchoServer::stop() {
    // TODO(15.5): wake who waits in `run`.
    throw course::NotImplemented("15.5");
}

}  // namespace lab
