// Publication, spin locks, fences, double-checked initialisation, containers, futures, exceptions.
#include "races.hpp"

#include <atomic>
#include <barrier>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <future>
#include <latch>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <shared_mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>

namespace programs {
namespace {

using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;

// By value, so that the caller reads it; the optimiser must not drop that.
template <class T>
void use(T value) {
    asm volatile("" : : "g"(&value) : "memory");
}

template <class First, class Second>
void both(First first, Second second) {
    std::thread a(first);
    std::thread b(second);
    a.join();
    b.join();
}

template <class Body>
void twice(Body body) {
    both(body, body);
}

const std::string long_text = "long enough to be allocated on the heap, which a short one is not";

// ---- racy

void string_push_back() {
    std::string text;
    twice([&] { text.push_back('x'); });
}
void string_append() {
    std::string text(100, 'a');
    twice([&] { text += long_text; });
}
void string_read_and_assign() {
    std::string text = long_text;
    both([&] { text = long_text + long_text; }, [&] { use(text.size()); });
}
void vector_push_back() {
    std::vector<int> numbers;
    twice([&] { numbers.push_back(1); });
}
void vector_read_while_it_grows() {
    std::vector<int> numbers{1};
    both([&] { numbers.push_back(2); }, [&] { use(numbers[0]); });
}
void map_insert() {
    std::map<int, int> map;
    twice([&] { map[1] = 2; });
}
void unordered_map_insert() {
    std::unordered_map<int, int> map;
    twice([&] { map[1] = 2; });
}
void list_push_back() {
    std::list<int> list;
    twice([&] { list.push_back(1); });
}
void deque_push_back_and_size() {
    std::deque<int> deque{1, 2, 3};
    both([&] { deque.push_back(4); }, [&] { use(deque.size()); });
}
void same_shared_ptr_assigned() {
    auto pointer = std::make_shared<int>(1);
    both([&] { pointer = std::make_shared<int>(2); }, [&] { use(*std::shared_ptr<int>(pointer)); });
}
void buffer_copied_while_filled() {
    static char from[4096];
    static char to[4096];
    both([&] { std::memset(from, 1, sizeof from); }, [&] { std::memcpy(to, from, sizeof to); });
}
void plain_flag() {
    bool ready = false;
    int data = 0;
    both(
        [&] {
            data = 1;
            ready = true;
        },
        [&] {
            if (ready) {
                use(data);
            }
        });
}
void double_checked_plain_pointer() {
    static int* instance = nullptr;
    static std::mutex mutex;
    twice([] {
        if (instance == nullptr) {
            std::lock_guard lock(mutex);
            if (instance == nullptr) {
                instance = new int(1);
            }
        }
        use(*instance);
    });
}
void map_read_without_the_lock() {
    std::map<int, int> map;
    std::mutex mutex;
    both(
        [&] {
            std::lock_guard lock(mutex);
            map[1] = 2;
        },
        [&] { use(map.empty()); });
}
void two_mutexes_for_one_variable() {
    int count = 0;
    std::mutex a;
    std::mutex b;
    both(
        [&] {
            std::lock_guard lock(a);
            ++count;
        },
        [&] {
            std::lock_guard lock(b);
            ++count;
        });
}
void write_under_a_shared_lock() {
    int count = 0;
    std::shared_mutex mutex;
    twice([&] {
        std::shared_lock lock(mutex);
        ++count;
    });
}
void relaxed_flag() {
    int data = 0;
    std::atomic<bool> ready{false};
    both(
        [&] {
            data = 1;
            ready.store(true, memory_order_relaxed);
        },
        [&] {
            if (ready.load(memory_order_relaxed)) {
                use(data);
            }
        });
}
void acquire_without_release() {
    int data = 0;
    std::atomic<bool> ready{false};
    both(
        [&] {
            data = 1;
            ready.store(true, memory_order_relaxed);
        },
        [&] {
            if (ready.load(memory_order_acquire)) {
                use(data);
            }
        });
}
void release_fence_without_acquire() {
    int data = 0;
    std::atomic<bool> ready{false};
    both(
        [&] {
            data = 1;
            std::atomic_thread_fence(memory_order_release);
            ready.store(true, memory_order_relaxed);
        },
        [&] {
            if (ready.load(memory_order_relaxed)) {
                use(data);
            }
        });
}
void spin_lock_with_relaxed_unlock() {
    std::atomic_flag locked = ATOMIC_FLAG_INIT;
    int count = 0;
    twice([&] {
        while (locked.test_and_set(memory_order_acquire)) {
        }
        ++count;
        locked.clear(memory_order_relaxed);
    });
}
void counter_read_before_the_join() {
    int count = 0;
    std::thread thread([&] { count = 1; });
    use(count);
    thread.join();
}
void result_read_before_get() {
    int result = 0;
    auto future = std::async(std::launch::async, [&] { result = 1; });
    use(result);
    future.get();
}
void write_after_count_down() {
    int data = 0;
    std::latch ready(1);
    std::thread thread([&] {
        ready.count_down();
        data = 1;
    });
    ready.wait();
    use(data);
    thread.join();
}
void notified_without_the_lock() {
    bool ready = false;
    std::mutex mutex;
    std::condition_variable changed;
    std::thread thread([&] {
        ready = true;
        changed.notify_one();
    });
    {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, std::chrono::seconds(1), [&] { return ready; });
    }
    thread.join();
}
void deleted_while_used() {
    auto* value = new int(1);
    both([value] { use(*value); }, [value] { delete value; });
}
void capture_of_a_loop_variable() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&i] { use(i); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}
void adjacent_bits() {
    struct Flags {
        int a : 4;
        int b : 4;
    } flags{};
    both([&] { flags.a = 1; }, [&] { flags.b = 1; });
}
void read_between_barriers() {
    int data = 0;
    std::barrier barrier(2);
    both(
        [&] {
            barrier.arrive_and_wait();
            data = 1;
        },
        [&] {
            barrier.arrive_and_wait();
            use(data);
        });
}

