// Your work in lab 04: one lock for everything, and who gets it next.
#include "interpreter.hpp"

#include <atomic>
#include <condition_variable>
#include <course/testing/not_implemented.hpp>
#include <mutex>
#include <thread>

namespace lab {

class Interpreter::GlobalLock {
    // TODO(04.1): take it, let go of it.
    // TODO(04.3): who has waited for the switch interval asks for it; who has waited longest gets it.
    // TODO(04.4): count how often it goes from one thread to another.
};

Interpreter::Interpreter([[maybe_unused]] std::chrono::milliseconds switch_interval)
    : lock_(std::make_unique<GlobalLock>()) {}

Interpreter::~Interpreter() = default;

void Interpreter::run([[maybe_unused]] const std::vector<Bytecode>& program) {
    // TODO(04.1): take the lock, run each step, let go of it on every path.
    throw course::NotImplemented("04.1");
}

void Interpreter::blocking([[maybe_unused]] const std::function<void()>& io) {
    // TODO(04.2): do it without the lock.
    throw course::NotImplemented("04.2");
}

std::size_t Interpreter::switches() const {
    // TODO(04.4): how often did the lock go from one thread to another?
    throw course::NotImplemented("04.4");
}

}  // namespace lab
