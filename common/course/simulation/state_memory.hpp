// Memory for the simulation's own state, apart from the program's variables and its heap.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace course::simulation {

/// Zeroed pages that cost nothing until they are used; at \p address, if that is free.
///
/// Ends the process if there is no address space left: nothing can be simulated then.
inline void* state_memory(std::size_t size, std::uintptr_t address = 0, bool shared = false) {
    const int sharing = shared ? MAP_SHARED : MAP_PRIVATE;
    const int place = address != 0 ? MAP_FIXED_NOREPLACE : 0;
    void* memory = mmap(reinterpret_cast<void*>(address), size, PROT_READ | PROT_WRITE,
                        sharing | MAP_ANONYMOUS | MAP_NORESERVE | place, -1, 0);
    if (memory == MAP_FAILED && address != 0) {
        return state_memory(size, 0, shared);
    }
    return memory != MAP_FAILED ? memory : (std::abort(), nullptr);
}

}  // namespace course::simulation