// ---- right

void shared_ptr_copies() {
    auto text = std::make_shared<std::string>(long_text);
    twice([text] { use(std::shared_ptr<std::string>(text)->size()); });
}
void shared_ptr_last_owner() {
    auto text = std::make_shared<std::string>(long_text);
    std::thread other([copy = text]() mutable {
        use(copy->size());
        copy.reset();
    });
    use(text->size());
    text.reset();
    other.join();
}
void separate_streams() {
    twice([] {
        std::ostringstream stream;
        stream << 1 << "a" << 2.5;
        use(stream.str());
    });
}
void release_and_acquire() {
    std::string data;
    std::atomic<bool> ready{false};
    both(
        [&] {
            data = long_text;
            ready.store(true, memory_order_release);
        },
        [&] {
            while (!ready.load(memory_order_acquire)) {
                std::this_thread::yield();
            }
            use(data.size());
        });
}
void release_sequence_through_an_update() {
    int data = 0;
    std::atomic<int> count{0};
    std::thread writer([&] {
        data = 1;
        count.store(1, memory_order_release);
    });
    std::thread updater([&] {
        int one = 1;
        count.compare_exchange_strong(one, 2, memory_order_relaxed);
    });
    if (count.load(memory_order_acquire) == 2) {
        use(data);
    }
    writer.join();
    updater.join();
}
void both_fences() {
    int data = 0;
    std::atomic<bool> ready{false};
    both(
        [&] {
            data = 1;
            std::atomic_thread_fence(memory_order_release);
            ready.store(true, memory_order_relaxed);
        },
        [&] {
            if (ready.load(memory_order_relaxed)) {
                std::atomic_thread_fence(memory_order_acquire);
                use(data);
            }
        });
}
void spin_lock() {
    std::atomic_flag locked = ATOMIC_FLAG_INIT;
    int count = 0;
    twice([&] {
        while (locked.test_and_set(memory_order_acquire)) {
        }
        ++count;
        locked.clear(memory_order_release);
    });
}
void ticket_lock() {
    std::atomic<int> next{0};
    std::atomic<int> serving{0};
    int count = 0;
    twice([&] {
        const int mine = next.fetch_add(1, memory_order_relaxed);
        while (serving.load(memory_order_acquire) != mine) {
            std::this_thread::yield();
        }
        ++count;
        serving.store(mine + 1, memory_order_release);
    });
}
void double_checked_atomic_pointer() {
    std::atomic<int*> instance{nullptr};
    std::mutex mutex;
    twice([&] {
        int* seen = instance.load(memory_order_acquire);
        if (seen == nullptr) {
            std::lock_guard lock(mutex);
            seen = instance.load(memory_order_relaxed);
            if (seen == nullptr) {
                seen = new int(1);
                instance.store(seen, memory_order_release);
            }
        }
        use(*seen);
    });
    delete instance.load();
}
void static_initialisation() {
    twice([] {
        static const std::string text = long_text;
        use(text.size());
    });
}
void call_once() {
    std::once_flag once;
    std::string text;
    twice([&] {
        std::call_once(once, [&] { text = long_text; });
        use(text.size());
    });
}
void exception_through_a_future() {
    auto future =
        std::async(std::launch::async, []() -> int { throw std::runtime_error(long_text); });
    try {
        future.get();
    } catch (const std::runtime_error& error) {
        use(std::strlen(error.what()));
    }
}
void own_exception_through_a_pointer() {
    struct Failure {
        int code;
        std::string text;
    };
    std::exception_ptr failure;
    std::thread thread([&] {
        try {
            throw Failure{7, long_text};
        } catch (...) {
            failure = std::current_exception();
        }
    });
    thread.join();
    try {
        std::rethrow_exception(failure);
    } catch (const Failure& caught) {
        use(caught.code);
        use(caught.text.size());
    }
}
void exception_shared_by_two() {
    struct Failure {
        std::string text;
    };
    const auto failure = std::make_exception_ptr(Failure{long_text});
    twice([failure] {
        try {
            std::rethrow_exception(failure);
        } catch (const Failure& caught) {
            use(caught.text.size());
        }
    });
}
void promise_and_future() {
    std::promise<std::string> promise;
    auto future = promise.get_future();
    std::thread thread([&] { promise.set_value(long_text); });
    use(future.get().size());
    thread.join();
}
void shared_future() {
    std::promise<std::vector<int>> promise;
    const std::shared_future<std::vector<int>> future = promise.get_future().share();
    std::thread reader([future] { use(future.get().size()); });
    promise.set_value({1, 2, 3});
    use(future.get().size());
    reader.join();
}
void packaged_task() {
    std::string text;
    std::packaged_task<void()> task([&] { text = long_text; });
    auto done = task.get_future();
    std::thread thread(std::move(task));
    done.get();
    use(text.size());
    thread.join();
}
void condition_variable() {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<std::string> text;
    both(
        [&] {
            {
                std::lock_guard lock(mutex);
                text = long_text;
            }
            changed.notify_one();
        },
        [&] {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return text.has_value(); });
            use(text->size());
        });
}
void readers_and_a_writer() {
    std::shared_mutex mutex;
    int data = 0;
    std::thread writer([&] {
        std::unique_lock lock(mutex);
        ++data;
    });
    twice([&] {
        std::shared_lock lock(mutex);
        use(data);
    });
    writer.join();
}
void semaphore() {
    std::binary_semaphore ready(0);
    std::string text;
    both(
        [&] {
            text = long_text;
            ready.release();
        },
        [&] {
            ready.acquire();
            use(text.size());
        });
}
void latch() {
    std::latch done(2);
    int a = 0;
    int b = 0;
    std::thread first([&] {
        a = 1;
        done.count_down();
    });
    std::thread second([&] {
        b = 1;
        done.count_down();
    });
    done.wait();
    use(a + b);
    first.join();
    second.join();
}
void barrier_phases() {
    int slots[2] = {};
    std::barrier barrier(2);
    both(
        [&] {
            slots[0] = 1;
            barrier.arrive_and_wait();
            use(slots[1]);
        },
        [&] {
            slots[1] = 1;
            barrier.arrive_and_wait();
            use(slots[0]);
        });
}
void atomic_wait() {
    std::atomic<int> stage{0};
    int data = 0;
    both(
        [&] {
            data = 1;
            stage = 1;
            stage.notify_one();
        },
        [&] {
            stage.wait(0);
            use(data);
        });
}
void memory_handed_on() {
    for (int i = 0; i < 3; ++i) {
        auto* numbers = new std::vector<int>(100, i);
        std::thread thread([numbers] {
            (*numbers)[3] = 1;
            delete numbers;
        });
        delete new std::vector<int>(100, i);
        thread.join();
    }
}
void detached_threads_one_after_another() {
    std::atomic<int> done{0};
    for (int i = 0; i < 4; ++i) {
        std::thread([&done] {
            int local[64];
            for (int k = 0; k < 64; ++k) {
                local[k] = k;
            }
            use(local[5]);
            done++;
            done.notify_one();
        }).detach();
        for (int seen; (seen = done) <= i;) {
            done.wait(seen);
        }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // let notify_one return
}
void thread_local_variables() {
    static thread_local std::string text;
    twice([] {
        text += long_text;
        use(text.size());
    });
}
void disjoint_elements() {
    std::vector<int> numbers(2);
    both([&] { numbers[0] = 1; }, [&] { numbers[1] = 1; });
}
void disjoint_ends_of_a_deque() {
    std::deque<int> deque{1, 2, 3};
    std::mutex mutex;
    both(
        [&] {
            std::lock_guard lock(mutex);
            deque.push_back(4);
        },
        [&] {
            std::lock_guard lock(mutex);
            deque.pop_front();
        });
}
void stop_token() {
    int data = 0;
    std::jthread thread([&](std::stop_token token) {
        while (!token.stop_requested()) {
            std::this_thread::yield();
        }
        use(data);
    });
    data = 1;
    thread.request_stop();
}
}  // namespace

