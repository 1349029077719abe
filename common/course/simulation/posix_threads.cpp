// Redefines the calls that start, join and end threads.
#include <cxxabi.h>
#include <errno.h>
#include <string.h>

#include <cstdlib>
#include <typeinfo>

#include "calls.hpp"
#include "kernel_threads.hpp"

namespace course::simulation {
namespace {

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
    const bool taken = thread != nullptr && (thread->joining || thread->joined || thread->detached);
    error = thread == nullptr ? ESRCH : taken ? EINVAL : thread == current_thread ? EDEADLK : 0;
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
        thread->joining = true;  // nobody else may; glibc says EINVAL as well
        scheduler().block(me, Operation::join, thread, deadline);
        thread->joining = false;
    }
    race_detector().acquire(me.id, thread);
    thread->joined = true;
    if (result != nullptr) {
        *result = thread->result;
    }
    return 0;
}

}  // namespace

void start_body(Thread& first, BodyCall& call) {
    first.entry = run_body;
    first.argument = &call;
    if (start_kernel_thread(first, nullptr) != 0) {
        abort();
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
    if (!scheduler().may_start_thread()) {
        return EAGAIN;
    }
    Thread& thread = scheduler().add_thread(me);
    thread.entry = entry;
    thread.argument = argument;
    thread.detached = state == PTHREAD_CREATE_DETACHED;
    int error;
    {
        const SimulationScope scope;
        error = start_kernel_thread(thread, attributes);
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
        leave_kernel_thread(*me);
    }
    reinterpret_cast<void (*)(void*)>(next_definition("pthread_exit"))(result);
    __builtin_unreachable();
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
