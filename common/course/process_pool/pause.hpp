// Spinner: looking again for a while before sleeping, as long as that pays.
#pragma once

namespace course::pool {

/// Tell the processor that this is a loop that waits.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// How many processors this process may run on.
unsigned usable_processors() noexcept;

/// How many pauses take as long as a wake-up across cores, about 40 microseconds; 0 on one processor.
int longest_spin() noexcept;

/// Decides how long to look. While answers come in time it looks for as long as a wake-up would take; where they don't,
/// because tasks are long or the processors have other things to do, it soon stops looking, and tries again now and then.
class Spinner {
  public:
    /// Call \p ready with pauses in between, until it is true. \return  false if it never was.
    template <class Ready>
    bool operator()(Ready ready) {
        const int most = ++waits_ % 64 == 0 ? longest_spin() : limit_;
        for (int i = 0; i < most; ++i) {
            if (ready()) {
                limit_ = longest_spin();
                return true;
            }
            pause();
        }
        limit_ /= 4;
        return false;
    }

  private:
    int limit_ = longest_spin();
    unsigned waits_ = 0;
};

}  // namespace course::pool
