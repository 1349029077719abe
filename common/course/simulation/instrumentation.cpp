// What -fsanitize=thread calls at each memory access, without ThreadSanitizer's runtime: the race
// detector looks at each access, and every atomic is a point at which another thread may run.
#include <string.h>

#include "calls.hpp"
#include "instrumentation.hpp"

namespace course::simulation {
namespace {

bool seen_init = false;
HookCounts counts{};

}  // namespace

bool instrumented() {
    return seen_init;
}

HookCounts& hook_counts() {
    return counts;
}

void plain_access(const void* address, std::size_t size, bool write) {
    Thread* me = controlled();
    if (me == nullptr) {
        ++counts.accesses;
        return;
    }
    if (!scheduler().options().races &&
        scheduler().channel().racy.contains(reinterpret_cast<std::uintptr_t>(address) / 8)) {
        scheduler().point(*me, Operation::access, address, write);
    }
    const SimulationScope scope;
    race_detector().access(me->id, address, size, write);
}

}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED void __tsan_init() {
    seen_init = true;
}
COURSE_REDEFINED void __tsan_func_entry(void*) {}
COURSE_REDEFINED void __tsan_func_exit() {}

#define COURSE_ACCESS(size)                                                \
    COURSE_REDEFINED void __tsan_read##size(void* p) {                     \
        plain_access(p, size, false);                                      \
    }                                                                      \
    COURSE_REDEFINED void __tsan_write##size(void* p) {                    \
        plain_access(p, size, true);                                       \
    }                                                                      \
    COURSE_REDEFINED void __tsan_read_write##size(void* p) {               \
        plain_access(p, size, false);                                      \
        plain_access(p, size, true);                                       \
    }                                                                      \
    COURSE_REDEFINED void __tsan_unaligned_read##size(void* p) {           \
        plain_access(p, size, false);                                      \
    }                                                                      \
    COURSE_REDEFINED void __tsan_unaligned_write##size(void* p) {          \
        plain_access(p, size, true);                                       \
    }                                                                      \
    COURSE_REDEFINED void __tsan_unaligned_read_write##size(void* p) {     \
        plain_access(p, size, false);                                      \
        plain_access(p, size, true);                                       \
    }                                                                      \
    COURSE_REDEFINED void __tsan_volatile_read##size(void* p) {            \
        plain_access(p, size, false);                                      \
    }                                                                      \
    COURSE_REDEFINED void __tsan_volatile_write##size(void* p) {           \
        plain_access(p, size, true);                                       \
    }                                                                      \
    COURSE_REDEFINED void __tsan_unaligned_volatile_read##size(void* p) {  \
        plain_access(p, size, false);                                      \
    }                                                                      \
    COURSE_REDEFINED void __tsan_unaligned_volatile_write##size(void* p) { \
        plain_access(p, size, true);                                       \
    }

COURSE_ACCESS(1)
COURSE_ACCESS(2)
COURSE_ACCESS(4)
COURSE_ACCESS(8)
COURSE_ACCESS(16)

COURSE_REDEFINED void __tsan_read_range(void* p, size_t size) {
    plain_access(p, size, false);
}
COURSE_REDEFINED void __tsan_write_range(void* p, size_t size) {
    plain_access(p, size, true);
}

// A constructor sets the pointer to the virtual functions again in each base class; only a change
// is a write that others can notice.
COURSE_REDEFINED void __tsan_vptr_update(void** pointer, void* value) {
    if (*pointer != value) {
        plain_access(pointer, sizeof *pointer, true);
    }
}
COURSE_REDEFINED void __tsan_vptr_read(void** pointer) {
    plain_access(pointer, sizeof *pointer, false);
}

// Annotations that a program may make for ThreadSanitizer.
COURSE_REDEFINED void __tsan_acquire(void* object) {
    if (Thread* me = controlled()) {
        race_detector().acquire(me->id, object);
    }
}
COURSE_REDEFINED void __tsan_release(void* object) {
    if (Thread* me = controlled()) {
        race_detector().release(me->id, object);
    }
}
COURSE_REDEFINED void __tsan_mutex_create(void*, unsigned) {}
COURSE_REDEFINED void __tsan_mutex_destroy(void*, unsigned) {}
COURSE_REDEFINED void __tsan_mutex_pre_lock(void*, unsigned) {}
COURSE_REDEFINED void __tsan_mutex_post_lock(void*, unsigned, int) {}
COURSE_REDEFINED int __tsan_mutex_pre_unlock(void*, unsigned) {
    return 0;
}
COURSE_REDEFINED void __tsan_mutex_post_unlock(void*, unsigned) {}
COURSE_REDEFINED void __tsan_mutex_pre_signal(void*, unsigned) {}
COURSE_REDEFINED void __tsan_mutex_post_signal(void*, unsigned) {}
COURSE_REDEFINED void __tsan_mutex_pre_divert(void*, unsigned) {}
COURSE_REDEFINED void __tsan_mutex_post_divert(void*, unsigned) {}
