// Right programs: the standard library's threads and everything they wait for.
#include <atomic>
#include <barrier>
#include <condition_variable>
#include <deque>
#include <future>
#include <latch>
#include <mutex>
#include <random>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <thread>

#include <course/simulation/simulate.hpp>

#include "right.hpp"

namespace programs {
namespace {

using course::simulation::expect;
using std::this_thread::sleep_for;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

void start_all_then_join() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([] { sleep_for(1s); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

void join_in_the_loop() {
    for (int i = 0; i < 8; ++i) {
        std::thread([] { sleep_for(1s); }).join();
    }
}

void ten_tasks_on_four_workers() {
    std::mutex mutex;
    std::deque<int> tasks(10);
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
        workers.emplace_back([&] {
            for (;;) {
                {
                    std::lock_guard lock(mutex);
                    if (tasks.empty()) {
                        return;
                    }
                    tasks.pop_front();
                }
                sleep_for(1s);
            }
        });
    }
}

void compute_on_four_cores() {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([] { course::compute(100ms); });
    }
}

void recursive_mutex() {
    std::recursive_mutex mutex;
    int count = 0;
    const auto body = [&] {
        std::scoped_lock outer(mutex);
        std::scoped_lock inner(mutex);
        ++count;
    };
    std::thread one(body);
    std::thread two(body);
    one.join();
    two.join();
    expect(count == 2, "count");
}

void timed_mutex() {
    std::timed_mutex mutex;
    mutex.lock();
    std::thread([&] {
        expect(!mutex.try_lock_for(100ms), "it was locked");
        expect(!mutex.try_lock_until(Clock::now() + 50ms), "it was locked");
    }).join();
    mutex.unlock();
    expect(mutex.try_lock(), "it was free");
    mutex.unlock();
}

void recursive_timed_mutex() {
    std::recursive_timed_mutex mutex;
    std::scoped_lock lock(mutex);
    expect(mutex.try_lock_for(1s), "it is mine");
    mutex.unlock();
}

void shared_mutex() {
    std::shared_mutex mutex;
    int value = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            std::unique_lock lock(mutex);
            ++value;
        });
        threads.emplace_back([&] {
            std::shared_lock lock(mutex);
            expect(value <= 2, "value");
        });
    }
}

void shared_timed_mutex() {
    std::shared_timed_mutex mutex;
    std::unique_lock lock(mutex);
    std::thread([&] { expect(!mutex.try_lock_shared_for(100ms), "it was locked"); }).join();
}

void both_mutexes_at_once() {
    std::mutex a;
    std::mutex b;
    std::thread thread([&] { std::scoped_lock lock(a, b); });
    { std::scoped_lock lock(b, a); }
    thread.join();
}

void bounded_queue() {
    std::mutex mutex;
    std::condition_variable not_full;
    std::condition_variable not_empty;
    std::deque<int> items;
    int sum = 0;
    std::thread producer([&] {
        for (int i = 1; i <= 4; ++i) {
            std::unique_lock lock(mutex);
            not_full.wait(lock, [&] { return items.size() < 2; });
            items.push_back(i);
            not_empty.notify_one();
        }
    });
    for (int i = 0; i < 4; ++i) {
        std::unique_lock lock(mutex);
        not_empty.wait(lock, [&] { return !items.empty(); });
        sum += items.front();
        items.pop_front();
        not_full.notify_one();
    }
    producer.join();
    expect(sum == 10, "sum");
}

void waits_that_time_out() {
    std::mutex mutex;
    std::condition_variable never_notified;
    std::unique_lock lock(mutex);
    expect(never_notified.wait_for(lock, 100ms) == std::cv_status::timeout, "wait_for");
    expect(never_notified.wait_until(lock, std::chrono::system_clock::now() + 100ms) ==
               std::cv_status::timeout,
           "wait_until on the system clock");
    expect(!never_notified.wait_until(lock, Clock::now() + 100ms, [] { return false; }),
           "wait_until with a predicate");
}

void condition_variable_any_with_stop_token() {
    std::jthread thread([](std::stop_token token) {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        expect(!changed.wait(lock, token, [] { return false; }), "only a stop ends it");
    });
    sleep_for(10ms);
}

void stop_callback() {
    std::atomic<bool> called{false};
    std::jthread thread([](std::stop_token token) {
        while (!token.stop_requested()) {
            sleep_for(10ms);
        }
    });
    std::stop_callback callback(thread.get_stop_token(), [&] { called = true; });
    sleep_for(25ms);
    thread.request_stop();
    thread.join();
    expect(called, "the callback was called");
}

void counting_semaphore() {
    std::counting_semaphore<4> permits(0);
    std::thread thread([&] {
        sleep_for(1s);
        permits.release(3);
    });
    for (int i = 0; i < 3; ++i) {
        permits.acquire();
    }
    expect(!permits.try_acquire(), "none is left");
    expect(!permits.try_acquire_for(250ms), "none comes");
    thread.join();
}

void latch() {
    std::latch done(3);
    std::vector<std::jthread> threads;
    for (int i = 1; i <= 3; ++i) {
        threads.emplace_back([&done, i] {
            sleep_for(i * 100ms);
            done.count_down();
        });
    }
    done.wait();
}

void barrier_with_completion() {
    int phases = 0;
    std::barrier barrier(3, [&]() noexcept { ++phases; });
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] {
                for (int k = 0; k < 4; ++k) {
                    barrier.arrive_and_wait();
                }
            });
        }
    }
    expect(phases == 4, "phases");
}

void atomic_wait_and_notify() {
    std::atomic<int> number{0};
    std::atomic<char> letter{'a'};
    std::thread thread([&] {
        sleep_for(50ms);
        number = 1;
        number.notify_one();
        sleep_for(50ms);
        letter = 'b';
        letter.notify_all();
    });
    number.wait(0);
    letter.wait('a');
    thread.join();
}

