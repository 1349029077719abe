// Cuts blocks from the arena, and hands freed ones out again.
#include "arena.hpp"

#include <algorithm>
#include <bit>

#include "state_memory.hpp"

namespace course::simulation {

void Arena::reserve(std::size_t size, std::uintptr_t address) {
    begin_ = static_cast<char*>(state_memory(size, address));
    end_ = begin_ + size;
    clear();
}

void Arena::clear() {
    next_ = begin_;
    std::fill(free_, free_ + classes, nullptr);
}

int Arena::class_of(std::size_t size) {
    return size <= 1024 ? static_cast<int>((size + 15) / 16)
                        : 64 + static_cast<int>(std::bit_width(size - 1)) - 10;
}

std::size_t Arena::class_size(int size_class) {
    return size_class <= 64 ? static_cast<std::size_t>(std::max(size_class, 1)) * 16
                            : std::size_t{1} << (size_class - 64 + 10);
}

void* Arena::allocate(std::size_t size, std::size_t alignment) {
    if (size > static_cast<std::size_t>(end_ - begin_)) {
        return nullptr;
    }
    const bool aligned = alignment > header_size;
    const int size_class = class_of(aligned ? size + alignment : size);
    char* cut;  // where the block's header would be if it weren't aligned further
    if (Free* reused = free_[size_class]) {
        free_[size_class] = reused->next;
        cut = reinterpret_cast<char*>(reused) - header_size;
    } else {
        cut = next_;
        const std::size_t needed = header_size + class_size(size_class);
        if (needed > static_cast<std::size_t>(end_ - next_)) {
            return nullptr;
        }
        next_ += needed;
    }
    char* block = cut + header_size;
    if (aligned) {
        const auto address = reinterpret_cast<std::uintptr_t>(block);
        block += (alignment - address % alignment) % alignment;
    }
    auto* header = reinterpret_cast<Header*>(block - header_size);
    *header = {static_cast<std::uint16_t>(size_class), true,
               static_cast<std::uint32_t>(block - header_size - cut), size};
    return block;
}

bool Arena::release(void* block) {
    char* at = static_cast<char*>(block) - header_size;
    Header& header = *reinterpret_cast<Header*>(at);
    if (!header.used) {
        return false;
    }
    header.used = false;
    auto* unused = reinterpret_cast<Free*>(at - header.offset + header_size);
    unused->next = free_[header.size_class];
    free_[header.size_class] = unused;
    return true;
}

std::size_t Arena::size_of(const void* block) {
    return reinterpret_cast<const Header*>(static_cast<const char*>(block) - header_size)->size;
}

}  // namespace course::simulation
