// Reads and writes an atomic in two steps: no race, and an update is lost now and then.
#include <atomic>
#include <mutex>
#include <thread>
#include "counter.hpp"
void lab::together(const std::function<void()>& one, const std::function<void()>& other) {
    std::jthread first(one);
    std::jthread second(other);
}
int lab::count_twice() {
    std::atomic<int> count = 0;
    const auto add = [&] { count = count + 1; };
    together(add, add);
    return count;
}
