// The load: a message on each connection, and the next one when its echo is there.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "echo_bench.hpp"

namespace echo_bench {

namespace {

constexpr std::size_t message_size = 64;
using Clock = std::chrono::steady_clock;

class Connection {
  public:
    explicit Connection(std::uint16_t port)
        : descriptor_(checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
        sockaddr_in house{};
        house.sin_family = AF_INET;
        house.sin_port = htons(port);
        house.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        checked(connect(descriptor_, reinterpret_cast<const sockaddr*>(&house), sizeof house),
                "connect");
        const int yes = 1;
        setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    ~Connection() { close(descriptor_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int descriptor() const { return descriptor_; }

    void ask() {
        const std::array<char, message_size> message{};
        checked(static_cast<int>(send(descriptor_, message.data(), message.size(), MSG_NOSIGNAL)),
                "send");
    }
    /// Read what is there. Whether that was the end of an echo.
    bool hear() {
        std::array<char, message_size> bytes;
        const int size = checked(
            static_cast<int>(recv(descriptor_, bytes.data(), message_size - heard_, 0)), "recv");
        if (size == 0)
            throw std::system_error(ECONNRESET, std::generic_category(), "the server has closed");
        heard_ = (heard_ + static_cast<std::size_t>(size)) % message_size;
        return heard_ == 0;
    }

  private:
    int descriptor_;
    std::size_t heard_ = 0;
};

}  // namespace

int checked(int value, const char* what) {
    if (value < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return value;
}

Echoes load(std::uint16_t port, int connections, std::chrono::milliseconds duration) {
    const int epoll = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    std::vector<std::unique_ptr<Connection>> all;
    for (int i = 0; i < connections; ++i) {
        all.push_back(std::make_unique<Connection>(port));
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.ptr = all.back().get();
        checked(epoll_ctl(epoll, EPOLL_CTL_ADD, all.back()->descriptor(), &wanted), "epoll_ctl");
        all.back()->ask();
    }
    Echoes echoes;
    const auto start = Clock::now();
    auto now = start;
    while (now < start + duration) {
        std::array<epoll_event, 128> events;
        const int count =
            checked(epoll_wait(epoll, events.data(), events.size(), -1), "epoll_wait");
        for (int i = 0; i < count; ++i) {
            auto& connection =
                *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (connection.hear()) {
                ++echoes.count;
                connection.ask();
            }
        }
        now = Clock::now();
    }
    close(epoll);
    echoes.seconds = std::chrono::duration<double>(now - start).count();
    return echoes;
}

}  // namespace echo_bench
