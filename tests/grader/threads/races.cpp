// Counts without a lock: right in nearly every run, and a race in every schedule.
#include <atomic>
#include <mutex>
#include <thread>
#include "counter.hpp"
void lab::together(const std::function<void()>& one, const std::function<void()>& other) {
    std::jthread first(one);
    std::jthread second(other);
}
int lab::count_twice() {
    int count = 0;
    together([&] { ++count; }, [&] { ++count; });
    return count;
}
