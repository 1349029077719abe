// Mistake: map cuts the items into as many parts as there are workers.
// Loses:   05.2
// Hint:    One item takes as long as three others. Who takes the next item when a worker is free?
#include "thread_pool.hpp"

#include <algorithm>
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
struct ThreadPool::State {
    std::size_t count = 0;
    std::mutex mutex;
    std::condition_variable task_or_closed;          // workers wait here
    std::deque<std::packaged_task<Result()>> tasks;  // guarded by mutex
    bool closed = false;                             // guarded by mutex
    std::vector<std::jthread> workers;               // moved out by who joins them, under mutex

    void work() {
        for (;;) {
            std::packaged_task<Result()> task;
            {
                std::unique_lock lock(mutex);
                task_or_closed.wait(lock, [&] { return closed || !tasks.empty(); });
                if (tasks.empty())
                    return;  // closed, and all is done
                task = std::move(tasks.front());
                tasks.pop_front();
            }
            task();  // without the lock; what it throws goes into its future
        }
    }
};

ThreadPool::ThreadPool(std::size_t max_workers) : state_(std::make_unique<State>()) {
    if (max_workers == 0)
        throw std::invalid_argument("a pool without workers does nothing");
    state_->count = max_workers;
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
    std::packaged_task<Result()> packaged(std::move(task));
    std::future<Result> future = packaged.get_future();
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->closed)
            throw std::runtime_error("this pool is shut down");
        state_->tasks.push_back(std::move(packaged));
    }
    state_->task_or_closed.notify_one();
    return future;
}

std::vector<Result> ThreadPool::map(const Check& check, const std::vector<Item>& items) {
    const std::size_t parts = std::min(items.size(), state_->count);
    std::vector<std::exception_ptr> errors(items.size());
    std::vector<Result> results(items.size());
    std::vector<std::future<Result>> futures;
    for (std::size_t part = 0; part < parts; ++part)
        futures.push_back(submit([&, part] {
            const std::size_t begin = items.size() * part / parts;
            const std::size_t end = items.size() * (part + 1) / parts;
            for (std::size_t i = begin; i < end; ++i)
                try {
                    results[i] = check(items[i]);
                } catch (...) {
                    errors[i] = std::current_exception();
                }
            return Result();
        }));
    for (const auto& future : futures)
        future.wait();
    for (const auto& error : errors)
        if (error)
            std::rethrow_exception(error);
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
