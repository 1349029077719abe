// Finds data races: two accesses to the same memory that nothing orders, at least one a write.
//
// Each thread has a vector clock: for every thread, how much of its past it has seen. Releasing a
// mutex leaves the clock with the mutex, acquiring it takes over what was left. An access is
// ordered before another if the second thread's clock has seen it. The shadow remembers up to four
// accesses per eight bytes. (Flanagan, Freund: FastTrack, PLDI 2009; the shadow cells as in
// ThreadSanitizer.)
//
// As only one thread runs at a time, nothing here needs a lock, and as a schedule can be repeated,
// no call stacks are kept: an access is known by its number, and the repeated schedule tells from
// where it was made.
#pragma once

#include <cstddef>
#include <cstdint>

#include "operation.hpp"

namespace course::simulation {

/// For each thread, how much of its past is known.
class VectorClock {
  public:
    std::uint32_t seen(int thread) const { return thread < size_ ? seen_[thread] : 0; }
    void tick(int thread) { set(thread, seen(thread) + 1); }
    void clear() { size_ = 0; }
    void join(const VectorClock& other);
    void assign(const VectorClock& other);

  private:
    void set(int thread, std::uint32_t value);
    void grow(int size);

    int size_;  // what lies beyond is zero, whatever the memory holds
    std::uint32_t seen_[max_threads];
};

class RaceDetector {
  public:
    static RaceDetector& instance() {
        if (the_detector == nullptr) {
            the_detector = create();
        }
        return *the_detector;
    }

    /// What to do about a race.
    enum class Mode {
        report,   ///< end the schedule
        collect,  ///< note the memory in the channel, and go on
        ignore,
    };

    /// A new schedule: forget all.
    void reset(Mode mode);

    /// Look at nothing more in this schedule.
    void stop() { enabled_ = false; }

    /// Thread \p child starts, knowing what \p parent knows (-1: nobody).
    void started(int child, int parent);

    /// \p thread leaves what it knows at \p object.
    void release(int thread, const void* object);

    /// \p thread learns what was left at \p object.
    void acquire(int thread, const void* object);

    /// An atomic operation: how it passes knowledge on depends on its memory order.
    enum class Atomic { load, store, update };
    void atomic(int thread, const void* object, std::size_t size, Atomic kind, int order);
    void fence(int thread, int order);

    /// A plain access.
    void access(int thread, const void* address, std::size_t size, bool write);

    /// Fresh memory: who used it before does not matter.
    void forget(const void* address, std::size_t size);

  private:
    static constexpr int cells_per_line = 4;
    static constexpr int lines_per_page = 512;  // eight bytes each: a page of 4 KiB
    static constexpr int max_pages = 1 << 13;
    static constexpr int max_objects = 1 << 13;

    struct Cell {
        std::uint32_t clock;
        std::uint32_t number;
        std::uint16_t thread;
        std::uint8_t mask;  // which of the eight bytes
        bool write : 1;
        bool atomic : 1;
    };
    struct Line {
        std::uint32_t generation;  // of the schedule that wrote it: older lines are empty
        std::uint32_t count;
        Cell cells[cells_per_line];
    };
    struct Page {
        std::uintptr_t number;
        Line lines[lines_per_page];
    };
    struct SyncObject {
        const void* address;
        std::uint32_t generation;
        VectorClock clock;
    };

    static RaceDetector* the_detector;
    static RaceDetector* create();

    Line* line(std::uintptr_t index, bool create);
    Page* page(std::uintptr_t number, bool create);
    SyncObject* sync_object(const void* address, bool create);
    void check(int thread, const void* address, std::size_t size, bool write, bool atomic);
    void check_line(int thread, std::uintptr_t address, unsigned size, bool write, bool atomic);
    void found(int thread, std::uintptr_t address, unsigned size, const Cell& earlier, bool write,
               bool atomic);

    Mode mode_;
    bool enabled_;
    std::uint32_t generation_;
    std::uint32_t accesses_;
    std::uint32_t watched_;
    Page* last_page_;
    VectorClock clock_[max_threads];
    VectorClock loaded_relaxed_[max_threads];  // learnt by an acquire fence
    VectorClock fenced_[max_threads];          // left by relaxed stores after a release fence
    bool has_fenced_[max_threads];
    SyncObject objects_[max_objects];
    Page* page_table_[max_pages];
    Page* pages_;
    int page_count_;
};

inline RaceDetector& race_detector() {
    return RaceDetector::instance();
}

}  // namespace course::simulation
