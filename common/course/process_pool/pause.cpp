// How long a wake-up takes, in pauses.
#include <sched.h>

#include <algorithm>
#include <chrono>

#include <course/process_pool/pause.hpp>

namespace course::pool {

unsigned usable_processors() noexcept {
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) != 0)
        return 1;
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&processors)));
}

int longest_spin() noexcept {
    static const int count = [] {
        if (usable_processors() == 1)
            return 0;
        constexpr int tried = 256;
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < tried; ++i)
            pause();
        const auto took = std::max<std::chrono::steady_clock::duration>(
            std::chrono::steady_clock::now() - start, std::chrono::nanoseconds{1});
        return static_cast<int>(std::clamp<std::chrono::steady_clock::rep>(
            tried * std::chrono::microseconds{40} / took, 10, 4000));
    }();
    return count;
}

}  // namespace course::pool
