// Who made which call, in threads or in forked children: notes in memory that all of them share.
//
// No case waits for a moment of the clock. Where calls must overlap, they stay inside until nothing
// else in the process and its children moves: whoever can come has come by then.
#pragma once

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <course/testing/process_state.hpp>
#include <cstddef>
#include <new>
#include <set>
#include <thread>

namespace course::testing {

/// One object in memory that forked children share with who made it.
template <class T>
class Shared {
  public:
    /// \throws std::bad_alloc  if there is no such memory.
    Shared()
        : memory_(
              mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (memory_ == MAP_FAILED)
            throw std::bad_alloc();
        object_ = new (memory_) T;
    }
    ~Shared() { munmap(memory_, sizeof(T)); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    /// The object.
    T* operator->() const { return object_; }
    /// The object.
    T& operator*() const { return *object_; }

  private:
    void* memory_;
    T* object_;
};

/// What the calls have in common. What they are asked about has the numbers 0, 1, 2 and so on.
///
/// \thread_safety  any number of threads and, in a `Shared`, of processes.
struct Calls {
    /// As many numbers can be asked about.
    static constexpr std::size_t most_numbers = 16;

    /// Nobody moves when this process and its children do not.
    const pid_t family = getpid();
    /// How often a number was asked about.
    std::array<std::atomic<int>, most_numbers> times{};
    /// The thread, or the process with one thread, that made the call.
    std::array<std::atomic<pid_t>, most_numbers> task{};
    /// The parent of its process.
    std::array<std::atomic<pid_t>, most_numbers> parent{};
    /// How many calls are in it now.
    std::atomic<int> inside = 0;
    /// How many of them are in `gather`.
    std::atomic<int> gathering = 0;
    /// How many are over.
    std::atomic<int> over = 0;
    /// How many were inside when `gather` was over.
    std::atomic<int> at_once = 0;
    /// How many were over when `hold` was, -1 before.
    std::atomic<int> over_meanwhile = -1;

    /// Stay until nobody else can arrive, and note how many are inside then.
    void gather() {
        ++gathering;
        if (!somebody_looks.exchange(true)) {
            while (!nobody_moves(family))
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            at_once = inside.load();
            futex(FUTEX_WAKE, most_numbers);
        }
        // Asleep for whoever looks; a clock of its own would keep it awake.
        while (at_once == 0)
            futex(FUTEX_WAIT, 0);
        --gathering;
    }
    /// Stay until the others have nothing left to do, and note how many calls are over then.
    void hold() {
        while (gathering > 0 || !nobody_moves(family))
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        over_meanwhile = over.load();
    }
    /// How many tasks (threads, or processes with one thread) made the first \p count calls.
    std::size_t tasks(std::size_t count) const {
        return std::set<pid_t>(task.begin(), task.begin() + static_cast<std::ptrdiff_t>(count))
            .size();
    }

  private:
    void futex(int operation, int value) {
        static_assert(sizeof at_once == sizeof(int));
        syscall(SYS_futex, &at_once, operation, value, nullptr, nullptr, 0);
    }

    std::atomic<bool> somebody_looks = false;
};

/// The stay of one call.
class Call {
  public:
    /// Note that it is there.
    Call(Calls* calls, std::size_t number) : calls_(calls) {
        ++calls_->times.at(number);
        calls_->task.at(number) = gettid();
        calls_->parent.at(number) = getppid();
        ++calls_->inside;
    }
    ~Call() {
        --calls_->inside;
        ++calls_->over;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

  private:
    Calls* calls_;
};

}  // namespace course::testing
