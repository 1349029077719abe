// Redefines reading and writing: whoever would wait in the kernel waits at the scheduler instead.
//
// Descriptors are real, and so is what goes through them. Before a call that could wait, the
// descriptor is polled; the call itself is made so that the kernel does not wait.
//
// For the race detector everything that goes out is ordered before everything that comes in later:
// it does not know which descriptors are two ends of the same thing.
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "calls.hpp"
#include "files.hpp"
#include "timers.hpp"

namespace course::simulation {
namespace {

const char all_descriptors = 0;

bool any_ready(void* context) {
    const auto& set = *static_cast<PollSet*>(context);
    return raw_syscall(SYS_poll, word(set.entries), static_cast<long>(set.count), 0) > 0;
}

/// When a socket's own time-out for receiving or sending ends.
Time socket_deadline(int descriptor, short events) {
    timeval limit{};
    socklen_t size = sizeof limit;
    const int which = (events & POLLIN) != 0 ? SO_RCVTIMEO : SO_SNDTIMEO;
    const bool limited = getsockopt(descriptor, SOL_SOCKET, which, &limit, &size) == 0 &&
                         (limit.tv_sec != 0 || limit.tv_usec != 0);
    return limited ? from_relative({limit.tv_sec, limit.tv_usec * 1000}) : never;
}

/// Makes a descriptor non-blocking for the length of a call.
class NonBlocking {
  public:
    explicit NonBlocking(int descriptor)
        : descriptor_(descriptor), flags_(fcntl(descriptor, F_GETFL)) {
        if (blocks()) {
            fcntl(descriptor_, F_SETFL, flags_ | O_NONBLOCK);
        }
    }
    ~NonBlocking() {
        if (blocks()) {
            const int saved = errno;
            fcntl(descriptor_, F_SETFL, flags_);
            errno = saved;
        }
    }
    NonBlocking(const NonBlocking&) = delete;
    NonBlocking& operator=(const NonBlocking&) = delete;

    /// Whether calls on the descriptor wait, as the program sees it.
    bool blocks() const { return flags_ >= 0 && (flags_ & O_NONBLOCK) == 0; }

  private:
    int descriptor_;
    int flags_;
};

/// Perform \p call, which the kernel would let wait for \p events, under control.
template <class Call>
auto transfer(Thread& me, int descriptor, short events, bool may_wait, Call call) {
    scheduler().point(me, Operation::input_output, nullptr);
    if ((events & POLLOUT) != 0) {
        sent(me);
    }
    decltype(call()) result;
    for (;;) {
        bool blocks;
        {
            const NonBlocking for_this_call(descriptor);
            blocks = for_this_call.blocks() && may_wait;
            result = call();
        }
        if (result >= 0 || (errno != EAGAIN && errno != EINPROGRESS) || !blocks) {
            break;
        }
        pollfd entry{descriptor, events, 0};
        PollSet set{&entry, 1};
        if (!wait_ready(me, set, socket_deadline(descriptor, events))) {
            errno = EAGAIN;
            break;
        }
    }
    if ((events & POLLIN) != 0) {
        received(me);
    }
    scheduler().effect(me, true);
    return result;
}

/// Write all, as a blocking write does: in pieces, if the reader is slow.
template <class Call>
ssize_t transfer_all(Thread& me, int descriptor, std::size_t size, bool may_wait, Call call) {
    std::size_t done = 0;
    do {
        const ssize_t result =
            transfer(me, descriptor, POLLOUT, may_wait, [&] { return call(done); });
        if (result < 0) {
            return done > 0 ? static_cast<ssize_t>(done) : -1;
        }
        done += static_cast<std::size_t>(result);
        if (result == 0 || (fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0) {
            break;
        }
    } while (done < size && may_wait);
    return static_cast<ssize_t>(done);
}

std::size_t total(const iovec* parts, int count) {
    std::size_t sum = 0;
    for (int i = 0; i < count; ++i) {
        sum += parts[i].iov_len;
    }
    return sum;
}

const char* at(const void* data, std::size_t offset) {
    return static_cast<const char*>(data) + offset;
}

int connect_under_control(Thread& me, int descriptor, const sockaddr* address, socklen_t size) {
    scheduler().point(me, Operation::input_output, nullptr);
    sent(me);
    int result;
    bool blocks;
    {
        const NonBlocking for_this_call(descriptor);
        blocks = for_this_call.blocks();
        result = real().connect(descriptor, address, size);
    }
    if (result == 0 || !blocks || (errno != EINPROGRESS && errno != EAGAIN)) {
        return result;
    }
    pollfd entry{descriptor, POLLOUT, 0};
    PollSet set{&entry, 1};
    wait_ready(me, set, never);
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    return error == 0 ? 0 : -1;
}

}  // namespace

void sent(Thread& me) {
    race_detector().release(me.id, &all_descriptors);
}

void received(Thread& me) {
    race_detector().acquire(me.id, &all_descriptors);
}

bool wait_ready(Thread& me, PollSet& set, Time deadline) {
    return any_ready(&set) || (deadline > scheduler().now() &&
                               scheduler().block_outside(me, Operation::input_output, nullptr,
                                                         any_ready, &set, deadline));
}

}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED ssize_t read(int descriptor, void* data, size_t size) {
    Thread* me = controlled();
    return me == nullptr ? real().read(descriptor, data, size)
                         : transfer(*me, descriptor, POLLIN, true,
                                    [&] { return real().read(descriptor, data, size); });
}

COURSE_REDEFINED ssize_t readv(int descriptor, const iovec* parts, int count) {
    Thread* me = controlled();
    return me == nullptr ? real().readv(descriptor, parts, count)
                         : transfer(*me, descriptor, POLLIN, true,
                                    [&] { return real().readv(descriptor, parts, count); });
}

COURSE_REDEFINED ssize_t recv(int descriptor, void* data, size_t size, int flags) {
    Thread* me = controlled();
    return me == nullptr ? real().recv(descriptor, data, size, flags)
                         : transfer(*me, descriptor, POLLIN, (flags & MSG_DONTWAIT) == 0,
                                    [&] { return real().recv(descriptor, data, size, flags); });
}

COURSE_REDEFINED ssize_t recvfrom(int descriptor, void* data, size_t size, int flags,
                                  sockaddr* sender, socklen_t* sender_size) {
    Thread* me = controlled();
    const auto call = [&] {
        return real().recvfrom(descriptor, data, size, flags, sender, sender_size);
    };
    return me == nullptr ? call()
                         : transfer(*me, descriptor, POLLIN, (flags & MSG_DONTWAIT) == 0, call);
}

COURSE_REDEFINED ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
    Thread* me = controlled();
    const auto call = [&] { return real().recvmsg(descriptor, message, flags); };
    return me == nullptr ? call()
                         : transfer(*me, descriptor, POLLIN, (flags & MSG_DONTWAIT) == 0, call);
}

