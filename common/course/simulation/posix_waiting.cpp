// Redefines what else in pthread makes a thread wait: semaphores, barriers and spin locks.
#include <errno.h>

#include "calls.hpp"

namespace course::simulation {
namespace {

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
}  // namespace course::simulation

using namespace course::simulation;

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
    scheduler().holds(*me, object, true);
    return error;
}

COURSE_REDEFINED int pthread_spin_trylock(pthread_spinlock_t* spin) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_spin_trylock(spin);
    }
    const void* object = const_cast<const int*>(spin);
    scheduler().point(*me, Operation::try_lock, object);
    return tried_lock(*me, object, real().pthread_spin_trylock(spin));
}

COURSE_REDEFINED int pthread_spin_unlock(pthread_spinlock_t* spin) noexcept {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().pthread_spin_unlock(spin);
    }
    const void* object = const_cast<const int*>(spin);
    race_detector().release(me->id, object);
    const int error = real().pthread_spin_unlock(spin);
    scheduler().holds(*me, object, false);
    if (scheduler().wake(Operation::lock, object) > 0) {
        scheduler().effect(*me, true);
    }
    after_effect(*me, Operation::unlock, object);
    return error;
}
