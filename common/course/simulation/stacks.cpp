// Reserves the stacks.
#include "stacks.hpp"

#include <sys/mman.h>

#include "operation.hpp"
#include "state_memory.hpp"

namespace course::simulation {
namespace {

constexpr std::uintptr_t address = 0x20'0000'0000;
constexpr std::size_t guard_size = 4096;
constexpr std::size_t slot_size = signal_stack_size + guard_size + stack_size;

struct Stacks {
    char* area;
    int guarded;  // so many have their guard page
};
Stacks* stacks = nullptr;

char* slot(int thread) {
    if (stacks == nullptr) {
        stacks = static_cast<Stacks*>(state_memory(sizeof(Stacks)));
        stacks->area = static_cast<char*>(state_memory(slot_size * max_threads, address));
    }
    for (; stacks->guarded <= thread; ++stacks->guarded) {
        char* guard = stacks->area + static_cast<std::size_t>(stacks->guarded) * slot_size +
                      signal_stack_size;
        mprotect(guard, guard_size, PROT_NONE);
    }
    return stacks->area + static_cast<std::size_t>(thread) * slot_size;
}

}  // namespace

char* signal_stack_of(int thread) {
    return slot(thread);
}

char* stack_of(int thread) {
    return slot(thread) + signal_stack_size + guard_size;
}

}  // namespace course::simulation
