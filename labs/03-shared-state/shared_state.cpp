// Your work in lab 03: state that many threads share.
#include "shared_state.hpp"

#include <condition_variable>
#include <course/testing/not_implemented.hpp>
#include <deque>
#include <stdexcept>

namespace lab {

long Account::balance() const {
    // TODO(03.1): read the balance while nobody writes it.
    throw course::NotImplemented("03.1");
}

void Account::deposit([[maybe_unused]] long amount) {
    // TODO(03.1): add to the balance while nobody else reads or writes it.
    throw course::NotImplemented("03.1");
}

bool Account::withdraw([[maybe_unused]] long amount) {
    // TODO(03.2): look and take in one step.
    throw course::NotImplemented("03.2");
}

bool transfer([[maybe_unused]] Account& from, [[maybe_unused]] Account& to,
              [[maybe_unused]] long amount) {
    // TODO(03.3): lock both, so that nobody waits for each other.
    throw course::NotImplemented("03.3");
}

long total([[maybe_unused]] const Account& one, [[maybe_unused]] const Account& other) {
    // TODO(03.3): read both at one moment.
    throw course::NotImplemented("03.3");
}

struct BoundedQueue::State {};

BoundedQueue::BoundedQueue([[maybe_unused]] std::size_t capacity) {
    // TODO(03.4): a mutex, the numbers, and what push and pop wait for.
    throw course::NotImplemented("03.4");
}

BoundedQueue::~BoundedQueue() = default;

bool BoundedQueue::push([[maybe_unused]] int value) {
    // TODO(03.4): wait for room.
    throw course::NotImplemented("03.4");
}

std::optional<int> BoundedQueue::pop() {
    // TODO(03.4): wait for a number.
    throw course::NotImplemented("03.4");
}

void BoundedQueue::close() {
    // TODO(03.5): let everybody know who waits.
    throw course::NotImplemented("03.5");
}

}  // namespace lab
