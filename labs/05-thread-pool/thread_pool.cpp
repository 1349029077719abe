// Your work in lab 05: workers that stay, a queue between, and an end that loses nothing.
#include "thread_pool.hpp"

#include <condition_variable>
#include <course/testing/not_implemented.hpp>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace lab {

struct ThreadPool::State {
    // TODO(05.1): the workers, and the queue between them and who submits (lab 03).
};

ThreadPool::ThreadPool([[maybe_unused]] std::size_t max_workers) {
    // TODO(05.1): start the workers. Each takes the next task, does it, and takes the next one.
    throw course::NotImplemented("05.1");
}

ThreadPool::~ThreadPool() = default;  // TODO(05.3): shut down; 05.1 needs it.

std::future<Result> ThreadPool::submit([[maybe_unused]] Task task) {
    // TODO(05.1): put it into the queue and wake a worker.
    // TODO(05.4): also if a worker calls this.
    throw course::NotImplemented("05.1");
}

std::vector<Result> ThreadPool::map([[maybe_unused]] const Check& check,
                                    [[maybe_unused]] const std::vector<Item>& items) {
    // TODO(05.2): submit one task for each item, then collect what came out.
    throw course::NotImplemented("05.2");
}

void ThreadPool::shutdown() {
    // TODO(05.3): let the workers finish what is in the queue, and join them.
    throw course::NotImplemented("05.3");
}

}  // namespace lab
