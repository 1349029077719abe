// Contract of lab 16: calls that block, in a program with one loop.
//
//     loop's thread                          pool's threads
//     run_in_executor ── call ──────────────▶ call()   takes its time
//     the loop goes on                            │
//     handler(error, page) ◀── home again ────────┘
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace lab {

namespace asio = boost::asio;
using asio::awaitable;
using std::chrono::milliseconds;

/// What a call brings. It can be moved and not copied, for it may be large.
class Page {
  public:
    Page() = default;
    /// \p text is what stands on it.
    explicit Page(std::string text) : text_(std::move(text)) {}
    /// The other one is empty then.
    Page(Page&&) noexcept = default;
    /// The other one is empty then.
    Page& operator=(Page&&) noexcept = default;
    /// What stands on it.
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

// --- One call ----------------------------------------------------------------------------------

/// Blocks its thread for a while. It may throw anything.
using Call = std::function<Page()>;

/// Is called once: with what the call threw and an empty page, or with a null pointer and the page.
///
/// It knows where its home is: `const auto home = asio::get_associated_executor(handler, pool)`,
/// which is \p pool if it has none. Of `home` take what `auto` makes: it can `asio::dispatch`, and
/// nothing else (`asio::post` does not compile with it).
using Handler = asio::any_completion_handler<void(std::exception_ptr, Page)>;

/// Have \p pool make the \p call, once, then call \p handler (16.1).
///
/// Returns at once, before the call is made, also if the caller is in a thread of the pool. The
/// handler is called on its associated executor; if it has none, in the pool (16.2). Until it has
/// been called, that executor has work to do: its loop does not return. No thread of the pool waits
/// for it. When it has been called, nothing is kept of it and of \p call.
/// \thread_safety  any number of threads may start calls.
void start_in_executor(asio::any_io_executor pool, Call call, Handler handler);

/// The same as an operation of Asio: with any completion token. Given.
///
///     const Page page = co_await run_in_executor(pool, call, asio::use_awaitable);
///
/// `async_initiate` makes the handler of the token, and what the token makes its caller return.
/// \source  asyncio, `loop.run_in_executor`.
template <class Token>
auto run_in_executor(asio::any_io_executor pool, Call call, Token&& token) {
    return asio::async_initiate<Token, void(std::exception_ptr, Page)>(
        [](auto handler, asio::any_io_executor in, Call what) {
            start_in_executor(std::move(in), std::move(what), Handler(std::move(handler)));
        },
        token, std::move(pool), std::move(call));
}

// --- Many calls --------------------------------------------------------------------------------

/// A synchronous client: asks, and blocks until the answer is there. Several threads may use it.
using Client = std::function<Page(const std::string& question)>;

/// Ask \p client all \p questions, in \p pool, as many at once as it has threads (16.3).
///
/// The loop goes on meanwhile, and wakes up for an answer, not to look for one. A call can't be
/// stopped. So all questions are asked, once, and this returns or throws when all calls have ended
/// and not before: also if one fails, also if the caller is cancelled meanwhile. A cancelled caller
/// gets the same pages or exception. It ends at its own next `co_await`.
/// \return  the pages in the order of the questions.
/// \throws  what was thrown for the first question, in that order, for which something was.
awaitable<std::vector<Page>> ask_all(asio::any_io_executor pool, Client client,
                                     std::vector<std::string> questions);

// --- Watching the loop -------------------------------------------------------------------------

/// A look at the loop.
struct Lag {
    std::chrono::steady_clock::time_point due;   ///< when the look should have been
    std::chrono::steady_clock::duration late{};  ///< how much later it was; 0 if nobody blocks
};

/// Look how late the loop is, again and again, and \p report each look, until cancelled (16.4).
///
/// The first look is due one \p interval from now, each other one an interval after the report of
/// the one before. So a block is reported once: `late` is what was left of it when the look was due.
/// Runs in the loop that it watches, and keeps it no more busy than a timer does.
/// \throws  `system_error` with `operation_aborted` when cancelled, at once and without a report;
///          what \p report throws.
awaitable<void> watch_loop(milliseconds interval, std::function<void(Lag)> report);

}  // namespace lab
