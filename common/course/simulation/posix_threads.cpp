// Redefines the calls that start, join and end threads.
#include <cxxabi.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <cstdlib>
#include <typeinfo>

#include "calls.hpp"
#include "stacks.hpp"
#include "state_memory.hpp"

namespace course::simulation {
namespace {

// Its destructor is where a thread ends for the simulation: in the last round of destructors, so
// that those of thread_local variables and other keys still run under control.
pthread_key_t end_of_thread;

struct CreatedKeys {
    int count;
    pthread_key_t keys[PTHREAD_KEYS_MAX];
};
CreatedKeys* created_keys = nullptr;

void thread_ends(void* value) {
    auto& me = *static_cast<Thread*>(value);
    if (++me.key_rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
        pthread_setspecific(end_of_thread, &me);
        return;
    }
    in_simulation = 1;
    scheduler().finish(me);
}

void* thread_begins(void* argument) {
    auto& me = *static_cast<Thread*>(argument);
    in_simulation = 1;
    me.tid = static_cast<int>(raw_syscall(SYS_gettid));
    pthread_setspecific(end_of_thread, &me);
#ifndef COURSE_UNDER_ADDRESS_SANITIZER  // which brings its own, and unmaps whatever it finds
    use_signal_stack(signal_stack_of(me.id), signal_stack_size);
#endif
    current_thread = &me;
    scheduler().park(me);
    in_simulation = 0;
    return me.result = me.entry(me.argument);
}

/// Start the thread of the kernel under \p thread; returns an error number.
int start(Thread& thread, const pthread_attr_t* wanted) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    void* stack = nullptr;
    std::size_t size = 0;
    const bool own_stack =
        wanted != nullptr && pthread_attr_getstack(wanted, &stack, &size) == 0 && stack != nullptr;
    if (own_stack) {
        pthread_attr_setstack(&attributes, stack, size);
    } else {
#ifndef COURSE_UNDER_ADDRESS_SANITIZER
        pthread_attr_setstack(&attributes, stack_of(thread.id), stack_size);
#endif
    }
    const int error = real().pthread_create(&thread.handle, &attributes, thread_begins, &thread);
    pthread_attr_destroy(&attributes);
    return error;
}

const char* describe_current_exception(char* buffer, std::size_t size) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    char* readable =
        type != nullptr ? abi::__cxa_demangle(type->name(), nullptr, nullptr, nullptr) : nullptr;
    try {
        throw;
    } catch (const std::exception& e) {
        snprintf(buffer, size, "%s: %s", readable, e.what());
    } catch (...) {
        snprintf(buffer, size, "%s", readable != nullptr ? readable : "something unknown");
    }
    std::free(readable);
    return buffer;
}

void* run_body(void* argument) {
    auto& call = *static_cast<BodyCall*>(argument);
    Thread& me = *current_thread;
    try {
        call.body();
    } catch (abi::__forced_unwind&) {
        throw;
    } catch (...) {
        if (scheduler().own_process()) {
            scheduler().channel().outcome.body_threw = true;
            char what[512];
            scheduler().end(Verdict::check_failed, "the body threw %s",
                            describe_current_exception(what, sizeof what));
        }
        call.thrown = std::current_exception();
    }
    scheduler().body_returned(me);
    scheduler().drain(me);
    return nullptr;
}

Thread* joinable(pthread_t handle, int& error) {
    Thread* thread = scheduler().find(handle);
    error = thread == nullptr                    ? ESRCH
            : thread->joined || thread->detached ? EINVAL
            : thread == current_thread           ? EDEADLK
                                                 : 0;
    return thread;
}

int join(Thread& me, pthread_t handle, void** result, Time deadline) {
    int error = 0;
    Thread* thread = joinable(handle, error);
    if (error != 0) {
        return error;
    }
    while (thread->state != Thread::finished) {
        if (deadline <= scheduler().now()) {
            return ETIMEDOUT;
        }
        scheduler().block(me, Operation::join, thread, deadline);
    }
    race_detector().acquire(me.id, thread);
    thread->joined = true;
    if (result != nullptr) {
        *result = thread->result;
    }
    return 0;
}

}  // namespace

