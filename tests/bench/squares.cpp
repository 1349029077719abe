// The loop, and how fast it is here.
#include "squares.hpp"

#include <algorithm>
#include <chrono>

namespace bench {

std::uint64_t sum_of_squares(std::uint64_t count) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        sum += i * i;
        asm volatile("" : "+r"(sum));  // or the compiler knows a formula for it
    }
    return sum;
}

double squares_in_a_microsecond() {
    using Clock = std::chrono::steady_clock;
    constexpr std::uint64_t count = 1'000'000;
    double best = 0;
    for (int again = 0; again < 20; ++again) {  // the best is the one that nobody disturbed
        const auto start = Clock::now();
        sum_of_squares(count);
        const std::chrono::duration<double, std::micro> took = Clock::now() - start;
        best = std::max(best, double(count) / took.count());
    }
    return best;
}

}  // namespace bench
