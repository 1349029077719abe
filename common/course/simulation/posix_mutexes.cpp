// Redefines mutexes and condition variables.
//
// The lock itself keeps its real state, which the real try-lock tests and sets. Only the waiting is
// ours: who finds a lock taken waits at the scheduler, under the lock's address.
#include <errno.h>

#include "calls.hpp"

namespace course::simulation {
namespace {

// So often a thread may try to lock what it holds itself. Once is a mistake that may do no harm;
// the loop in std::lock, to which one mutex was given twice, never ends.
constexpr int own_tries_limit = 20;

int lock(Thread& me, pthread_mutex_t* mutex, Time deadline) {
    const bool checks = (mutex->__data.__kind & 3) == PTHREAD_MUTEX_ERRORCHECK_NP;
    if (checks && mutex->__data.__owner == me.tid) {
        return EDEADLK;
    }
    for (;;) {
        const int error = real().pthread_mutex_trylock(mutex);
        if (error != EBUSY) {
            if (error == 0) {
                race_detector().acquire(me.id, mutex);
                scheduler().holds(me, mutex, true);
            }
            return error;
        }
        if (deadline <= scheduler().now()) {
            return ETIMEDOUT;
        }
        scheduler().block(me, Operation::lock, mutex, deadline);
    }
}

int lock_at_point(Thread& me, pthread_mutex_t* mutex, Time deadline) {
    scheduler().point(me, Operation::lock, mutex);
    return lock(me, mutex, deadline);
}

int unlock(Thread& me, pthread_mutex_t* mutex) {
    const int owner = mutex->__data.__owner;
    if (owner != me.tid && (mutex->__data.__kind & 3) == PTHREAD_MUTEX_TIMED_NP) {
        const int holder = scheduler().thread_with_tid(owner);
        if (owner == 0) {
            scheduler().end(Verdict::check_failed, "T%d unlocks a mutex that nobody holds", me.id);
        } else if (holder >= 0) {
            scheduler().end(Verdict::check_failed, "T%d unlocks a mutex that T%d holds", me.id,
                            holder);
        }
    }
    race_detector().release(me.id, mutex);
    const int error = real().pthread_mutex_unlock(mutex);
    scheduler().holds(me, mutex, false);
    if (scheduler().wake(Operation::lock, mutex) > 0) {
        scheduler().effect(me, true);
    }
    return error;
}

int wait(Thread& me, pthread_cond_t* condition, pthread_mutex_t* mutex, Time deadline) {
    scheduler().point(me, Operation::wait, condition);
    unlock(me, mutex);
    const bool woken =
        deadline > scheduler().now() && scheduler().block(me, Operation::wait, condition, deadline);
    lock(me, mutex, never);
    return woken ? 0 : ETIMEDOUT;
}

int notify(Thread& me, pthread_cond_t* condition, Operation operation, int count) {
    scheduler().point(me, operation, condition);
    if (scheduler().wake(Operation::wait, condition, count) > 0) {
        scheduler().effect(me, true);
    }
    return 0;
}

int try_lock(Thread& me, pthread_mutex_t* mutex) {
    scheduler().point(me, Operation::try_lock, mutex);
    const int error = real().pthread_mutex_trylock(mutex);
    if (error == EBUSY && mutex->__data.__owner == me.tid && ++me.own_tries == own_tries_limit) {
        me.waits_for_itself = true;
        scheduler().end(Verdict::livelock,
                        "T%d waits for itself: it tries again and again to lock a mutex that it "
                        "holds",
                        me.id);
    }
    return tried_lock(me, mutex, error);
}

}  // namespace

int tried(Thread& me, const void* object, int error) {
    if (error == 0) {
        race_detector().acquire(me.id, object);
    }
    scheduler().effect(me, error == 0);
    if (scheduler().goes_in_circles(me)) {
        scheduler().yield(me);
    }
    return error;
}

int tried_lock(Thread& me, const void* lock, int error) {
    if (error == 0) {
        scheduler().holds(me, lock, true);
    }
    return tried(me, lock, error);
}

int holder_of(const Thread& waiting) {
    switch (waiting.operation) {
        case Operation::lock:
        case Operation::try_lock:
        case Operation::lock_shared: {
            // A mutex has its owner where a read-write lock has its waiting writers' futex, so ask
            // as both: a wrong reading is no thread's number.
            const auto* mutex = static_cast<const pthread_mutex_t*>(waiting.object);
            const auto* rwlock = static_cast<const pthread_rwlock_t*>(waiting.object);
            const int owner = scheduler().thread_with_tid(mutex->__data.__owner);
            return owner >= 0 ? owner : scheduler().thread_with_tid(rwlock->__data.__cur_writer);
        }
        case Operation::join:
            return static_cast<const Thread*>(waiting.object)->id;
        default:
            return -1;
    }
}

}  // namespace course::simulation

using namespace course::simulation;

// ---- mutexes

COURSE_REDEFINED int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_at_point(*me, mutex, never) : real().pthread_mutex_lock(mutex);
}

COURSE_REDEFINED int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
    Thread* me = controlled();
    return me != nullptr ? try_lock(*me, mutex) : real().pthread_mutex_trylock(mutex);
}

COURSE_REDEFINED int pthread_mutex_timedlock(pthread_mutex_t* mutex,
                                             const timespec* deadline) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_at_point(*me, mutex, from_absolute(*deadline, CLOCK_REALTIME))
                         : real().pthread_mutex_timedlock(mutex, deadline);
}

COURSE_REDEFINED int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                             const timespec* deadline) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_at_point(*me, mutex, from_absolute(*deadline, clock))
                         : real().pthread_mutex_clocklock(mutex, clock, deadline);
}

COURSE_REDEFINED int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_mutex_unlock(mutex);
    }
    const int error = unlock(*me, mutex);
    after_effect(*me, Operation::unlock, mutex);
    return error;
}

// ---- condition variables

COURSE_REDEFINED int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    Thread* me = controlled();
    return me != nullptr ? wait(*me, condition, mutex, never)
                         : real().pthread_cond_wait(condition, mutex);
}

COURSE_REDEFINED int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                            const timespec* deadline) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_cond_timedwait(condition, mutex, deadline);
    }
    const bool monotonic = (condition->__data.__wrefs & 2) != 0;  // glibc keeps the clock there
    const clockid_t clock = monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    return wait(*me, condition, mutex, from_absolute(*deadline, clock));
}

COURSE_REDEFINED int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                            clockid_t clock, const timespec* deadline) {
    Thread* me = controlled();
    return me != nullptr ? wait(*me, condition, mutex, from_absolute(*deadline, clock))
                         : real().pthread_cond_clockwait(condition, mutex, clock, deadline);
}

COURSE_REDEFINED int pthread_cond_signal(pthread_cond_t* condition) noexcept {
    Thread* me = controlled();
    return me != nullptr ? notify(*me, condition, Operation::notify_one, 1)
                         : real().pthread_cond_signal(condition);
}

COURSE_REDEFINED int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
    Thread* me = controlled();
    return me != nullptr ? notify(*me, condition, Operation::notify_all, max_threads)
                         : real().pthread_cond_broadcast(condition);
}
