// Bare socketpairs and posix_spawn.
#include "bare.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace bare {

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Read at least \p size bytes, a whole number of messages of \p size. \return  bytes; 0 at the end.
int read_messages(int socket, char* to, int size, int most) {
    int got = 0;
    do {
        const auto part = read(socket, to + got, static_cast<std::size_t>(most - got));
        if (part <= 0)
            return 0;
        got += static_cast<int>(part);
    } while (got % size != 0);
    return got;
}

void write_all(int socket, const char* from, int size) {
    for (int done = 0; done < size;) {
        const auto part = write(socket, from + done, static_cast<std::size_t>(size - done));
        if (part <= 0)
            throw std::runtime_error("write");
        done += static_cast<int>(part);
    }
}

}  // namespace

Children::Children(int count, int size) : size_(size) {
    for (int i = 0; i < count; ++i) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            throw std::runtime_error("socketpair");
        const pid_t pid = fork();
        if (pid == 0) {
            close(ends[0]);
            for (const int other : sockets_)
                close(other);
            std::vector<char> bytes(static_cast<std::size_t>(size) * 64);
            while (const int got = read_messages(ends[1], bytes.data(), size, size * 64))
                write_all(ends[1], bytes.data(), got);
            _exit(0);
        }
        close(ends[1]);
        sockets_.push_back(ends[0]);
        pids_.push_back(pid);
    }
}

Children::~Children() {
    for (const int socket : sockets_)
        close(socket);
    for (const int pid : pids_)
        waitpid(pid, nullptr, 0);
}

double Children::ping_pong(int times) {
    std::vector<char> bytes(static_cast<std::size_t>(size_));
    const auto start = Clock::now();
    for (int i = 0; i < times; ++i) {
        write_all(sockets_[0], bytes.data(), size_);
        read_messages(sockets_[0], bytes.data(), size_, size_);
    }
    return since(start);
}

double Children::window(int times) {
    std::vector<char> bytes(static_cast<std::size_t>(size_) * 64);
    const auto start = Clock::now();
    int sent = 0, back = 0;
    while (back < times) {
        const int more = std::min(64 - (sent - back), times - sent);
        if (more > 0)
            write_all(sockets_[0], bytes.data(), more * size_);
        sent += more;
        back += read_messages(sockets_[0], bytes.data(), size_, size_ * 64) / size_;
    }
    return since(start);
}

double Children::shared_out(int times) {
    std::vector<char> bytes(static_cast<std::size_t>(size_));
    std::vector<pollfd> waiting;
    for (const int socket : sockets_)
        waiting.push_back({socket, POLLIN, 0});
    const auto start = Clock::now();
    int sent = 0, back = 0;
    for (const int socket : sockets_)
        write_all(socket, bytes.data(), size_), ++sent;
    while (back < times) {
        poll(waiting.data(), waiting.size(), -1);
        for (const auto& one : waiting) {
            if (one.revents == 0)
                continue;
            read_messages(one.fd, bytes.data(), size_, size_);
            ++back;
            if (sent < times)
                write_all(one.fd, bytes.data(), size_), ++sent;
        }
    }
    return since(start);
}

double spawn(int count) {
    const auto start = Clock::now();
    std::vector<pid_t> pids(static_cast<std::size_t>(count));
    char name[] = "/bin/true";
    char* const arguments[] = {name, nullptr};
    char* const environment[] = {nullptr};
    for (pid_t& pid : pids)
        if (posix_spawn(&pid, name, nullptr, nullptr, arguments, environment) != 0)
            throw std::runtime_error("posix_spawn");
    for (const pid_t pid : pids)
        waitpid(pid, nullptr, 0);
    return since(start);
}

}  // namespace bare
