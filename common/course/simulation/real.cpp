// Looks libc's own definitions up, behind the simulation's.
#include "real.hpp"

#include <dlfcn.h>

// A sanitizer's runtime must see threads start, or it does not know their stacks.
extern "C" int __interceptor_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*),
                                            void*) noexcept __attribute__((weak));

namespace course::simulation {
namespace {

RealCalls table;

template <class F>
void look_up(F& slot, const char* name, const char* version = nullptr) {
    slot = reinterpret_cast<F>(next_definition(name, version));
}

void fill() {
#define COURSE_LOOK_UP(call) look_up(table.call, #call);
    COURSE_REAL_CALLS(COURSE_LOOK_UP)
#undef COURSE_LOOK_UP
    // An unversioned look-up yields the condition variables of 2002, which have another layout.
    const char* condition_variables = "GLIBC_2.3.2";
    look_up(table.pthread_cond_wait, "pthread_cond_wait", condition_variables);
    look_up(table.pthread_cond_timedwait, "pthread_cond_timedwait", condition_variables);
    look_up(table.pthread_cond_clockwait, "pthread_cond_clockwait");
    look_up(table.pthread_cond_signal, "pthread_cond_signal", condition_variables);
    look_up(table.pthread_cond_broadcast, "pthread_cond_broadcast", condition_variables);
    look_up(table.exit, "exit");
    look_up(table._exit, "_exit");
    look_up(table.abort, "abort");
    if (__interceptor_pthread_create != nullptr) {
        table.pthread_create = __interceptor_pthread_create;
    }
    table.ready = true;
}

}  // namespace

void* next_definition(const char* name, const char* version) {
    void* found = version != nullptr ? dlvsym(RTLD_NEXT, name, version) : nullptr;
    return found != nullptr ? found : dlsym(RTLD_NEXT, name);
}

const RealCalls& real() {
    if (!table.ready) {
        fill();
    }
    return table;
}

const RealCalls* real_if_known() {
    return table.ready ? &table : nullptr;
}

std::int64_t real_now() {
    timespec now{};
    raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, word(&now));
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

}  // namespace course::simulation