#define RACY(program) \
    { #program, program, true }
#define RIGHT(program) \
    { #program, program, false }

const std::vector<RaceProgram>& race_programs() {
    static const std::vector<RaceProgram> all = {
        RACY(string_push_back),
        RACY(string_append),
        RACY(string_read_and_assign),
        RACY(vector_push_back),
        RACY(vector_read_while_it_grows),
        RACY(map_insert),
        RACY(unordered_map_insert),
        RACY(list_push_back),
        RACY(deque_push_back_and_size),
        RACY(same_shared_ptr_assigned),
        RACY(buffer_copied_while_filled),
        RACY(plain_flag),
        RACY(double_checked_plain_pointer),
        RACY(map_read_without_the_lock),
        RACY(two_mutexes_for_one_variable),
        RACY(write_under_a_shared_lock),
        RACY(relaxed_flag),
        RACY(acquire_without_release),
        RACY(release_fence_without_acquire),
        RACY(spin_lock_with_relaxed_unlock),
        RACY(counter_read_before_the_join),
        RACY(result_read_before_get),
        RACY(write_after_count_down),
        RACY(notified_without_the_lock),
        RACY(deleted_while_used),
        RACY(capture_of_a_loop_variable),
        RACY(adjacent_bits),
        RACY(read_between_barriers),
        RIGHT(shared_ptr_copies),
        RIGHT(shared_ptr_last_owner),
        RIGHT(separate_streams),
        RIGHT(release_and_acquire),
        RIGHT(release_sequence_through_an_update),
        RIGHT(both_fences),
        RIGHT(spin_lock),
        RIGHT(ticket_lock),
        RIGHT(double_checked_atomic_pointer),
        RIGHT(static_initialisation),
        RIGHT(call_once),
        RIGHT(exception_through_a_future),
        RIGHT(own_exception_through_a_pointer),
        RIGHT(exception_shared_by_two),
        RIGHT(promise_and_future),
        RIGHT(shared_future),
        RIGHT(packaged_task),
        RIGHT(condition_variable),
        RIGHT(readers_and_a_writer),
        RIGHT(semaphore),
        RIGHT(latch),
        RIGHT(barrier_phases),
        RIGHT(atomic_wait),
        RIGHT(memory_handed_on),
        RIGHT(detached_threads_one_after_another),
        RIGHT(thread_local_variables),
        RIGHT(disjoint_elements),
        RIGHT(disjoint_ends_of_a_deque),
        RIGHT(stop_token),
    };
    return all;
}

}  // namespace programs
