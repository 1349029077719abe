// Looks whether the hooks are in place.
#include "self_test.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "calls.hpp"

namespace course::simulation {
namespace {

/// Whether libstdc++ and Boost find the simulation's definition first.
bool redefined(const char* call, const void* ours) {
    const void* found = dlsym(RTLD_DEFAULT, call);
    return found == ours;
}

void require_calls() {
    const bool threads = redefined("pthread_create", reinterpret_cast<void*>(&::pthread_create));
    if (!threads) {
        throw std::logic_error(
            "the simulation does not control pthread_create: link the objects of "
            "course_simulation into the program itself, not into a library that it loads");
    }
}

#ifdef COURSE_UNDER_ADDRESS_SANITIZER

void require_instrumentation() {}  // the two do not go together

#else

void require_instrumentation() {
    const HookCounts before = hook_counts();
    const TestedOperations made = perform_tested_operations();
    const int atomics = hook_counts().atomics - before.atomics;
    const int accesses = hook_counts().accesses - before.accesses;
    if (atomics < made.atomics || accesses < made.accesses) {
        throw std::logic_error(
            "the simulation sees only " + std::to_string(atomics) + " of " +
            std::to_string(made.atomics) + " atomic operations and " + std::to_string(accesses) +
            " plain accesses: compile every object of the program with the flags of "
            "course_simulation_flags (-fsanitize=thread), and link without -fsanitize=thread");
    }
}

#endif

}  // namespace

void require_control() {
    static bool tested = false;
    if (tested) {
        return;
    }
    require_calls();
    require_instrumentation();
    tested = true;
}

}  // namespace course::simulation
