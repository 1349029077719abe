// A little of everything that the simulation must see. Instrumented, unlike the rest of the folder.
//
// At -O0 an inline function such as std::atomic<int>::load exists once in the program, in the
// version of the object that was linked first. If that object was not instrumented, all atomics of
// that type evade control, also those of instrumented objects: then these here do, too.
#include <atomic>
#include <cstddef>
#include <vector>

#include "self_test.hpp"

namespace course::simulation {
namespace {

template <class T>
int use_atomic() {
    std::atomic<T> value{};
    T expected = value.load();
    value.store(T{1});
    value.exchange(T{0});
    value.compare_exchange_strong(expected, T{1});
    return 4;
}

template <class T>
int use_counter() {
    std::atomic<T> value{};
    value.fetch_add(T{1});
    value.fetch_sub(T{1});
    ++value;
    value += T{2};
    return 4;
}

int use_flag() {
    std::atomic_flag flag = ATOMIC_FLAG_INIT;
    flag.test_and_set();
    flag.clear();
    return 2;
}

}  // namespace

TestedOperations perform_tested_operations() {
    std::vector<int> numbers;
    numbers.push_back(1);
    asm volatile("" : : "r"(numbers.data()) : "memory");  // or the optimiser would drop it
    return {use_atomic<int>() + use_atomic<bool>() + use_atomic<std::size_t>() +
                use_counter<int>() + use_counter<unsigned>() + use_counter<long>() +
                use_counter<std::size_t>() + use_flag(),
            1};
}

}  // namespace course::simulation
