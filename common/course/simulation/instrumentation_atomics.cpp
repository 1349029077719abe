// What -fsanitize=thread makes of atomic operations. Each is a point, and then one indivisible
// step.
//
// Values are sequentially consistent whatever the memory order: a schedule is an interleaving. The
// order counts for the race detector, which finds what a weaker order does not order.
#include "calls.hpp"

namespace course::simulation {
namespace {

using Atomic = RaceDetector::Atomic;
__extension__ using Int128 = unsigned __int128;

/// Before the operation: let others run. A loop that only loads gives its turn away after a while.
Thread* begin(Operation operation, const volatile void* object) {
    Thread* me = controlled();
    if (me == nullptr) {
        ++hook_counts().atomics;
        return nullptr;
    }
    if (scheduler().goes_in_circles(*me)) {
        scheduler().yield(*me);
    } else {
        scheduler().point(*me, operation, const_cast<const void*>(object),
                          operation != Operation::atomic_load);
    }
    return me;
}

template <class T>
void finish(Thread* me, const volatile T* object, Atomic kind, int order, bool changed) {
    if (me != nullptr) {
        const SimulationScope scope;
        scheduler().effect(*me, changed);
        race_detector().atomic(me->id, const_cast<const T*>(object), sizeof(T), kind, order);
    }
}

template <class T>
bool same(const T& a, const T& b) {
    return a == b;
}

template <class T>
bool exchange_if_equal(volatile T* object, T& expected, T desired) {
    if constexpr (sizeof(T) < sizeof(Int128)) {
        return __atomic_compare_exchange_n(object, &expected, desired, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
    } else {
        const T before = __sync_val_compare_and_swap(object, expected, desired);
        const bool equal = same(before, expected);
        expected = before;
        return equal;
    }
}

template <class T>
T value_of(const volatile T* object) {
    if constexpr (sizeof(T) < sizeof(Int128)) {
        return __atomic_load_n(object, __ATOMIC_SEQ_CST);
    } else {
        return __sync_val_compare_and_swap(const_cast<volatile T*>(object), T{}, T{});
    }
}

template <class T>
T load(const volatile T* object, int order) {
    Thread* me = begin(Operation::atomic_load, object);
    const T value = value_of(object);
    finish(me, object, Atomic::load, order, false);
    return value;
}

/// Replace the value by what \p change makes of it; returns what was there.
template <class T, class Change>
T update(volatile T* object, int order, Operation operation, Atomic kind, Change change) {
    Thread* me = begin(operation, object);
    T before = value_of(object);
    T after = change(before);
    while (!exchange_if_equal(object, before, after)) {
        after = change(before);
    }
    finish(me, object, kind, order, !same(before, after));
    return before;
}

template <class T>
void store(volatile T* object, T value, int order) {
    update(object, order, Operation::atomic_store, Atomic::store, [value](T) { return value; });
}

template <class T, class Change>
T fetch(volatile T* object, int order, Change change) {
    return update(object, order, Operation::atomic_update, Atomic::update, change);
}

template <class T>
bool compare_exchange(volatile T* object, T* expected, T desired, int order, int failure_order,
                      bool weak) {
    Thread* me = begin(Operation::atomic_update, object);
    if (weak && me != nullptr && scheduler().decide(scheduler().options().spurious_wakeups)) {
        *expected = value_of(object);
        finish(me, object, Atomic::load, failure_order, false);
        return false;
    }
    const bool exchanged = exchange_if_equal(object, *expected, desired);
    finish(me, object, exchanged ? Atomic::update : Atomic::load, exchanged ? order : failure_order,
           exchanged);
    return exchanged;
}

}  // namespace
}  // namespace course::simulation

using namespace course::simulation;

#define COURSE_FETCH(bits, T, operation, expression)                                            \
    COURSE_REDEFINED T __tsan_atomic##bits##_fetch_##operation(volatile T* p, T v, int order) { \
        return fetch(p, order, [v](T before) { return static_cast<T>(expression); });           \
    }

#define COURSE_ATOMIC(bits, T)                                                         \
    COURSE_REDEFINED T __tsan_atomic##bits##_load(const volatile T* p, int order) {    \
        return load(p, order);                                                         \
    }                                                                                  \
    COURSE_REDEFINED void __tsan_atomic##bits##_store(volatile T* p, T v, int order) { \
        store(p, v, order);                                                            \
    }                                                                                  \
    COURSE_REDEFINED bool __tsan_atomic##bits##_compare_exchange_strong(               \
        volatile T* p, T* expected, T desired, int order, int failure) {               \
        return compare_exchange(p, expected, desired, order, failure, false);          \
    }                                                                                  \
    COURSE_REDEFINED bool __tsan_atomic##bits##_compare_exchange_weak(                 \
        volatile T* p, T* expected, T desired, int order, int failure) {               \
        return compare_exchange(p, expected, desired, order, failure, true);           \
    }                                                                                  \
    COURSE_REDEFINED T __tsan_atomic##bits##_compare_exchange_val(                     \
        volatile T* p, T expected, T desired, int order, int failure) {                \
        compare_exchange(p, &expected, desired, order, failure, false);                \
        return expected;                                                               \
    }                                                                                  \
    COURSE_FETCH(bits, T, add, before + v)                                             \
    COURSE_FETCH(bits, T, sub, before - v)                                             \
    COURSE_FETCH(bits, T, and, before& v)                                              \
    COURSE_FETCH(bits, T, or, before | v)                                              \
    COURSE_FETCH(bits, T, xor, before ^ v)                                             \
    COURSE_FETCH(bits, T, nand, ~(before & v))                                         \
    COURSE_REDEFINED T __tsan_atomic##bits##_exchange(volatile T* p, T v, int order) { \
        return fetch(p, order, [v](T) { return v; });                                  \
    }

COURSE_ATOMIC(8, unsigned char)
COURSE_ATOMIC(16, unsigned short)
COURSE_ATOMIC(32, unsigned)
COURSE_ATOMIC(64, unsigned long)
COURSE_ATOMIC(128, Int128)

COURSE_REDEFINED void __tsan_atomic_thread_fence(int order) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (Thread* me = controlled()) {
        race_detector().fence(me->id, order);
    }
}

COURSE_REDEFINED void __tsan_atomic_signal_fence(int) {}
