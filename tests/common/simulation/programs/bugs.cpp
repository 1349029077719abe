// The programs with bugs. Each is as short as the bug allows.
#include "bugs.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace programs {
namespace {

using course::Verdict;
using course::simulation::expect;

template <class... Bodies>
void together(Bodies... bodies) {
    std::vector<std::thread> threads;
    (threads.emplace_back(bodies), ...);
    for (auto& thread : threads) {
        thread.join();
    }
}

// Two threads take two mutexes in opposite order.
void opposite_lock_order() {
    std::mutex a;
    std::mutex b;
    together(
        [&] {
            std::lock_guard first(a);
            std::lock_guard second(b);
        },
        [&] {
            std::lock_guard first(b);
            std::lock_guard second(a);
        });
}

// Everybody takes the fork at the left first.
void five_philosophers() {
    std::vector<std::mutex> forks(5);
    std::vector<std::thread> philosophers;
    for (int i = 0; i < 5; ++i) {
        philosophers.emplace_back([&forks, i] {
            std::lock_guard left(forks[i]);
            std::lock_guard right(forks[(i + 1) % 5]);
        });
    }
    for (auto& philosopher : philosophers) {
        philosopher.join();
    }
}

// The waiter does not look whether what it waits for has happened already.
void wait_without_predicate() {
    std::mutex mutex;
    std::condition_variable ready;
    std::thread waiter([&] {
        std::unique_lock lock(mutex);
        ready.wait(lock);
    });
    { std::lock_guard lock(mutex); }
    ready.notify_one();
    waiter.join();
}

// Between the notify and the end of the wait another consumer takes the item.
void if_instead_of_while() {
    std::mutex mutex;
    std::condition_variable not_empty;
    std::deque<int> items;
    const auto consume = [&] {
        std::unique_lock lock(mutex);
        if (items.empty()) {
            not_empty.wait(lock);
        }
        expect(!items.empty(), "pop from an empty queue");
        items.pop_front();
    };
    std::thread one(consume);
    std::thread two(consume);
    for (int i = 0; i < 2; ++i) {
        {
            std::lock_guard lock(mutex);
            items.push_back(i);
        }
        not_empty.notify_one();
    }
    one.join();
    two.join();
}

class Pool {
  public:
    Pool(int workers, bool careful) : careful_(careful) {
        for (int i = 0; i < workers; ++i) {
            workers_.emplace_back([this] { work(); });
        }
    }

    // Without the mutex, the flag can change between a worker's look at it and its wait.
    ~Pool() {
        if (careful_) {
            std::lock_guard lock(mutex_);
            stopping_ = true;
        } else {
            stopping_ = true;
        }
        changed_.notify_all();
        for (auto& worker : workers_) {
            worker.join();
        }
    }

    void submit(std::function<void()> task) {
        {
            std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        changed_.notify_one();
    }

  private:
    void work() {
        for (;;) {
            std::function<void()> task;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
                if (tasks_.empty()) {
                    return;
                }
                task = std::move(tasks_.front());
                tasks_.pop_front();
            }
            task();
        }
    }

    std::mutex mutex_;  // guards tasks_
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> workers_;
    const bool careful_;
};

void pool_that_misses_its_end() {
    Pool pool(2, false);
    pool.submit([] {});
}

void busy_pool_that_misses_its_end() {
    std::atomic<int> done{0};
    Pool pool(4, false);
    for (int i = 0; i < 8; ++i) {
        pool.submit([&done] { done.fetch_add(1, std::memory_order_relaxed); });
    }
}

// Producers and consumers wait for the same condition variable; notify_one wakes the wrong kind.
void one_variable_for_two_conditions() {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<int> items;
    const auto produce = [&] {
        for (int i = 0; i < 2; ++i) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return items.empty(); });
            items.push_back(i);
            changed.notify_one();
        }
    };
    const auto consume = [&] {
        for (int i = 0; i < 2; ++i) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return !items.empty(); });
            items.pop_front();
            changed.notify_one();
        }
    };
    together(produce, produce, consume, consume);
}

// The lock is dropped between the check and the act.
void check_then_act() {
    std::mutex mutex;
    int balance = 100;
    const auto withdraw = [&] {
        int seen;
        {
            std::lock_guard lock(mutex);
            seen = balance;
        }
        if (seen >= 100) {
            std::lock_guard lock(mutex);
            balance -= 100;
        }
    };
    together(withdraw, withdraw);
    expect(balance >= 0, "overdraft");
}

// A load and a store, each atomic, are not one atomic update.
void load_and_store() {
    std::atomic<int> count{0};
    const auto add = [&] {
        for (int i = 0; i < 2; ++i) {
            count = count + 1;
        }
    };
    together(add, add);
    expect(count == 4, "an update was lost");
}

void plain_increment() {
    int count = 0;
    const auto add = [&] { ++count; };
    together(add, add);
    expect(count == 2, "an update was lost");
}

void relaxed_publication() {
    int data = 0;
    std::atomic<bool> ready{false};
    together(
        [&] {
            data = 42;
            ready.store(true, std::memory_order_relaxed);
        },
        [&] {
            if (ready.load(std::memory_order_relaxed)) {
                expect(data == 42, "unpublished data");
            }
        });
}

// Enough slots for every schedule but the unfair ones.
void starved_consumer() {
    std::mutex mutex;
    int used = 0;
    together(
        [&] {
            for (int i = 0; i < 40; ++i) {
                std::lock_guard lock(mutex);
                expect(++used <= 24, "the ring buffer overflows");
            }
        },
        [&] {
            for (int taken = 0; taken < 40;) {
                std::lock_guard lock(mutex);
                if (used > 0) {
                    --used;
                    ++taken;
                }
            }
        });
}

}  // namespace

const std::vector<Bug>& bugs() {
    static const std::vector<Bug> all = {
        {"lock order", opposite_lock_order, Verdict::deadlock, true, 20, 1},
        {"five philosophers", five_philosophers, Verdict::deadlock, true, 0.45, 1},
        {"lost wake-up", wait_without_predicate, Verdict::deadlock, true, 39, 0},
        {"if instead of while", if_instead_of_while, Verdict::check_failed, true, 10, 2},
        {"pool shutdown", pool_that_misses_its_end, Verdict::deadlock, true, 4.7, 2},
        {"busy pool shutdown", busy_pool_that_misses_its_end, Verdict::deadlock, true, 0, 2},
        {"one variable, two conditions", one_variable_for_two_conditions, Verdict::deadlock, true,
         0, 0},
        {"check then act", check_then_act, Verdict::check_failed, true, 23, 1},
        {"atomic c = c + 1", load_and_store, Verdict::check_failed, true, 42, 1},
        {"plain ++n, value lost", plain_increment, Verdict::check_failed, false, 4.1, 1},
        {"plain ++n, as a race", plain_increment, Verdict::race, true, 100, 0},
        {"relaxed publication", relaxed_publication, Verdict::race, true, 0, 0},
        {"starvation", starved_consumer, Verdict::check_failed, true, 27, 0},
    };
    return all;
}

void pool_that_shuts_down() {
    Pool pool(2, true);
    pool.submit([] {});
}

void four_threads_with_twelve_locks_each() {
    std::mutex mutex;
    int count = 0;
    const auto add = [&] {
        for (int i = 0; i < 12; ++i) {
            std::lock_guard lock(mutex);
            ++count;
        }
    };
    together(add, add, add, add);
    expect(count == 48, "a count was lost");
}

}  // namespace programs
