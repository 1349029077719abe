// As little as an echo server can be: one thread, one epoll, no timer, no limit, no way to stop it.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "echo_bench.hpp"

namespace echo_bench {

namespace {

void watch(int epoll, int descriptor) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.fd = descriptor;
    checked(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &wanted), "epoll_ctl");
}

/// A guest of the benchmark never sends more than fits, so a short write is not met.
void answer(int guest) {
    std::array<char, 16 * 1024> bytes;
    const ssize_t size = recv(guest, bytes.data(), bytes.size(), 0);
    if (size <= 0 ||
        send(guest, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size)
        close(guest);
}

}  // namespace

void serve_bare(int listening) {
    const int epoll = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    watch(epoll, listening);
    std::array<epoll_event, 128> events;
    for (;;) {
        const int count =
            checked(epoll_wait(epoll, events.data(), events.size(), -1), "epoll_wait");
        for (int i = 0; i < count; ++i) {
            const int ready = events[static_cast<std::size_t>(i)].data.fd;
            if (ready == listening)
                watch(epoll,
                      checked(accept4(listening, nullptr, nullptr, SOCK_NONBLOCK), "accept4"));
            else
                answer(ready);
        }
    }
}

}  // namespace echo_bench