void prepare_threads() {
    if (created_keys == nullptr) {
        created_keys = static_cast<CreatedKeys*>(state_memory(sizeof(CreatedKeys)));
        real().pthread_key_create(&end_of_thread, thread_ends);
    }
    stack_of(0);
}

void start_body(Thread& first, BodyCall& call) {
    first.entry = run_body;
    first.argument = &call;
    if (start(first, nullptr) != 0) {
        abort();
    }
}

void delete_keys() {
    for (; created_keys->count > 0; --created_keys->count) {
        pthread_key_delete(created_keys->keys[created_keys->count - 1]);
    }
}

}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED int pthread_create(pthread_t* handle, const pthread_attr_t* attributes,
                                    void* (*entry)(void*), void* argument) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_create(handle, attributes, entry, argument);
    }
    int state = PTHREAD_CREATE_JOINABLE;
    if (attributes != nullptr) {
        pthread_attr_getdetachstate(attributes, &state);
    }
    Thread& thread = scheduler().add_thread(me);
    thread.entry = entry;
    thread.argument = argument;
    thread.detached = state == PTHREAD_CREATE_DETACHED;
    int error;
    {
        const SimulationScope scope;
        error = start(thread, attributes);
    }
    if (error != 0) {
        scheduler().remove_last_thread();
        return error;
    }
    *handle = thread.handle;
    // Only now can others notice; a point before would only keep new threads from overlapping.
    scheduler().point(*me, Operation::create, &thread);
    return 0;
}

COURSE_REDEFINED int pthread_join(pthread_t handle, void** result) {
    Thread* me = controlled();
    return me != nullptr ? join(*me, handle, result, never) : real().pthread_join(handle, result);
}

COURSE_REDEFINED int pthread_tryjoin_np(pthread_t handle, void** result) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_tryjoin_np(handle, result);
    }
    const int error = join(*me, handle, result, scheduler().now());
    return error == ETIMEDOUT ? EBUSY : error;
}

COURSE_REDEFINED int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock,
                                          const timespec* deadline) {
    Thread* me = controlled();
    return me != nullptr ? join(*me, handle, result, from_absolute(*deadline, clock))
                         : real().pthread_clockjoin_np(handle, result, clock, deadline);
}

COURSE_REDEFINED int pthread_timedjoin_np(pthread_t handle, void** result,
                                          const timespec* deadline) {
    Thread* me = controlled();
    return me != nullptr ? join(*me, handle, result, from_absolute(*deadline, CLOCK_REALTIME))
                         : real().pthread_timedjoin_np(handle, result, deadline);
}

// The kernel's thread stays joinable: only then is it known when its stack is free again.
COURSE_REDEFINED int pthread_detach(pthread_t handle) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_detach(handle);
    }
    int error = 0;
    Thread* thread = joinable(handle, error);
    if (error != 0 && error != EDEADLK) {
        return error;
    }
    thread->detached = true;
    return 0;
}

COURSE_REDEFINED void pthread_exit(void* result) {
    if (Thread* me = controlled()) {
        me->result = result;
    }
    reinterpret_cast<void (*)(void*)>(next_definition("pthread_exit"))(result);
    __builtin_unreachable();
}

COURSE_REDEFINED int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) {
    const int error = real().pthread_key_create(key, destructor);
    if (error == 0 && controlled() != nullptr && scheduler().own_process()) {
        created_keys->keys[created_keys->count++] = *key;
    }
    return error;
}

COURSE_REDEFINED int pthread_once(pthread_once_t* once, void (*initialise)()) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_once(once, initialise);
    }
    constexpr int running = 1;
    constexpr int done = 2;
    scheduler().point(*me, Operation::once, once);
    while (*once == running) {
        scheduler().block(*me, Operation::once, once);
    }
    if (*once == done) {
        race_detector().acquire(me->id, once);
        return 0;
    }
    *once = running;
    try {
        initialise();
    } catch (...) {
        *once = 0;
        scheduler().wake(Operation::once, once);
        throw;
    }
    race_detector().release(me->id, once);
    *once = done;
    scheduler().wake(Operation::once, once);
    return 0;
}
