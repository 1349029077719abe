// Story:   joins the first thread before it starts the second.
// 00.1:    PASS
// 00.2:    WRONG
// Says:    2000000000ns
#include <atomic>
#include <mutex>
#include <thread>
#include "counter.hpp"
int lab::count_twice() {
    int count = 0;
    together([&] { ++count; }, [&] { ++count; });
    return count;
}
void lab::together(const std::function<void()>& one, const std::function<void()>& other) {
    std::thread(one).join();
    std::thread(other).join();
}
