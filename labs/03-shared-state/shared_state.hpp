// Contract of lab 03: accounts and a queue that many threads use at once.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

namespace lab {

/// Money. It is never negative.
///
/// \thread_safety  any number of threads may call anything, also on the same account.
class Account {
  public:
    /// An account with \p balance in it.
    explicit Account(long balance) : balance_(balance) {}

    /// 03.1 What is there now.
    long balance() const;
    /// 03.1 Put \p amount in.
    void deposit(long amount);
    /// 03.2 Take \p amount out, if there is so much.
    /// \return  whether there was; if not, nothing has changed.
    bool withdraw(long amount);

  private:
    friend bool transfer(Account& from, Account& to, long amount);
    friend long total(const Account& one, const Account& other);

    mutable std::mutex mutex_;
    [[maybe_unused]] long balance_;  // guarded by mutex_
};

/// 03.3 Move \p amount from \p from to \p to, if there is so much. Nobody sees it missing in between.
///
/// Both may be the same account: then nothing moves.
/// \return  whether there was so much; if not, nothing has changed.
bool transfer(Account& from, Account& to, long amount);

/// 03.3 What is in both accounts together, at one moment; in the one, if both are the same.
long total(const Account& one, const Account& other);

/// Numbers on their way from those who push to those who pop, first in, first out, at most `capacity`.
///
/// \thread_safety  any number of threads may push, pop and close; none uses it when it is destroyed.
class BoundedQueue {
  public:
    /// \throws std::invalid_argument  if \p capacity is 0.
    explicit BoundedQueue(std::size_t capacity);
    ~BoundedQueue();
    BoundedQueue(const BoundedQueue&) = delete;
    BoundedQueue& operator=(const BoundedQueue&) = delete;

    /// 03.4 Wait while the queue is full, then put \p value at its end.
    /// \return  whether it was put there; false if the queue is closed, also while waiting.
    bool push(int value);
    /// 03.4 Wait while the queue is empty, then take its first number.
    /// \return  the number; nothing if the queue is closed and all numbers are taken.
    std::optional<int> pop();
    /// 03.5 Close it: nobody waits any more, nothing is accepted, what is there can still be taken.
    void close();

  private:
    struct State;  // what it is made of is yours to choose
    std::unique_ptr<State> state_;
};

}  // namespace lab
