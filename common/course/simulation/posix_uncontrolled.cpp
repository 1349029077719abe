// The calls that wait and that the simulation does not control: they end in a verdict that names
// them, and never in a hang.
#include <aio.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

#include "calls.hpp"

namespace course::simulation {
namespace {

void refuse(const char* call) {
    if (controlled() != nullptr) {
        scheduler().end(Verdict::not_controlled, "%s", call);
    }
}

/// The next definition of the function that is being redefined.
template <class F>
F* next(F*, const char* name) {
    return reinterpret_cast<F*>(next_definition(name));
}

}  // namespace
}  // namespace course::simulation

using namespace course::simulation;

// Defines `call` with the given parameters as: refuse it under control, else hand it on.
#define COURSE_REFUSED(result, call, parameters, arguments) \
    COURSE_REDEFINED result call parameters {               \
        refuse(#call);                                      \
        return next(&::call, #call) arguments;              \
    }

COURSE_REFUSED(int, pause, (), ())
COURSE_REFUSED(int, sigsuspend, (const sigset_t* set), (set))
COURSE_REFUSED(int, sigwait, (const sigset_t* set, int* signal), (set, signal))
COURSE_REFUSED(int, sigwaitinfo, (const sigset_t* set, siginfo_t* info), (set, info))
COURSE_REFUSED(int, sigtimedwait, (const sigset_t* set, siginfo_t* info, const timespec* timeout),
               (set, info, timeout))
COURSE_REFUSED(int, pthread_cancel, (pthread_t thread), (thread))
COURSE_REFUSED(unsigned, alarm, (unsigned seconds) noexcept, (seconds))
COURSE_REFUSED(int, timer_create, (clockid_t clock, sigevent* event, timer_t* timer) noexcept,
               (clock, event, timer))
COURSE_REFUSED(int, flock, (int descriptor, int operation) noexcept, (descriptor, operation))
COURSE_REFUSED(int, lockf, (int descriptor, int command, off_t length),
               (descriptor, command, length))
COURSE_REFUSED(int, semop, (int id, sembuf* operations, size_t count) noexcept,
               (id, operations, count))
COURSE_REFUSED(int, semtimedop,
               (int id, sembuf* operations, size_t count, const timespec* timeout) noexcept,
               (id, operations, count, timeout))
COURSE_REFUSED(int, msgsnd, (int id, const void* message, size_t size, int flags),
               (id, message, size, flags))
COURSE_REFUSED(ssize_t, msgrcv, (int id, void* message, size_t size, long type, int flags),
               (id, message, size, type, flags))
COURSE_REFUSED(ssize_t, mq_receive, (mqd_t queue, char* message, size_t size, unsigned* priority),
               (queue, message, size, priority))
COURSE_REFUSED(int, mq_send, (mqd_t queue, const char* message, size_t size, unsigned priority),
               (queue, message, size, priority))
COURSE_REFUSED(int, aio_suspend, (const aiocb* const list[], int count, const timespec* timeout),
               (list, count, timeout))
COURSE_REFUSED(void, flockfile, (FILE * file) noexcept, (file))
COURSE_REFUSED(int, epoll_pwait2,
               (int epoll, epoll_event* events, int size, const timespec* timeout,
                const sigset_t* signals),
               (epoll, events, size, timeout, signals))
