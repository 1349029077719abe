// Contract of lab 15: several things at once on one thread, with Boost.Asio's coroutines.
//
//     cook_meal ── three dishes at once       within ── one dish, but not for ever
//
//                     accept()        TaskGroup
//     EchoServer::run ───────▶ guest ─▶ echo ─┐
//                              guest ─▶ echo ─┼─▶ who is still there?
//     EchoServer::stop ──────▶ guest ─▶ echo ─┘
//
// All of it runs on one thread: whoever runs the io_context.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lab {

namespace asio = boost::asio;
using asio::awaitable;
using std::chrono::milliseconds;

// --- Waiting for several things ----------------------------------------------------------------

/// Makes the dish of that name. It takes its time, and may throw.
using Cook = std::function<awaitable<std::string>(std::string name)>;

/// What comes on the table.
struct Meal {
    /// Comes first.
    std::string starter;
    /// Comes second.
    std::string main;
    /// Comes last.
    std::string dessert;
    /// Whether all three are the same.
    bool operator==(const Meal&) const = default;
};

/// Have \p cook make the dishes "starter", "main" and "dessert", all at once (15.1).
///
/// If one fails, or the caller is cancelled, the others are cancelled. Nobody is at work any more when
/// this returns or throws.
/// \throws  if one fails: what that one threw; if the caller is cancelled: a `system_error` with
///          `operation_aborted`. In place of both `multiple_exceptions` will do, as `&&` throws it.
awaitable<Meal> cook_meal(Cook cook);

/// Wait for \p work, but not longer than \p limit (15.2).
///
/// When this returns or throws, \p work has ended: it was cancelled if it was not over by itself, and
/// may need a while to end then. No timer is left either.
/// \param limit  more than 0
/// \return  what the work made; nothing if the time was over first, however the work ends then.
/// \throws  what the work threw before the time was over, at once; be it `operation_aborted`. If the
///          caller is cancelled, the work is cancelled as well, and this throws a `system_error` with
///          `operation_aborted`: that is no timeout.
awaitable<std::optional<std::string>> within(milliseconds limit, awaitable<std::string> work);

/// Tasks that run beside their owner, who can wait for them (15.3).
///
/// The group may be destroyed before its tasks have ended: they go on. Any number of coroutines may wait
/// for it. Who is cancelled while he waits hears `operation_aborted`; the tasks go on.
/// \thread_safety  none: the owner and the tasks run on one thread.
/// \source         PEP 654 and asyncio.TaskGroup, but the others go on if one fails.
class TaskGroup {
  public:
    /// A group without tasks, whose tasks will run on \p executor.
    explicit TaskGroup(asio::any_io_executor executor);

    /// Start \p task, and do not wait for it.
    void spawn(awaitable<void> task);
    /// How many have been started and have not ended.
    std::size_t running() const;
    /// Wait until at most \p count are running. If they are no more now, it returns at once. What tasks
    /// throw is left to `join`.
    awaitable<void> at_most(std::size_t count);
    /// Cancel those that run now. A task that ends with `operation_aborted` has not failed; one that throws
    /// something else has.
    void cancel();
    /// Wait until none is running.
    /// \throws  what the task threw that failed first, once the others have ended, too. Who joins again
    ///          does not hear it a second time.
    awaitable<void> join();

    /// What the group and its tasks share. You define it, in asio_coroutines.cpp.
    struct State;

  private:
    std::shared_ptr<State> state_;
};

// --- A server ----------------------------------------------------------------------------------

/// A connection: over TCP, or between two programs of one machine.
using Socket = asio::generic::stream_protocol::socket;

/// Send back what \p guest sends until he has ended his side (15.4).
///
/// Each byte comes back once, in order. It is read and written in pieces of some KiB. The socket stays
/// open.
/// \param patience  more than 0: each read and each write may wait as long for the guest, from its start.
///                  For a write the time may begin anew with each piece that he takes.
/// \return  whether the guest has ended his side; false if he tried our patience.
/// \throws boost::system::system_error  as soon as the connection breaks; with `operation_aborted` if
///          the caller is cancelled.
awaitable<bool> echo(Socket& guest, milliseconds patience);

/// Waits for the next guest. It can be cancelled while it waits.
using Accept = std::function<awaitable<Socket>()>;

/// What a server can bear.
struct Limits {
    std::size_t guests = 100;                          ///< as many at a time, at least one
    milliseconds patience = std::chrono::seconds(30);  ///< see `echo`
    milliseconds grace = std::chrono::seconds(5);      ///< after `stop`
};

/// What a guest reads last who is there when the house closes. Before that nobody reads it: neither who
/// leaves by himself nor who has tried our patience.
inline constexpr std::string_view farewell = "bye\n";

/// Echoes to many guests (15.5).
///
/// \thread_safety  none: `stop` is called on the thread that runs the loop.
class EchoServer {
  public:
    /// A server that gets its guests from \p accept.
    EchoServer(Accept accept, Limits limits);

    /// Let guests in and echo to each of them, until `stop`, and until all have gone.
    ///
    /// While `limits.guests` are there, nobody is accepted. What happens to one guest is nothing
    /// to the others. After it returns or throws no socket, no timer and no task of this server is left.
    /// To be called once, and ended by `stop`, not by cancellation.
    /// \throws  what accept threw. Then the house closes as at `stop`, and this throws when all have gone.
    awaitable<void> run();

    /// Close the house: let nobody in, ask those to leave who are there. Returns at once. If it is called
    /// before `run`, that returns at once as well.
    ///
    /// What a guest had sent before is echoed to the end, then he reads the `farewell`, and is
    /// disconnected. Who needs longer than `limits.grace` is disconnected then, as he is.
    void stop();

    /// What the server and its guests share. You define it, in asio_coroutines.cpp.
    struct State;

  private:
    std::shared_ptr<State> state_;
};

}  // namespace lab
