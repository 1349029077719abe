// Shared state on bare threads: what goes wrong without a lock, and what locks cost.
#include <algorithm>
#include <atomic>
#include <boost/thread/concurrent_queues/sync_bounded_queue.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "shared_state.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Do \p work in \p count threads that begin together.
void in_threads(int count, const std::function<void()>& work) {
    std::latch all_there(count);
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] {
            all_there.arrive_and_wait();
            work();
        });
}

/// A line of the output, or what is missing for it.
void line(const char* what, const std::function<void()>& print) {
    std::printf("  %-44s ", what);
    std::fflush(stdout);
    try {
        print();
    } catch (const course::NotImplemented& missing) {
        std::printf("%s is not there yet\n", missing.item().c_str());
    }
}

// --- What goes wrong -----------------------------------------------------------------------------

//! [two steps]
void lose_deposits() {
    constexpr long deposits = 1'000'000;
    std::atomic<long> balance = 0;
    in_threads(2, [&] {
        for (long i = 0; i < deposits; ++i)
            balance = balance + 1;  // an atomic read, then an atomic write
    });
    std::printf("%ld of %ld arrived\n", balance.load(), 2 * deposits);
}
//! [two steps]

void keep_deposits() {
    constexpr long deposits = 1'000'000;
    lab::Account account(0);
    account.deposit(0);  // throws here, not in a thread, if it is not there yet
    in_threads(2, [&] {
        for (long i = 0; i < deposits; ++i)
            account.deposit(1);
    });
    std::printf("%ld of %ld arrived\n", account.balance(), 2 * deposits);
}

void transfer_back_and_forth() {
    constexpr int transfers = 200'000;
    lab::Account one(1'000);
    lab::Account two(1'000);
    lab::transfer(one, two, 0);
    std::atomic<bool> there = true;
    const auto start = Clock::now();
    in_threads(2, [&] {
        const bool forth = there.exchange(false);
        for (int i = 0; i < transfers; ++i)
            forth ? lab::transfer(one, two, 1) : lab::transfer(two, one, 1);
    });
    std::printf("%ld is still 2000, in %.2f s\n", lab::total(one, two), seconds_since(start));
}

/// The queue of Boost.Thread, with the calls that yours has.
class BoostQueue {
  public:
    explicit BoostQueue(std::size_t capacity) : queue_(capacity) {}
    bool push(int number) {
        return queue_.wait_push_back(number) == boost::queue_op_status::success;
    }
    std::optional<int> pop() {
        int number = 0;
        const auto status = queue_.wait_pull_front(number);
        return status == boost::queue_op_status::success ? std::optional(number) : std::nullopt;
    }
    void close() { queue_.close(); }

  private:
    boost::sync_bounded_queue<int> queue_;
};

template <class Queue>
void through_a_queue(std::size_t capacity) {
    constexpr int numbers = 100'000;
    Queue queue(capacity);
    queue.push(0);
    queue.pop();
    long sum = 0;
    const auto start = Clock::now();
    {
        const std::jthread guest([&] {
            while (const auto number = queue.pop())
                sum += *number;
        });
        for (int i = 1; i <= numbers; ++i)
            queue.push(i);
        queue.close();
    }
    const double time = seconds_since(start);
    std::printf("%6.0f ns each%s\n", time / numbers * 1e9,
                sum == 5'000'050'000 ? "" : ", and the sum is wrong");
}

// --- What a lock costs ---------------------------------------------------------------------------

constexpr int times_each = 200'000;

/// Nanoseconds that one call takes when \p threads threads do nothing else.
double cost(int threads, const std::function<void()>& one_call) {
    const auto start = Clock::now();
    in_threads(threads, [&] {
        for (int i = 0; i < times_each; ++i)
            one_call();
    });
    return seconds_since(start) / times_each / threads * 1e9;
}

void show_costs() {
    std::puts("\nTo add 1, in ns (median of 7 rounds, in turn)   one thread   two threads");
    long plain = 0;
    std::atomic<long> atomic = 0;
    std::mutex first;
    std::mutex second;
    const std::pair<const char*, std::function<void()>> ways[] = {
        {"atomic, fetch_add", [&] { atomic.fetch_add(1); }},
        {"std::lock_guard of a std::mutex",
         [&] {
             const std::lock_guard lock(first);
             ++plain;
         }},
        {"std::scoped_lock of two",
         [&] {
             const std::scoped_lock both(first, second);
             ++plain;
         }},
    };
    for (const auto& [name, way] : ways) {
        std::vector<double> alone;
        std::vector<double> beside;
        for (int round = 0; round < 7; ++round) {
            alone.push_back(cost(1, way));
            beside.push_back(cost(2, way));
        }
        std::sort(alone.begin(), alone.end());
        std::sort(beside.begin(), beside.end());
        std::printf("  %-44s %11.1f %13.1f\n", name, alone[3], beside[3]);
    }
}

}  // namespace

int main() {
    std::puts("Two threads, real ones");
    line("balance = balance + 1, a million each", lose_deposits);
    line("deposit(1), a million each: yours", keep_deposits);
    line("transfer in both directions: yours", transfer_back_and_forth);
    line("through a queue of 1: yours", [] { through_a_queue<lab::BoundedQueue>(1); });
    line("through a queue of 1: boost", [] { through_a_queue<BoostQueue>(1); });
    line("through a queue of 100: yours", [] { through_a_queue<lab::BoundedQueue>(100); });
    line("through a queue of 100: boost", [] { through_a_queue<BoostQueue>(100); });
    show_costs();
}
