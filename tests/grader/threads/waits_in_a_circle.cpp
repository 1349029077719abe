// Takes two locks in opposite orders.
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
    std::mutex pan, lid;
    together(
        [&] {
            const std::lock_guard one(pan);
            const std::lock_guard other(lid);
            ++count;
        },
        [&] {
            const std::lock_guard one(lid);
            const std::lock_guard other(pan);
            ++count;
        });
    return count;
}
