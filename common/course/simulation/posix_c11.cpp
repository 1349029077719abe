// Redefines the threads of C11, which libc would not send through the pthread calls.
//
// A mtx_t is a pthread_mutex_t, a cnd_t a pthread_cond_t, and so on: in glibc they have one layout.
#include <errno.h>
#include <threads.h>

#include "calls.hpp"

namespace {

int result_of(int error) {
    switch (error) {
        case 0:
            return thrd_success;
        case ENOMEM:
            return thrd_nomem;
        case ETIMEDOUT:
            return thrd_timedout;
        case EBUSY:
            return thrd_busy;
        default:
            return thrd_error;
    }
}

pthread_mutex_t* mutex_of(mtx_t* mutex) {
    return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* condition_of(cnd_t* condition) {
    return reinterpret_cast<pthread_cond_t*>(condition);
}

struct Start {
    thrd_start_t entry;
    void* argument;
};

void* run(void* memory) {
    const Start start = *static_cast<Start*>(memory);
    delete static_cast<Start*>(memory);
    return reinterpret_cast<void*>(static_cast<intptr_t>(start.entry(start.argument)));
}

}  // namespace

COURSE_REDEFINED int thrd_create(thrd_t* handle, thrd_start_t entry, void* argument) {
    auto* start = new Start{entry, argument};
    const int error = pthread_create(handle, nullptr, run, start);
    if (error != 0) {
        delete start;
    }
    return result_of(error == EAGAIN ? ENOMEM : error);
}

COURSE_REDEFINED int thrd_join(thrd_t handle, int* result) {
    void* value = nullptr;
    const int error = pthread_join(handle, &value);
    if (result != nullptr) {
        *result = static_cast<int>(reinterpret_cast<intptr_t>(value));
    }
    return result_of(error);
}

COURSE_REDEFINED int thrd_detach(thrd_t handle) {
    return result_of(pthread_detach(handle));
}

COURSE_REDEFINED void thrd_exit(int result) {
    pthread_exit(reinterpret_cast<void*>(static_cast<intptr_t>(result)));
}

COURSE_REDEFINED int thrd_sleep(const timespec* duration, timespec* left) {
    return nanosleep(duration, left);
}

COURSE_REDEFINED void thrd_yield() {
    sched_yield();
}

COURSE_REDEFINED int mtx_lock(mtx_t* mutex) {
    return result_of(pthread_mutex_lock(mutex_of(mutex)));
}

COURSE_REDEFINED int mtx_trylock(mtx_t* mutex) {
    return result_of(pthread_mutex_trylock(mutex_of(mutex)));
}

COURSE_REDEFINED int mtx_timedlock(mtx_t* mutex, const timespec* deadline) {
    return result_of(pthread_mutex_timedlock(mutex_of(mutex), deadline));
}

COURSE_REDEFINED int mtx_unlock(mtx_t* mutex) {
    return result_of(pthread_mutex_unlock(mutex_of(mutex)));
}

COURSE_REDEFINED int cnd_wait(cnd_t* condition, mtx_t* mutex) {
    return result_of(pthread_cond_wait(condition_of(condition), mutex_of(mutex)));
}

COURSE_REDEFINED int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* deadline) {
    return result_of(pthread_cond_timedwait(condition_of(condition), mutex_of(mutex), deadline));
}

COURSE_REDEFINED int cnd_signal(cnd_t* condition) {
    return result_of(pthread_cond_signal(condition_of(condition)));
}

COURSE_REDEFINED int cnd_broadcast(cnd_t* condition) {
    return result_of(pthread_cond_broadcast(condition_of(condition)));
}

COURSE_REDEFINED void call_once(once_flag* once, void (*initialise)()) {
    pthread_once(reinterpret_cast<pthread_once_t*>(once), initialise);
}
