// Redefines read-write locks. Their real state is used as that of mutexes is; see
// posix_mutexes.cpp.
#include <errno.h>

#include "calls.hpp"

namespace course::simulation {
namespace {

// Readers are ordered with writers, but not with each other: what readers leave goes to an address
// of its own, which only writers look at.
const void* left_by_readers(const pthread_rwlock_t* lock) {
    return reinterpret_cast<const char*>(lock) + 1;
}

int lock_shared(Thread& me, pthread_rwlock_t* lock, Time deadline) {
    scheduler().point(me, Operation::lock_shared, lock, false);
    int error;
    while ((error = real().pthread_rwlock_tryrdlock(lock)) == EBUSY) {
        if (deadline <= scheduler().now()) {
            return ETIMEDOUT;
        }
        scheduler().block(me, Operation::lock_shared, lock, deadline);
    }
    race_detector().acquire(me.id, lock);
    scheduler().holds(me, lock, true);
    return error;
}

int lock_exclusive(Thread& me, pthread_rwlock_t* lock, Time deadline) {
    scheduler().point(me, Operation::lock, lock);
    int error;
    while ((error = real().pthread_rwlock_trywrlock(lock)) == EBUSY) {
        if (deadline <= scheduler().now()) {
            return ETIMEDOUT;
        }
        scheduler().block(me, Operation::lock, lock, deadline);
    }
    race_detector().acquire(me.id, lock);
    race_detector().acquire(me.id, left_by_readers(lock));
    scheduler().holds(me, lock, true);
    return error;
}

int unlock(Thread& me, pthread_rwlock_t* lock) {
    const bool writer = lock->__data.__cur_writer == me.tid;
    race_detector().release(me.id, writer ? lock : left_by_readers(lock));
    const int error = real().pthread_rwlock_unlock(lock);
    scheduler().holds(me, lock, false);
    const int woken =
        scheduler().wake(Operation::lock, lock) + scheduler().wake(Operation::lock_shared, lock);
    if (woken > 0) {
        scheduler().effect(me, true);
    }
    return error;
}

}  // namespace
}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_shared(*me, lock, never) : real().pthread_rwlock_rdlock(lock);
}

COURSE_REDEFINED int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock,
                                                const timespec* deadline) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_shared(*me, lock, from_absolute(*deadline, CLOCK_REALTIME))
                         : real().pthread_rwlock_timedrdlock(lock, deadline);
}

COURSE_REDEFINED int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                                                const timespec* deadline) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_shared(*me, lock, from_absolute(*deadline, clock))
                         : real().pthread_rwlock_clockrdlock(lock, clock, deadline);
}

COURSE_REDEFINED int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_rwlock_tryrdlock(lock);
    }
    scheduler().point(*me, Operation::try_lock, lock, false);
    return tried_lock(*me, lock, real().pthread_rwlock_tryrdlock(lock));
}

COURSE_REDEFINED int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_exclusive(*me, lock, never) : real().pthread_rwlock_wrlock(lock);
}

COURSE_REDEFINED int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock,
                                                const timespec* deadline) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_exclusive(*me, lock, from_absolute(*deadline, CLOCK_REALTIME))
                         : real().pthread_rwlock_timedwrlock(lock, deadline);
}

COURSE_REDEFINED int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                                                const timespec* deadline) noexcept {
    Thread* me = controlled();
    return me != nullptr ? lock_exclusive(*me, lock, from_absolute(*deadline, clock))
                         : real().pthread_rwlock_clockwrlock(lock, clock, deadline);
}

COURSE_REDEFINED int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_rwlock_trywrlock(lock);
    }
    scheduler().point(*me, Operation::try_lock, lock);
    const int error = tried_lock(*me, lock, real().pthread_rwlock_trywrlock(lock));
    if (error == 0) {
        race_detector().acquire(me->id, left_by_readers(lock));
    }
    return error;
}

COURSE_REDEFINED int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_rwlock_unlock(lock);
    }
    const int error = unlock(*me, lock);
    after_effect(*me, Operation::unlock, lock);
    return error;
}
