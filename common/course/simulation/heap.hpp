// The heap of a simulated schedule: fresh each time, at the same addresses each time.
//
// Three kinds of memory, by who asks and when:
//   before the schedules   libc's heap, as ever. While schedules run, nobody allocates from it or
//                          frees into it, so that its contents can be put back; see fresh_state.hpp
//   the program            an arena that is emptied before each schedule
//   libc itself, and our   an arena of its own, because it outlives the schedule: libc keeps FILE
//   own code               and thread structures in lists
// Where a block came from is known by its address.
#pragma once

#include <cstddef>
#include <cstdint>

namespace course::simulation {

/// Blocks in size classes, one after another in one piece of address space. A freed block is the
/// next to be used for its class.
class Arena {
  public:
    /// Forget all blocks.
    void clear();

    void* allocate(std::size_t size, std::size_t alignment);
    /// False if the block is free already.
    bool release(void* block);
    bool contains(const void* block) const { return block >= begin_ && block < end_; }
    static std::size_t size_of(const void* block);

    /// Take \p size bytes of address space, at \p address if possible.
    void reserve(std::size_t size, std::uintptr_t address);

    char* begin() const { return begin_; }

  private:
    static constexpr int classes = 64 + 40;

    struct Header {
        std::uint16_t size_class;
        bool used;
        std::uint32_t offset;  // from where the block was cut to its header, if it was aligned
        std::size_t size;
    };
    struct Free {
        Free* next;
    };

    static int class_of(std::size_t size);
    static std::size_t class_size(int size_class);

    char* begin_;
    char* end_;
    char* next_;
    Free* free_[classes];
};

/// From now on, allocate from arenas. For a process that runs schedules and nothing else.
void use_arenas();

/// Empty the program's arena.
void clear_program_heap();

}  // namespace course::simulation
