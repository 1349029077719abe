// Mistake: Lets nobody in after stop, and waits until the guests leave by themselves.
// Loses:   15.5
// Hint:    A guest who says nothing waits in your read. At stop he reads the farewell at once, and
//          the end, for then his socket is closed.
#include "asio_coroutines.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <list>
#include <tuple>
#include <utility>

namespace lab {

using asio::use_awaitable;
using boost::system::error_code;
using boost::system::system_error;
using namespace asio::experimental::awaitable_operators;
using Clock = std::chrono::steady_clock;

namespace {

/// Where a coroutine waits until somebody rings: a timer that never ends by itself.
class Bell {
  public:
    explicit Bell(asio::any_io_executor executor) : timer_(executor, Clock::time_point::max()) {}
    void ring() { timer_.cancel(); }
    awaitable<void> wait() { co_await timer_.async_wait(asio::as_tuple(use_awaitable)); }

  private:
    asio::steady_timer timer_;
};

awaitable<void> wait_until(const Clock::time_point& moment) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (Clock::now() < moment) {  // somebody may have moved it meanwhile
        timer.expires_at(moment);
        co_await timer.async_wait(use_awaitable);
    }
}

/// What \p work makes, or nothing if \p alarm ends first; the other one is cancelled.
template <class T>
awaitable<std::optional<T>> unless(awaitable<T> work, awaitable<void> alarm) {
    const auto executor = co_await asio::this_coro::executor;
    const auto [order, work_error, made, alarm_error] =
        co_await asio::experimental::make_parallel_group(
            asio::co_spawn(executor, std::move(work), asio::deferred),
            asio::co_spawn(executor, std::move(alarm), asio::deferred))
            .async_wait(asio::experimental::wait_for_one(), asio::deferred);
    // `||` would take a failure for "not yet", and wait for the alarm.
    if (order[0] == 1 && !alarm_error)
        co_return std::nullopt;
    if (work_error)
        std::rethrow_exception(work_error);
    co_return made;
}

bool is_aborted(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const system_error& thrown) {
        return thrown.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

awaitable<Meal> cook_meal(Cook cook) {
    auto all = cook("starter") && cook("main") && cook("dessert");
    const auto [starter, main, dessert] = co_await std::move(all);
    co_return Meal{starter, main, dessert};
}

awaitable<std::optional<std::string>> within(milliseconds limit, awaitable<std::string> work) {
    const auto end = Clock::now() + limit;
    co_return co_await unless(std::move(work), wait_until(end));
}

// --- TaskGroup ---------------------------------------------------------------------------------

struct TaskGroup::State {
    explicit State(asio::any_io_executor executor) : executor(executor), one_less(executor) {}

    asio::any_io_executor executor;
    Bell one_less;
    std::list<asio::cancellation_signal> tasks;  // a signal for each that runs
    std::exception_ptr failure;                  // the first
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}

void TaskGroup::spawn(awaitable<void> task) {
    const auto place = state_->tasks.emplace(state_->tasks.end());
    const auto ended = [state = state_, place](std::exception_ptr error) {
        state->tasks.erase(place);
        if (error && !state->failure && !is_aborted(error))
            state->failure = error;
        state->one_less.ring();
    };
    asio::co_spawn(state_->executor, std::move(task),
                   asio::bind_cancellation_slot(place->slot(), ended));
}

std::size_t TaskGroup::running() const {
    return state_->tasks.size();
}

awaitable<void> TaskGroup::at_most(std::size_t count) {
    const auto state = state_;
    while (state->tasks.size() > count)
        co_await state->one_less.wait();
}

void TaskGroup::cancel() {
    for (auto& task : state_->tasks)
        task.emit(asio::cancellation_type::terminal);
}

awaitable<void> TaskGroup::join() {
    co_await at_most(0);
    if (state_->failure)
        std::rethrow_exception(std::exchange(state_->failure, nullptr));
}

// --- The server --------------------------------------------------------------------------------

namespace {

/// Echo without end; \p deadline is always that of the transfer that is going on.
awaitable<bool> relay(Socket& guest, milliseconds patience, Clock::time_point& deadline) {
    std::array<char, 16 * 1024> bytes;
    for (;;) {
        deadline = Clock::now() + patience;
        const auto [error, size] =
            co_await guest.async_read_some(asio::buffer(bytes), asio::as_tuple(use_awaitable));
        if (error == asio::error::eof)
            co_return true;
        if (error)
            throw system_error(error);
        deadline = Clock::now() + patience;
        co_await asio::async_write(guest, asio::buffer(bytes, size), use_awaitable);
    }
}

}  // namespace

awaitable<bool> echo(Socket& guest, milliseconds patience) {
    // One timer for the whole visit: when it wakes, it looks at the deadline.
    auto deadline = Clock::now() + patience;
    auto visit = relay(guest, patience, deadline);
    const auto ended = co_await unless(std::move(visit), wait_until(deadline));
    co_return ended.has_value();
}

struct EchoServer::State {
    State(Accept accept, Limits limits) : accept(std::move(accept)), limits(limits) {}

    Accept accept;
    Limits limits;
    bool stopping = false;
    std::list<Socket*> sockets;  // of the guests
    // While run runs:
    std::optional<Bell> stopped;
    std::optional<TaskGroup> guests;
};

namespace {

using House = std::shared_ptr<EchoServer::State>;

/// His reads meet the end after what has arrived; his writes go on.
void ask_to_leave(Socket& guest) {
    error_code already_gone;
    guest.shutdown(Socket::shutdown_receive, already_gone);
}

/// One guest, from the door to the door.
awaitable<void> serve(House house, Socket guest) {
    const auto bye = asio::buffer(farewell);
    const auto place = house->sockets.insert(house->sockets.end(), &guest);
    try {
        if (house->stopping)
            ask_to_leave(guest);
        const bool ended = co_await echo(guest, house->limits.patience);
        if (ended && house->stopping)  // here no other write is under way
            co_await asio::async_write(guest, bye, use_awaitable);
    } catch (const system_error&) {
        // His line is broken, or his time is over. Others go on.
    }
    house->sockets.erase(place);
}

/// Ends by cancellation, or by an error of accept.
awaitable<bool> let_in(House house) {
    for (;;) {
        co_await house->guests->at_most(house->limits.guests - 1);
        house->guests->spawn(serve(house, co_await house->accept()));
    }
}

awaitable<void> wait_for_stop(House house) {
    while (!house->stopping)
        co_await house->stopped->wait();
}

}  // namespace

EchoServer::EchoServer(Accept accept, Limits limits)
    : state_(std::make_shared<State>(std::move(accept), limits)) {}

awaitable<void> EchoServer::run() {
    const auto house = state_;
    const auto executor = co_await asio::this_coro::executor;
    house->stopped.emplace(executor);
    house->guests.emplace(executor);
    std::exception_ptr failure;
    try {
        co_await unless(let_in(house), wait_for_stop(house));
    } catch (...) {
        failure = std::current_exception();  // nobody can come in any more: that closes the house
    }
    house->stopping = true;
    const auto end = Clock::now() + house->limits.grace;
    co_await (house->guests->at_most(0) || wait_until(end));
    house->guests->cancel();
    co_await house->guests->join();
    if (failure)
        std::rethrow_exception(failure);
}

void EchoServer::stop() {
    state_->stopping = true;
    if (state_->stopped)
        state_->stopped->ring();
}

}  // namespace lab
