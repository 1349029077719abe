// Looks at blocks of memory that are copied or filled, by instrumented code or by libstdc++.
//
// Also where libstdc++ orders threads by itself: static initialisation and exception_ptr.
#include <exception>

#include "calls.hpp"
#include "instrumentation.hpp"

namespace course::simulation {
namespace {

/// A block is a run of plain accesses, but no point: it can happen anywhere, also in our own code.
void block_access(const void* address, std::size_t size, bool write) {
    Thread* me = controlled();
    if (me != nullptr && size > 0 && instrumented()) {
        const SimulationScope scope;
        race_detector().access(me->id, address, size, write);
    }
}

// Before libc's own functions are known, and while they are looked up.
void* copy_bytes(void* to, const void* from, std::size_t size) {
    auto* target = static_cast<volatile char*>(to);
    const auto* source = static_cast<const volatile char*>(from);
    const bool backwards = target > source;
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t at = backwards ? size - 1 - i : i;
        target[at] = source[at];
    }
    return to;
}

void* fill_bytes(void* to, int value, std::size_t size) {
    auto* target = static_cast<volatile char*>(to);
    for (std::size_t i = 0; i < size; ++i) {
        target[i] = static_cast<char>(value);
    }
    return to;
}

void* move_block(void* to, const void* from, std::size_t size) {
    block_access(from, size, false);
    block_access(to, size, true);
    return real_if_known() != nullptr ? real_if_known()->memmove(to, from, size)
                                      : copy_bytes(to, from, size);
}

void* fill_block(void* to, int value, std::size_t size) {
    block_access(to, size, true);
    return real_if_known() != nullptr ? real_if_known()->memset(to, value, size)
                                      : fill_bytes(to, value, size);
}

}  // namespace
}  // namespace course::simulation

using namespace course::simulation;

// clang calls these in instrumented code.
COURSE_REDEFINED void* __tsan_memcpy(void* to, const void* from, size_t size) {
    return move_block(to, from, size);
}
COURSE_REDEFINED void* __tsan_memmove(void* to, const void* from, size_t size) {
    return move_block(to, from, size);
}
COURSE_REDEFINED void* __tsan_memset(void* to, int value, size_t size) {
    return fill_block(to, value, size);
}

#ifndef COURSE_UNDER_ADDRESS_SANITIZER
// g++ and libstdc++ call these.
COURSE_REDEFINED void* memcpy(void* to, const void* from, size_t size) noexcept {
    return move_block(to, from, size);
}
COURSE_REDEFINED void* memmove(void* to, const void* from, size_t size) noexcept {
    return move_block(to, from, size);
}
COURSE_REDEFINED void* memset(void* to, int value, size_t size) noexcept {
    return fill_block(to, value, size);
}
#endif

// What a static variable's initialisation leaves, who finds it initialised takes over; the fast
// path of that is an atomic load in the program.
COURSE_REDEFINED int __cxa_guard_acquire(long long* guard) {
    using Acquire = int (*)(long long*);
    const int initialise = reinterpret_cast<Acquire>(next_definition("__cxa_guard_acquire"))(guard);
    Thread* me = controlled();
    if (me != nullptr && initialise == 0) {
        race_detector().acquire(me->id, guard);
    }
    return initialise;
}

COURSE_REDEFINED void __cxa_guard_release(long long* guard) {
    if (Thread* me = controlled()) {
        race_detector().release(me->id, guard);
    }
    using Release = void (*)(long long*);
    reinterpret_cast<Release>(next_definition("__cxa_guard_release"))(guard);
}

// The threads that share an exception are ordered by its count of references, which libstdc++
// changes out of our sight. The first member of an exception_ptr is the address of the exception.
COURSE_REDEFINED void course_exception_addref(void** self) asm(
    "_ZNSt15__exception_ptr13exception_ptr9_M_addrefEv");
COURSE_REDEFINED void course_exception_release(void** self) asm(
    "_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv");

namespace {

void pass_exception(void** self, const char* function) {
    Thread* me = controlled();
    const void* exception = *self;
    if (me != nullptr && exception != nullptr) {
        race_detector().release(me->id, exception);
        race_detector().acquire(me->id, exception);
    }
    reinterpret_cast<void (*)(void**)>(next_definition(function))(self);
}

}  // namespace

COURSE_REDEFINED void course_exception_addref(void** self) {
    pass_exception(self, "_ZNSt15__exception_ptr13exception_ptr9_M_addrefEv");
}
COURSE_REDEFINED void course_exception_release(void** self) {
    pass_exception(self, "_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv");
}
