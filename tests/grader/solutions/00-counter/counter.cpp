// Right in every schedule.
#include "counter.hpp"

#include <mutex>
#include <thread>

namespace lab {

int count_twice() {
    int count = 0;
    std::mutex mutex;
    const auto add = [&] {
        const std::lock_guard lock(mutex);
        ++count;
    };
    together(add, add);
    return count;
}

void together(const std::function<void()>& one, const std::function<void()>& other) {
    std::jthread first(one);
    std::jthread second(other);
}

}  // namespace lab
