// How long to look again before sleeping.
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

/// How often to look before sleeping: some microseconds, or not at all on one processor.
int spins() noexcept;

}  // namespace course::pool