void atomic_flag_spin_lock() {
    std::atomic_flag locked = ATOMIC_FLAG_INIT;
    int count = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] {
                while (locked.test_and_set(std::memory_order_acquire)) {
                }
                ++count;
                locked.clear(std::memory_order_release);
            });
        }
    }
    expect(count == 3, "count");
}

void spin_until_somebody_wakes() {
    std::atomic<bool> go{false};
    std::thread thread([&] {
        sleep_for(1s);
        go = true;
    });
    while (!go) {
        std::this_thread::yield();
    }
    thread.join();
}

void poll_under_a_mutex() {
    std::mutex mutex;
    bool ready = false;
    std::thread thread([&] {
        sleep_for(1s);
        std::lock_guard lock(mutex);
        ready = true;
    });
    for (bool seen = false; !seen;) {
        std::lock_guard lock(mutex);
        seen = ready;
    }
    thread.join();
}

void futures() {
    std::vector<std::future<int>> futures;
    for (int i = 1; i <= 4; ++i) {
        futures.push_back(std::async(std::launch::async, [i] {
            sleep_for(i * 1s);
            return i;
        }));
    }
    expect(futures[0].wait_for(500ms) == std::future_status::timeout, "not yet");
    int sum = 0;
    for (auto& future : futures) {
        sum += future.get();
    }
    expect(sum == 10, "sum");
}

void promise_with_an_exception() {
    std::promise<int> promise;
    std::thread thread([&] {
        sleep_for(1s);
        promise.set_exception(std::make_exception_ptr(std::runtime_error("no")));
    });
    bool caught = false;
    try {
        promise.get_future().get();
    } catch (const std::runtime_error&) {
        caught = true;
    }
    thread.join();
    expect(caught, "the exception came through");
}

void deferred_async() {
    auto future = std::async(std::launch::deferred, [] { return 7; });
    expect(future.get() == 7, "value");
}

void call_once() {
    std::once_flag once;
    int calls = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            std::call_once(once, [&] {
                sleep_for(1s);
                ++calls;
            });
            expect(calls == 1, "exactly once");
        });
    }
}

void slow_static_initialisation() {
    struct Slow {
        Slow() {
            sleep_for(1s);
            value = 5;
        }
        int value;
    };
    const auto body = [] {
        static Slow slow;
        expect(slow.value == 5, "it is initialised");
    };
    std::thread one(body);
    std::thread two(body);
    one.join();
    two.join();
}

struct Goodbye {
    std::mutex* mutex = nullptr;
    int* count = nullptr;
    ~Goodbye() {
        if (mutex != nullptr) {
            std::lock_guard lock(*mutex);
            ++*count;
        }
    }
};
thread_local Goodbye goodbye;

void thread_local_with_destructor() {
    std::mutex mutex;
    int count = 0;
    const auto body = [&] {
        goodbye.mutex = &mutex;
        goodbye.count = &count;
    };
    std::thread one(body);
    std::thread two(body);
    one.join();
    two.join();
    expect(count == 2, "both destructors have run");
}

void look_at_the_clock_until_a_second_is_over() {
    const auto end = Clock::now() + 1s;
    while (Clock::now() < end) {
    }
}

void random_device() {
    std::random_device device;
    std::mt19937 engine(device());
    std::uniform_int_distribution<int> dice(1, 6);
    const int thrown = dice(engine);
    expect(thrown >= 1 && thrown <= 6, "a die");
}

void many_threads() {
    std::atomic<int> count{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 40; ++i) {
        threads.emplace_back([&] { count.fetch_add(1); });
    }
    threads.clear();
    expect(count == 40, "count");
}

}  // namespace

std::vector<RightProgram> standard_programs() {
    return {
        {"start all, then join", start_all_then_join, 1s},
        {"join in the loop", join_in_the_loop, 8s},
        {"ten tasks on four workers", ten_tasks_on_four_workers, 3s},
        {"compute on four cores", compute_on_four_cores, 200ms},
        {"recursive_mutex", recursive_mutex, 0s},
        {"timed_mutex", timed_mutex, 150ms},
        {"recursive_timed_mutex", recursive_timed_mutex, 0s},
        {"shared_mutex", shared_mutex, 0s},
        {"shared_timed_mutex", shared_timed_mutex, 100ms},
        {"scoped_lock of two", both_mutexes_at_once, 0s},
        {"bounded queue", bounded_queue, 0s},
        {"condition_variable time-outs", waits_that_time_out, 300ms},
        {"condition_variable_any", condition_variable_any_with_stop_token, 10ms},
        {"stop_callback", stop_callback, 30ms},
        {"counting_semaphore", counting_semaphore, 1250ms},
        {"latch", latch, 300ms},
        {"barrier", barrier_with_completion, 0s},
        {"atomic wait", atomic_wait_and_notify, 100ms},
        {"spin lock", atomic_flag_spin_lock, 0s},
        {"spin with yield", spin_until_somebody_wakes, 1s},
        {"poll under a mutex", poll_under_a_mutex, 1s},
        {"futures", futures, 4s},
        {"promise with an exception", promise_with_an_exception, 1s},
        {"deferred async", deferred_async, 0s},
        {"call_once", call_once, 1s},
        {"static initialisation", slow_static_initialisation, 1s},
        {"thread_local destructors", thread_local_with_destructor, 0s},
        {"clock loop", look_at_the_clock_until_a_second_is_over, std::nullopt},
        {"random_device", random_device, 0s},
        {"forty threads", many_threads, 0s},
    };
}

}  // namespace programs
