// An arena: memory that is given out in blocks, and forgotten as a whole.
#pragma once

#include <cstddef>
#include <cstdint>

namespace course::simulation {

/// Blocks in size classes, one after another in one piece of address space. A freed block is the
/// next to be used for its class.
class Arena {
  public:
    static constexpr std::size_t header_size = 16;  // and the least alignment

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

}  // namespace course::simulation
