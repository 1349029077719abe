// Contract of lab 17: one event loop that waits for many processes, a loop in each of them, and a fork beside a loop.
//
//     your loop ── async_map ─────────▶ course::ProcessPool ──▶ worker: one call
//               ── async_map_loops ───▶         "           ──▶ worker: a loop, many waits
//               ── fork_beside ───────▶ a child with a copy of your loop
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace course {
class ProcessPool;
}

namespace lab {

/// What a call is about.
using Item = std::string;
/// What comes out of it.
using Result = std::string;
/// A call, made in another process: a function means the same there, a lambda with captures does not.
using Function = Result (*)(const Item&);

/// What came of one item.
struct Outcome {
    /// Whether there is no result.
    bool failed = false;
    /// The result; or, if it failed, what went wrong.
    std::string text;

    /// How it travels home.
    template <class Archive>
    void serialize(Archive& archive) {
        archive(failed, text);
    }
    /// Whether both ended the same way, with the same text.
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Have \p function called once for each of \p items in the workers of \p pool, and wait for it as a coroutine does.
///
/// 17.1 Equal items have a call each. Meanwhile the executor of the awaiting coroutine has time for others, for another
/// `async_map` as well. No thread is started, and none blocks or looks again and again whether something is there.
///
/// 17.2 \p limit calls are in flight, as long as there are items: given to the pool, and not over; however many workers it
/// has. The items go out in their order, the next one as soon as one is over.
///
/// 17.3 If a call throws, or if its worker dies, the outcome says so: its text is `what()`, which may be empty. The other
/// calls are made all the same, however many fail.
///
/// \return  the outcomes, in the order of the items.
/// \throws std::invalid_argument  when it is awaited, if \p limit is 0, even without items.
/// \thread_safety  await it on an executor that runs one handler at a time: an `io_context` with one thread, or a strand.
/// \source  aiomultiprocess, `Pool.map`; asyncio, `gather(return_exceptions=True)`.
boost::asio::awaitable<std::vector<Outcome>> async_map(course::ProcessPool& pool, Function function,
                                                       std::vector<Item> items, std::size_t limit);

/// A call that waits: a coroutine, in a loop of another process.
using Coroutine = boost::asio::awaitable<Result> (*)(Item);

/// Items for one loop.
struct Batch {
    /// What is awaited for each of them.
    Coroutine coroutine = nullptr;
    /// The items.
    std::vector<Item> items;
    /// How many are awaited at once, at most.
    std::size_t limit = 1;

    /// How it travels to a worker. Workers are copies of the program, so an address means the same there.
    template <class Archive>
    void serialize(Archive& archive) {
        auto address = reinterpret_cast<std::uintptr_t>(coroutine);
        archive(address, items, limit);
        coroutine = reinterpret_cast<Coroutine>(address);
    }
};

/// Await the coroutine of \p batch once for each of its items, in a loop that is made for it and runs here (17.4): in the
/// calling thread, with no other, which sleeps while all of them wait.
///
/// At most `batch.limit` are awaited at once; they begin in the order of the items, the next one as soon as one is over.
/// It returns when all are over. One that throws has an outcome that says so.
/// \return  the outcomes, in the order of the items.
/// \throws std::invalid_argument  if `batch.limit` is 0.
/// \thread_safety  any number of threads and processes; each call has a loop of its own.
std::vector<Outcome> run_batch(const Batch& batch);

/// Have \p coroutine awaited for each of \p items in the loops of all workers of \p pool (17.4).
///
/// The items go out in batches of \p batch_size neighbours; the last batch has what is left. A batch is a `run_batch` in a
/// worker, with \p limit. As many batches are in flight as the pool has workers; the next one is given to the pool when one
/// is over. If a worker dies, each item of its batch has an outcome that says so, and is not begun again. The other batches
/// are done all the same.
/// \return  the outcomes, in the order of the items.
/// \throws std::invalid_argument  when it is awaited, if \p batch_size or \p limit is 0.
/// \thread_safety  as `async_map`.
/// \source  aiomultiprocess, `Pool(childconcurrency)`.
boost::asio::awaitable<std::vector<Outcome>> async_map_loops(course::ProcessPool& pool,
                                                             Coroutine coroutine,
                                                             std::vector<Item> items,
                                                             std::size_t batch_size,
                                                             std::size_t limit);

/// Fork a child that runs \p body, beside \p loop (17.5).
///
/// The child has a copy of everything, the loop included. Its copy works, and whatever it does with it, the parent's loop
/// and what waits there are as before. The child ends with what \p body returns as its exit status, or with 1 if that
/// throws. Nothing else of its caller runs in it: no handler that \p body does not run, nothing that was registered for an
/// exit; and no stream is written out. The caller goes on at once, before any handler is called, and waits for the child
/// itself.
///
/// Call it from a handler of \p loop, or when nobody runs it.
/// \return  the child.
/// \throws std::logic_error   if this process has more than one thread; then nothing is forked, and the loop is as before.
/// \throws std::system_error  if there can be no child, with what `fork` said (`errno`); the loop is as before.
pid_t fork_beside(boost::asio::io_context& loop, const std::function<int()>& body);

}  // namespace lab
