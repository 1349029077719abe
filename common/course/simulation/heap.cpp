// malloc and its relatives, on top of the arenas.
#include "heap.hpp"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <string.h>

#include <algorithm>

#include "arena.hpp"
#include "calls.hpp"
#include "state_memory.hpp"

#ifndef COURSE_UNDER_ADDRESS_SANITIZER
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* block);
}
#endif

namespace course::simulation {

#ifdef COURSE_UNDER_ADDRESS_SANITIZER

void use_arenas() {}
void clear_program_heap() {}

#else

namespace {

constexpr std::size_t arena_size = std::size_t{512} << 20;  // address space, not memory
constexpr std::uintptr_t program_address = 0x10'0000'0000;
constexpr unsigned char fresh_byte = 0xa5;  // what was there before would differ between processes

struct Range {
    const char* begin;
    const char* end;
};

struct HeapState {
    Arena program;
    Arena lasting;
    int lock;         // guards `lasting`: a thread that ends uses it without having the turn
    Range system[2];  // the code of libc and of the dynamic linker
};

HeapState* heap = nullptr;  // null: libc's malloc is used

class LastingLock {
  public:
    LastingLock() {
        while (__atomic_exchange_n(&heap->lock, 1, __ATOMIC_ACQUIRE) != 0) {
            raw_syscall(SYS_sched_yield);
        }
    }
    ~LastingLock() { __atomic_store_n(&heap->lock, 0, __ATOMIC_RELEASE); }
    LastingLock(const LastingLock&) = delete;
    LastingLock& operator=(const LastingLock&) = delete;
};

int note_system_code(dl_phdr_info* object, std::size_t, void*) {
    const char* name = strrchr(object->dlpi_name, '/');
    const int which = name == nullptr                      ? -1
                      : strncmp(name, "/libc.so", 8) == 0  ? 0
                      : strncmp(name, "/ld-linux", 9) == 0 ? 1
                                                           : -1;
    for (int i = 0; which >= 0 && i < object->dlpi_phnum; ++i) {
        const auto& segment = object->dlpi_phdr[i];
        if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
            const auto* begin = reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr);
            heap->system[which] = {begin, begin + segment.p_memsz};
        }
    }
    return 0;
}

bool is_system_code(const void* caller) {
    return std::any_of(heap->system, heap->system + 2, [caller](const Range& range) {
        return caller >= range.begin && caller < range.end;
    });
}

void* allocate(std::size_t size, std::size_t alignment, const void* caller) {
    void* block;
    Thread* me = controlled();
    if (me == nullptr || is_system_code(caller)) {
        const LastingLock lock;
        block = heap->lasting.allocate(size, alignment);
    } else {
        block = heap->program.allocate(size, alignment);
    }
    if (block == nullptr) {
        errno = ENOMEM;
        return nullptr;
    }
    const SimulationScope scope;
    if (me != nullptr) {
        memset(block, fresh_byte, std::min(size, std::size_t{4096}));
        race_detector().forget(block, size);
    }
    return block;
}

void release(void* block) {
    if (heap->program.contains(block)) {
        if (Thread* me = controlled()) {
            const SimulationScope scope;  // to free is to write: nobody may use it any more
            race_detector().access(me->id, block, Arena::size_of(block), true);
        }
        if (!heap->program.release(block)) {
            scheduler().end(Verdict::crash, "memory at %p is freed twice", block);
        }
    } else if (heap->lasting.contains(block)) {
        const LastingLock lock;
        heap->lasting.release(block);
    }  // else it is from before the schedules, and will be needed again
}

std::size_t usable_size(void* block) {
    const bool ours =
        heap != nullptr && (heap->program.contains(block) || heap->lasting.contains(block));
    using UsableSize = std::size_t (*)(void*);
    return ours ? Arena::size_of(block)
                : reinterpret_cast<UsableSize>(next_definition("malloc_usable_size"))(block);
}

void* reallocate(void* block, std::size_t size, const void* caller) {
    if (block == nullptr) {
        return allocate(size, Arena::header_size, caller);
    }
    const std::size_t old_size = usable_size(block);
    if (size == 0) {
        release(block);
        return nullptr;
    }
    void* bigger = allocate(size, Arena::header_size, caller);
    if (bigger != nullptr) {
        memcpy(bigger, block, std::min(size, old_size));
        release(block);
    }
    return bigger;
}

void* fresh(void* block, std::size_t size) {
    Thread* me = controlled();
    if (me != nullptr && block != nullptr) {
        const SimulationScope scope;
        race_detector().forget(block, size);
    }
    return block;
}

void leave_arenas_usable() {
    heap->lock = 0;
}

}  // namespace

void use_arenas() {
    auto* state = static_cast<HeapState*>(state_memory(sizeof(HeapState)));
    state->program.reserve(arena_size, program_address);
    state->lasting.reserve(arena_size, 0);
    heap = state;
    dl_iterate_phdr(note_system_code, nullptr);
    pthread_atfork(nullptr, nullptr, leave_arenas_usable);
}

void clear_program_heap() {
    if (heap != nullptr) {
        heap->program.clear();
    }
}

// libc's heap shall be one piece of memory, which can be put back.
__attribute__((constructor(101))) void keep_heap_in_one_piece() {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_ARENA_MAX, 1);
}

#endif

}  // namespace course::simulation

#ifndef COURSE_UNDER_ADDRESS_SANITIZER

using namespace course::simulation;

#define COURSE_CALLER __builtin_return_address(0)

COURSE_REDEFINED void* malloc(size_t size) noexcept {
    return heap != nullptr ? allocate(size, Arena::header_size, COURSE_CALLER)
                           : fresh(__libc_malloc(size), size);
}

COURSE_REDEFINED void* calloc(size_t count, size_t size) noexcept {
    if (heap == nullptr) {
        return fresh(__libc_calloc(count, size), count * size);
    }
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return nullptr;
    }
    void* block = allocate(bytes, Arena::header_size, COURSE_CALLER);
    if (block != nullptr) {
        const SimulationScope scope;
        memset(block, 0, bytes);
    }
    return block;
}

COURSE_REDEFINED void* realloc(void* block, size_t size) noexcept {
    return heap != nullptr ? reallocate(block, size, COURSE_CALLER)
                           : fresh(__libc_realloc(block, size), size);
}

COURSE_REDEFINED void* memalign(size_t alignment, size_t size) noexcept {
    return heap != nullptr ? allocate(size, alignment, COURSE_CALLER)
                           : fresh(__libc_memalign(alignment, size), size);
}

COURSE_REDEFINED void* aligned_alloc(size_t alignment, size_t size) noexcept {
    return heap != nullptr ? allocate(size, alignment, COURSE_CALLER)
                           : fresh(__libc_memalign(alignment, size), size);
}

COURSE_REDEFINED int posix_memalign(void** block, size_t alignment, size_t size) noexcept {
    *block = heap != nullptr ? allocate(size, alignment, COURSE_CALLER)
                             : fresh(__libc_memalign(alignment, size), size);
    return *block != nullptr ? 0 : ENOMEM;
}

COURSE_REDEFINED void free(void* block) noexcept {
    if (heap == nullptr) {
        __libc_free(block);
    } else if (block != nullptr) {
        release(block);
    }
}

COURSE_REDEFINED size_t malloc_usable_size(void* block) noexcept {
    return block != nullptr ? usable_size(block) : 0;
}

#endif
