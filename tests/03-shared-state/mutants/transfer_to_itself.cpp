// Mistake: Locks both accounts, also if they are one.
// Loses:   03.3
// Hint:    Both accounts may be the same. Then one thread takes one mutex twice.
#include "shared_state.hpp"

#include <condition_variable>
#include <deque>
#include <stdexcept>

namespace lab {

long Account::balance() const {
    const std::lock_guard lock(mutex_);  // a read beside a write is a race as well
    return balance_;
}

void Account::deposit(long amount) {
    const std::lock_guard lock(mutex_);
    balance_ += amount;
}

bool Account::withdraw(long amount) {
    const std::lock_guard lock(mutex_);  // held from the look to the act
    if (balance_ < amount)
        return false;
    balance_ -= amount;
    return true;
}

bool transfer(Account& from, Account& to, long amount) {
    // In an order that can't make a circle.
    const std::scoped_lock both(from.mutex_, to.mutex_);
    if (from.balance_ < amount)
        return false;
    from.balance_ -= amount;
    to.balance_ += amount;
    return true;
}

long total(const Account& one, const Account& other) {
    if (&one == &other)
        return one.balance();
    const std::scoped_lock both(one.mutex_, other.mutex_);
    return one.balance_ + other.balance_;
}

struct BoundedQueue::State {
    explicit State(std::size_t most) : capacity(most) {}

    const std::size_t capacity;
    std::mutex mutex;
    std::condition_variable not_full_or_closed;   // push waits here
    std::condition_variable not_empty_or_closed;  // pop waits here
    std::deque<int> numbers;                      // guarded by mutex
    bool closed = false;                          // guarded by mutex
};

BoundedQueue::BoundedQueue(std::size_t capacity) : state_(std::make_unique<State>(capacity)) {
    if (capacity == 0)
        throw std::invalid_argument("a queue without room takes nothing");
}

BoundedQueue::~BoundedQueue() = default;

bool BoundedQueue::push(int value) {
    State& state = *state_;
    {
        std::unique_lock lock(state.mutex);
        // Asked again after each wake-up: somebody else may have been faster, or nobody has notified.
        state.not_full_or_closed.wait(
            lock, [&] { return state.closed || state.numbers.size() < state.capacity; });
        if (state.closed)
            return false;
        state.numbers.push_back(value);
    }
    state.not_empty_or_closed.notify_one();  // one number more is work for one who pops
    return true;
}

std::optional<int> BoundedQueue::pop() {
    State& state = *state_;
    std::optional<int> number;
    {
        std::unique_lock lock(state.mutex);
        const auto wait_is_over = [&] { return state.closed || !state.numbers.empty(); };
        state.not_empty_or_closed.wait(lock, wait_is_over);
        if (state.numbers.empty())
            return std::nullopt;  // closed, and all is taken
        number = state.numbers.front();
        state.numbers.pop_front();
    }
    state.not_full_or_closed.notify_one();
    return number;
}

void BoundedQueue::close() {
    State& state = *state_;
    {
        // Not between somebody's question and their wait.
        const std::lock_guard lock(state.mutex);
        state.closed = true;
    }
    // It is news for all of them.
    state.not_full_or_closed.notify_all();
    state.not_empty_or_closed.notify_all();
}

}  // namespace lab
