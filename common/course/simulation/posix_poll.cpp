// Redefines poll, select, epoll and timer descriptors.
#include <errno.h>
#include <sys/eventfd.h>

#include <algorithm>

#include "calls.hpp"
#include "files.hpp"
#include "timers.hpp"

namespace course::simulation {
namespace {

Time deadline_after(int milliseconds) {
    return milliseconds < 0 ? never : scheduler().after(milliseconds * Time{1'000'000});
}

/// Poll until something is ready. A poll for no time lets others run, as it is made in loops.
int poll_until(Thread& me, pollfd* entries, nfds_t count, Time deadline) {
    scheduler().point(me, Operation::input_output, nullptr);
    PollSet set{entries, count};
    const bool ready = wait_ready(me, set, deadline);
    const long found = raw_syscall(SYS_poll, word(entries), static_cast<long>(count), 0);
    if (ready) {
        received(me);
    } else if (deadline <= scheduler().now() && found == 0) {
        scheduler().effect(me, false);
        if (scheduler().goes_in_circles(me)) {
            scheduler().yield(me);
        }
    }
    if (found < 0) {
        errno = static_cast<int>(-found);
        return -1;
    }
    return static_cast<int>(found);
}

int epoll_until(Thread& me, int epoll, epoll_event* events, int size, Time deadline) {
    pollfd entry{epoll, POLLIN, 0};
    poll_until(me, &entry, 1, deadline);
    return real().epoll_wait(epoll, events, size, 0);
}

int select_until(Thread& me, int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
                 Time deadline) {
    pollfd entries[FD_SETSIZE];
    nfds_t used = 0;
    for (int descriptor = 0; descriptor < count; ++descriptor) {
        const auto in = [descriptor](fd_set* set) {
            return set != nullptr && FD_ISSET(descriptor, set);
        };
        const int events = (in(readable) ? POLLIN : 0) | (in(writable) ? POLLOUT : 0) |
                           (in(exceptional) ? POLLPRI : 0);
        if (events != 0) {
            entries[used++] = {descriptor, static_cast<short>(events), 0};
        }
    }
    if (poll_until(me, entries, used, deadline) < 0) {
        return -1;
    }
    int bits = 0;
    for (nfds_t i = 0; i < used; ++i) {
        const auto keep = [&](fd_set* set, int wanted, int ready) {
            if (set != nullptr && (entries[i].events & wanted) != 0) {
                if ((entries[i].revents & ready) != 0) {
                    ++bits;
                } else {
                    FD_CLR(entries[i].fd, set);
                }
            }
        };
        keep(readable, POLLIN, POLLIN | POLLHUP | POLLERR);
        keep(writable, POLLOUT, POLLOUT | POLLERR);
        keep(exceptional, POLLPRI, POLLPRI);
    }
    return bits;
}

}  // namespace
}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED int poll(pollfd* entries, nfds_t count, int timeout) {
    Thread* me = controlled();
    return me != nullptr ? poll_until(*me, entries, count, deadline_after(timeout))
                         : real().poll(entries, count, timeout);
}

COURSE_REDEFINED int ppoll(pollfd* entries, nfds_t count, const timespec* timeout,
                           const sigset_t* signals) {
    Thread* me = controlled();
    return me != nullptr ? poll_until(*me, entries, count,
                                      timeout != nullptr ? from_relative(*timeout) : never)
                         : real().ppoll(entries, count, timeout, signals);
}

COURSE_REDEFINED int select(int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
                            timeval* timeout) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().select(count, readable, writable, exceptional, timeout);
    }
    const Time deadline =
        timeout != nullptr ? from_relative({timeout->tv_sec, timeout->tv_usec * 1000}) : never;
    return select_until(*me, count, readable, writable, exceptional, deadline);
}

COURSE_REDEFINED int pselect(int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
                             const timespec* timeout, const sigset_t* signals) {
    Thread* me = controlled();
    return me != nullptr ? select_until(*me, count, readable, writable, exceptional,
                                        timeout != nullptr ? from_relative(*timeout) : never)
                         : real().pselect(count, readable, writable, exceptional, timeout, signals);
}

COURSE_REDEFINED int epoll_wait(int epoll, epoll_event* events, int size, int timeout) {
    Thread* me = controlled();
    return me != nullptr ? epoll_until(*me, epoll, events, size, deadline_after(timeout))
                         : real().epoll_wait(epoll, events, size, timeout);
}

COURSE_REDEFINED int epoll_pwait(int epoll, epoll_event* events, int size, int timeout,
                                 const sigset_t* signals) {
    Thread* me = controlled();
    return me != nullptr ? epoll_until(*me, epoll, events, size, deadline_after(timeout))
                         : real().epoll_pwait(epoll, events, size, timeout, signals);
}

COURSE_REDEFINED int timerfd_create(int clock, int flags) noexcept {
    if (controlled() == nullptr) {
        return real().timerfd_create(clock, flags);
    }
    const int descriptor = eventfd(0, ((flags & TFD_NONBLOCK) != 0 ? EFD_NONBLOCK : 0) |
                                          ((flags & TFD_CLOEXEC) != 0 ? EFD_CLOEXEC : 0));
    if (descriptor >= 0) {
        Timers::instance().add(descriptor);
    }
    return descriptor;
}

COURSE_REDEFINED int timerfd_settime(int descriptor, int flags, const itimerspec* next,
                                     itimerspec* previous) noexcept {
    if (controlled() == nullptr || !Timers::instance().has(descriptor)) {
        return real().timerfd_settime(descriptor, flags, next, previous);
    }
    if (previous != nullptr) {
        timerfd_gettime(descriptor, previous);
    }
    const bool armed = next->it_value.tv_sec != 0 || next->it_value.tv_nsec != 0;
    const bool absolute = (flags & TFD_TIMER_ABSTIME) != 0;
    const Time deadline = !armed     ? never
                          : absolute ? from_absolute(next->it_value, CLOCK_MONOTONIC)
                                     : from_relative(next->it_value);
    std::uint64_t unread;
    pollfd entry{descriptor, POLLIN, 0};
    if (raw_syscall(SYS_poll, word(&entry), 1, 0) > 0) {  // setting a timer forgets what it counted
        raw_syscall(SYS_read, descriptor, word(&unread), sizeof unread);
    }
    Timers::instance().set(descriptor, deadline,
                           next->it_interval.tv_sec * 1'000'000'000 + next->it_interval.tv_nsec);
    if (deadline <= scheduler().now()) {
        Timers::instance().advance(scheduler().now());
    }
    return 0;
}

COURSE_REDEFINED int timerfd_gettime(int descriptor, itimerspec* current) noexcept {
    if (controlled() == nullptr || !Timers::instance().has(descriptor)) {
        return real().timerfd_gettime(descriptor, current);
    }
    const Time deadline = Timers::instance().deadline(descriptor);
    const Time interval = Timers::instance().interval(descriptor);
    const Time left = deadline == never ? 0 : std::max<Time>(deadline - scheduler().now(), 1);
    current->it_value = {left / 1'000'000'000, left % 1'000'000'000};
    current->it_interval = {interval / 1'000'000'000, interval % 1'000'000'000};
    return 0;
}
