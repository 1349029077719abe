// Redefines mutexes, condition variables, read-write locks, spin locks, barriers and semaphores.
//
// The lock itself keeps its real state, which the real try-lock tests and sets. Only the waiting is
// ours: who finds a lock taken waits at the scheduler, under the lock's address.
#include <errno.h>

#include "calls.hpp"

namespace course::simulation {
namespace {

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
    return error;
}

int unlock(Thread& me, pthread_rwlock_t* lock) {
    const bool writer = lock->__data.__cur_writer == me.tid;
    race_detector().release(me.id, writer ? lock : left_by_readers(lock));
    const int error = real().pthread_rwlock_unlock(lock);
    const int woken =
        scheduler().wake(Operation::lock, lock) + scheduler().wake(Operation::lock_shared, lock);
    if (woken > 0) {
        scheduler().effect(me, true);
    }
    return error;
}

/// What a try-lock returned; a loop around one that fails must let others run.
int tried(Thread& me, const void* lock, int error) {
    if (error == 0) {
        race_detector().acquire(me.id, lock);
    }
    scheduler().effect(me, error == 0);
    if (scheduler().goes_in_circles(me)) {
        scheduler().yield(me);
    }
    return error;
}

int wait(Thread& me, sem_t* semaphore, Time deadline) {
    scheduler().point(me, Operation::semaphore_wait, semaphore);
    while (real().sem_trywait(semaphore) != 0) {
        if (deadline <= scheduler().now()) {
            errno = ETIMEDOUT;
            return -1;
        }
        scheduler().block(me, Operation::semaphore_wait, semaphore, deadline);
    }
    race_detector().acquire(me.id, semaphore);
    return 0;
}

/// How glibc lays a barrier out. Nobody waits in the real one, so `arrived` is free for us.
struct BarrierLayout {
    unsigned arrived;
    unsigned round;
    unsigned count;
};

}  // namespace

int holder_of(const Thread& waiting) {
    switch (waiting.operation) {
        case Operation::lock:
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
    if (me == nullptr) {
        return real().pthread_mutex_trylock(mutex);
    }
    scheduler().point(*me, Operation::try_lock, mutex);
    return tried(*me, mutex, real().pthread_mutex_trylock(mutex));
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

// ---- read-write locks

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
    return tried(*me, lock, real().pthread_rwlock_tryrdlock(lock));
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
    const int error = tried(*me, lock, real().pthread_rwlock_trywrlock(lock));
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

// ---- spin locks

COURSE_REDEFINED int pthread_spin_lock(pthread_spinlock_t* spin) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_spin_lock(spin);
    }
    const void* object = const_cast<const int*>(spin);
    scheduler().point(*me, Operation::lock, object);
    int error;
    while ((error = real().pthread_spin_trylock(spin)) == EBUSY) {
        scheduler().block(*me, Operation::lock, object);
    }
    race_detector().acquire(me->id, object);
    return error;
}

COURSE_REDEFINED int pthread_spin_trylock(pthread_spinlock_t* spin) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_spin_trylock(spin);
    }
    const void* object = const_cast<const int*>(spin);
    scheduler().point(*me, Operation::try_lock, object);
    return tried(*me, object, real().pthread_spin_trylock(spin));
}

COURSE_REDEFINED int pthread_spin_unlock(pthread_spinlock_t* spin) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_spin_unlock(spin);
    }
    const void* object = const_cast<const int*>(spin);
    race_detector().release(me->id, object);
    const int error = real().pthread_spin_unlock(spin);
    if (scheduler().wake(Operation::lock, object) > 0) {
        scheduler().effect(*me, true);
    }
    after_effect(*me, Operation::unlock, object);
    return error;
}

// ---- barriers

COURSE_REDEFINED int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_barrier_wait(barrier);
    }
    auto& layout = *reinterpret_cast<BarrierLayout*>(barrier);
    scheduler().point(*me, Operation::barrier, barrier);
    race_detector().release(me->id, barrier);
    if (++layout.arrived == layout.count) {
        layout.arrived = 0;
        scheduler().wake(Operation::barrier, barrier);
        race_detector().acquire(me->id, barrier);
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    scheduler().block(*me, Operation::barrier, barrier);
    race_detector().acquire(me->id, barrier);
    return 0;
}

// ---- semaphores

COURSE_REDEFINED int sem_wait(sem_t* semaphore) {
    Thread* me = controlled();
    return me != nullptr ? wait(*me, semaphore, never) : real().sem_wait(semaphore);
}

COURSE_REDEFINED int sem_timedwait(sem_t* semaphore, const timespec* deadline) {
    Thread* me = controlled();
    return me != nullptr ? wait(*me, semaphore, from_absolute(*deadline, CLOCK_REALTIME))
                         : real().sem_timedwait(semaphore, deadline);
}

COURSE_REDEFINED int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* deadline) {
    Thread* me = controlled();
    return me != nullptr ? wait(*me, semaphore, from_absolute(*deadline, clock))
                         : real().sem_clockwait(semaphore, clock, deadline);
}

COURSE_REDEFINED int sem_trywait(sem_t* semaphore) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().sem_trywait(semaphore);
    }
    scheduler().point(*me, Operation::try_lock, semaphore);
    const bool taken = real().sem_trywait(semaphore) == 0;
    tried(*me, semaphore, taken ? 0 : EAGAIN);
    errno = taken ? errno : EAGAIN;
    return taken ? 0 : -1;
}

COURSE_REDEFINED int sem_post(sem_t* semaphore) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().sem_post(semaphore);
    }
    scheduler().point(*me, Operation::semaphore_post, semaphore);
    race_detector().release(me->id, semaphore);
    const int error = real().sem_post(semaphore);
    scheduler().wake(Operation::semaphore_wait, semaphore);
    scheduler().effect(*me, true);
    return error;
}
