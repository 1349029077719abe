// Mistake: Carries std::exception into the future, and nothing else.
// Loses:   05.2
// Hint:    An exception has left a worker, or a thread was joined never or twice: each ends the program.
#include "thread_pool.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace lab {

/// submit ──▶ tasks ──▶ whichever worker is free ──▶ future
///            closed: nothing more comes in; who finds it empty then goes home
struct Promised {
    Task task;
    std::promise<Result> promise;
};

struct ThreadPool::State {
    std::mutex mutex;
    std::condition_variable task_or_closed;  // workers wait here
    std::deque<Promised> tasks;              // guarded by mutex
    bool closed = false;                     // guarded by mutex
    std::vector<std::jthread> workers;       // moved out by who joins them, under mutex

    void work() {
        for (;;) {
            Promised task;
            {
                std::unique_lock lock(mutex);
                task_or_closed.wait(lock, [&] { return closed || !tasks.empty(); });
                if (tasks.empty())
                    return;  // closed, and all is done
                task = std::move(tasks.front());
                tasks.pop_front();
            }
            try {
                task.promise.set_value(task.task());
            } catch (const std::exception&) {
                task.promise.set_exception(std::current_exception());
            }  // without the lock; what it throws goes into its future
        }
    }
};

ThreadPool::ThreadPool(std::size_t max_workers) : state_(std::make_unique<State>()) {
    if (max_workers == 0)
        throw std::invalid_argument("a pool without workers does nothing");
    for (std::size_t i = 0; i < max_workers; ++i)
        try {
            state_->workers.emplace_back([state = state_.get()] { state->work(); });
        } catch (...) {  // no thread left: those that have started must go home
            shutdown();
            throw;
        }
}

ThreadPool::~ThreadPool() {
    shutdown();
}

std::future<Result> ThreadPool::submit(Task task) {
    std::promise<Result> promise;
    std::future<Result> future = promise.get_future();
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->closed)
            throw std::runtime_error("this pool is shut down");
        state_->tasks.push_back({std::move(task), std::move(promise)});
    }
    state_->task_or_closed.notify_one();
    return future;
}

std::vector<Result> ThreadPool::map(const Check& check, const std::vector<Item>& items) {
    std::vector<std::future<Result>> futures;
    for (const auto& item : items)
        futures.push_back(submit([&check, &item] { return check(item); }));
    // All must be over before anything leaves here: the tasks use what the caller owns.
    for (const auto& future : futures)
        future.wait();
    std::vector<Result> results;
    for (auto& future : futures)
        results.push_back(future.get());
    return results;
}

void ThreadPool::shutdown() {
    std::vector<std::jthread> workers;
    {
        const std::lock_guard lock(state_->mutex);
        state_->closed = true;
        workers = std::move(state_->workers);  // the first call joins them
        state_->workers.clear();
    }
    state_->task_or_closed.notify_all();
}  // joined here

}  // namespace lab