COURSE_REDEFINED ssize_t write(int descriptor, const void* data, size_t size) {
    Thread* me = controlled();
    return me == nullptr ? real().write(descriptor, data, size)
                         : transfer_all(*me, descriptor, size, true, [&](std::size_t done) {
                               return real().write(descriptor, at(data, done), size - done);
                           });
}

COURSE_REDEFINED ssize_t writev(int descriptor, const iovec* parts, int count) {
    Thread* me = controlled();
    if (me == nullptr) {
        return real().writev(descriptor, parts, count);
    }
    const auto call = [&] { return real().writev(descriptor, parts, count); };
    const ssize_t first = transfer(*me, descriptor, POLLOUT, true, call);
    if (first >= 0 && static_cast<std::size_t>(first) < total(parts, count) &&
        (fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0) {
        scheduler().end(Verdict::not_controlled, "a writev that does not fit at once");
    }
    return first;
}

COURSE_REDEFINED ssize_t send(int descriptor, const void* data, size_t size, int flags) {
    Thread* me = controlled();
    return me == nullptr
               ? real().send(descriptor, data, size, flags)
               : transfer_all(
                     *me, descriptor, size, (flags & MSG_DONTWAIT) == 0, [&](std::size_t done) {
                         return real().send(descriptor, at(data, done), size - done, flags);
                     });
}

COURSE_REDEFINED ssize_t sendto(int descriptor, const void* data, size_t size, int flags,
                                const sockaddr* receiver, socklen_t receiver_size) {
    Thread* me = controlled();
    const auto call = [&] {
        return real().sendto(descriptor, data, size, flags, receiver, receiver_size);
    };
    return me == nullptr ? call()
                         : transfer(*me, descriptor, POLLOUT, (flags & MSG_DONTWAIT) == 0, call);
}

COURSE_REDEFINED ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
    Thread* me = controlled();
    const auto call = [&] { return real().sendmsg(descriptor, message, flags); };
    return me == nullptr ? call()
                         : transfer(*me, descriptor, POLLOUT, (flags & MSG_DONTWAIT) == 0, call);
}

COURSE_REDEFINED int accept(int descriptor, sockaddr* address, socklen_t* size) {
    Thread* me = controlled();
    const auto call = [&] { return real().accept(descriptor, address, size); };
    return me == nullptr ? call() : transfer(*me, descriptor, POLLIN, true, call);
}

COURSE_REDEFINED int accept4(int descriptor, sockaddr* address, socklen_t* size, int flags) {
    Thread* me = controlled();
    const auto call = [&] { return real().accept4(descriptor, address, size, flags); };
    return me == nullptr ? call() : transfer(*me, descriptor, POLLIN, true, call);
}

COURSE_REDEFINED int connect(int descriptor, const sockaddr* address, socklen_t size) {
    Thread* me = controlled();
    return me == nullptr ? real().connect(descriptor, address, size)
                         : connect_under_control(*me, descriptor, address, size);
}

COURSE_REDEFINED int close(int descriptor) {
    if (Thread* me = controlled()) {
        Timers::instance().remove(descriptor);
        sent(*me);  // the other end sees the end of the stream
    }
    return real().close(descriptor);
}
