// A program whose first object was compiled without the flags: its atomics are everybody's.
#include <atomic>
#include <course/simulation/simulate.hpp>
#include <cstdio>
#include <stdexcept>

int main() {
    try {
        std::atomic<int> count{0};
        ++count;
        count.store(count.load() + 1);
        course::explore({.schedules = 1}, [&] { ++count; });
    } catch (const std::logic_error& error) {
        std::printf("%s\n", error.what());
        return 0;
    }
    return 1;
}
