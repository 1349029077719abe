// ProcessPool: the executor that C++ lacks, for calls that want processes of their own.
//
//     int main() {
//         course::ForkServer server;                      // while there is one thread
//         course::ProcessPool pool({.max_workers = 4});
//         auto one = pool.submit(is_prime, 112272535095293);
//         for (bool prime : pool.map(is_prime, numbers, 16)) ...
//         std::cout << one.get();
//     }
//
//     your thread           ProcessPool            fork server            worker (one of max_workers)
//        | submit, map          |                       |                      |
//        |--------------------> | Engine: queue         | ------fork---------> | initializer
//        |                      |----- shared memory: the call --------------> | calls
//        |  Future::get         |<---- shared memory: what came of it -------- |
//        |<-------------------- |                       |                      |
//        |                      |<-- how it ended ----- | <-----SIGCHLD------- |
//
// The workers are processes: they share nothing with you, they may crash, and they may keep every core busy.
// docs/process-pool.md says who owns what.
#pragma once

#include <iterator>
#include <ranges>

#include <course/process_pool/as_completed.hpp>
#include <course/process_pool/map_results.hpp>

namespace course {

namespace pool {

/// Keeps a pool going instead of a thread of ours; see asio.hpp.
class Driver {
  public:
    virtual ~Driver() = default;
    /// Begin, for \p engine.
    virtual void start(std::shared_ptr<Engine> engine) = 0;
    /// End: the engine is not to be touched any more.
    virtual void stop() noexcept = 0;
};

}  // namespace pool

/// Worker processes that run calls.
///
/// What can be called: a function, or a lambda without captures (pass what it would capture as arguments).
/// What can be passed and returned: numbers, enumerations, strings, the containers of the standard library, and every
/// type with one function, `template <class Archive> void serialize(Archive&)`. Arguments and results are copies.
///
/// A worker holds up to 64 tasks ahead, so that it need not wait for the next one. They stay yours until it begins them:
/// they can be cancelled, go to another worker that has nothing to do, and outlive the worker.
///
/// \thread_safety  any number of threads may use a pool; one destroys it.
/// \source         PEP 3148, `ProcessPoolExecutor`; CPython, `multiprocessing.Pool` (initializer, maxtasksperchild).
class ProcessPool {
  public:
    /// Start the workers.
    /// \param driver  what keeps the pool going: a thread of its own if null; `driven_by(executor)`.
    /// \throws std::logic_error   if there is no `ForkServer` and the program has threads.
    /// \throws std::system_error  if memory or descriptors are short.
    explicit ProcessPool(PoolOptions options = {}, std::unique_ptr<pool::Driver> driver = nullptr);
    /// `shutdown()`.
    ~ProcessPool();
    ProcessPool(const ProcessPool&) = delete;
    ProcessPool& operator=(const ProcessPool&) = delete;

    /// Have \p function called with copies of \p arguments in a worker.
    ///
    /// An argument of 64 KiB and more that is given as an rvalue is not copied before it is sent.
    /// \throws BrokenPool        if the pool is broken.
    /// \throws std::logic_error  after `shutdown`.
    template <class F, class... A>
    auto submit(F&& function, A&&... arguments) {
        auto task = prepare(std::forward<F>(function), std::forward<A>(arguments)...);
        engine_->submit(task);
        return Future(std::move(task));
    }

    /// Have \p function called for each item of \p range, \p chunksize items in one message.
    ///
    /// A large chunk costs less for each item; a small one shares the work out better. All items are taken from
    /// \p range before this returns.
    /// \throws std::invalid_argument  if \p chunksize is 0.
    /// \throws BrokenPool             if the pool is broken.
    /// \throws std::logic_error       after `shutdown`.
    template <class F, std::ranges::input_range Range>
    auto map(F&& function, Range&& range, std::size_t chunksize = 1) {
        using Function = std::decay_t<F>;
        pool::check_function<Function>();
        using Given = std::ranges::range_value_t<Range>;
        using Item = std::tuple_element_t<0, typename pool::Arguments<Function, Given>::type>;
        using Chunk = pool::ChunkInvocation<Function, Item>;
        if (chunksize == 0)
            throw std::invalid_argument("the chunks of a map can't be empty");
        const Function callable = function;
        std::vector<pool::TaskPtr> chunks;
        std::size_t size = 0;
        pool::Message items;
        std::uint64_t in_chunk = 0;
        const auto submit_chunk = [&] {
            pool::TaskPtr task(new pool::TaskOf<pool::ChunkResult>(engine_));
            pool::encode_function(task->message, &Chunk::run, callable);
            task->message.append(&in_chunk, sizeof in_chunk);
            task->message.append(items.data(), items.size());
            task->is_chunk = true;
            task->number = size - in_chunk;
            engine_->submit(task);
            chunks.push_back(std::move(task));
            items.clear();
            in_chunk = 0;
        };
        for (auto&& item : range) {
            pool::encode_item<Item>(items, item);
            ++size;
            if (++in_chunk == chunksize)
                submit_chunk();
        }
        if (in_chunk > 0)
            submit_chunk();
        return MapResults<typename Chunk::Result>(std::move(chunks), size, chunksize);
    }

    /// Take no more tasks; end the workers when all that were submitted are done.
    ///
    /// \param wait            return when the workers have ended; nothing of the pool is left then: no process, no
    ///                        descriptor, no thread. The destructor waits in any case.
    /// \param cancel_pending  cancel the tasks that no worker has begun.
    /// \throws std::logic_error  if a callback of this pool waits.
    /// \thread_safety  any thread; more than once, too.
    void shutdown(bool wait = true, bool cancel_pending = false);

    /// How many workers there are at most.
    unsigned max_workers() const noexcept { return engine_->max_workers(); }
    /// The processes of the workers that are known to have started and not to have ended.
    std::vector<pid_t> worker_pids() const { return engine_->worker_pids(); }

    /// For `async_submit`: a task that was not submitted yet.
    template <class F, class... A>
    auto prepare(F&& function, A&&... arguments) {
        using Function = std::decay_t<F>;
        pool::check_function<Function>();
        using Invocation =
            pool::Invocation<Function, typename pool::Arguments<Function, A...>::type>;
        boost::intrusive_ptr task(new pool::TaskOf<typename Invocation::Result>(engine_));
        const Function callable = function;
        pool::encode_call(task->message, callable, std::forward<A>(arguments)...);
        return task;
    }
    /// What keeps it going; null if it is a thread of its own.
    const pool::Driver* driver() const noexcept { return driver_.get(); }

  private:
    std::shared_ptr<pool::Engine> engine_;
    std::unique_ptr<pool::Driver> driver_;
};

}  // namespace course
