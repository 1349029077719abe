// The bar, and the estimate: what is left takes as long a step as what is done.
#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace bench {

std::string rough(std::chrono::duration<double> time) {
    return time.count() < 90 ? fmt::format("{:.0f} s", time.count())
                             : fmt::format("{:.0f} min", time.count() / 60);
}

Progress::Progress(double total) : total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (terminal_)
        fmt::print(stderr, "\r\033[K");
}

void Progress::done(double weight, const std::string& what) {
    done_ += weight;
    const double share = std::min(1.0, done_ / total_);
    const int tenths = static_cast<int>(share * 10);
    if (share <= 0 || (!terminal_ && tenths == tenths_said_))
        return;
    tenths_said_ = tenths;
    const std::chrono::duration<double> gone = Clock::now() - start_;
    const std::string left =
        share < 1 ? "about " + rough(gone * (1 / share - 1)) + " left" : "done in " + rough(gone);
    if (!terminal_) {
        fmt::print(stderr, "{:3.0f} %, {}\n", share * 100, left);
        return;
    }
    constexpr int width = 30;
    const int full = static_cast<int>(share * width);
    fmt::print(stderr, "\r\033[K[{:#<{}}{:.<{}}] {:3.0f} %, {}  {}", "", full, "", width - full,
               share * 100, left, what);
    std::fflush(stderr);
}

}  // namespace bench
