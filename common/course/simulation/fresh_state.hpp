// Puts the program's variables back to their initial values, so that every schedule starts afresh.
//
// A process per schedule would do the same, at a quarter of the speed. What is put back: the
// writable data of the program and its libraries (not of libc and the dynamic linker, which know
// about things that go on, such as threads), the heap as it was, and the stack of whoever asked.
// What the kernel holds can't be put back: descriptors that the schedule left open are closed,
// thread-specific keys deleted.
#pragma once

#include <cstddef>

namespace course::simulation {

/// Whether the library at \p path has data that is not the program's, but of what outlives a
/// schedule.
bool belongs_to_the_system(const char* path);

class FreshState {
  public:
    /// Remember the state that the schedules shall start from.
    ///
    /// \param stack  the caller's stack from here up is part of it: a body may change variables
    ///               that it captured by reference.
    void capture(void* stack);

    /// Put it back. No thread of the program may be alive.
    void restore();

  private:
    static constexpr int max_regions = 64;

    struct Region {
        char* begin;
        std::size_t size;
        char* copy;
    };

    void add(char* begin, std::size_t size);
    void note_descriptors();
    void close_new_descriptors() const;

    static constexpr int max_descriptors = 256;

    Region regions_[max_regions];
    int region_count_ = 0;
    int descriptors_[max_descriptors];  // open at the start, in order
    int descriptor_count_ = 0;
};

}  // namespace course::simulation
