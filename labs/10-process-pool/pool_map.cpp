// Your work in lab 10: workers that are forked, chunks that go out on demand, results that come back.
#include "pool_map.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <list>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include <course/testing/not_implemented.hpp>

namespace lab {

namespace {

/// Given: the result of a system call, or an exception if it failed.
[[maybe_unused]] int checked(int result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

/// Given: one end of a channel that carries whole messages in both directions (lab 09).
class [[maybe_unused]] Channel {
  public:
    explicit Channel(int descriptor) : descriptor_(descriptor) {}
    ~Channel() { close(); }
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    int descriptor() const { return descriptor_; }
    void close() {
        if (descriptor_ >= 0)
            ::close(descriptor_);
        descriptor_ = -1;
    }

    /// Whether the message could be sent; no if the other end is closed.
    bool send(const std::string& message) const {
        const std::size_t length = message.size();
        return put(&length, sizeof length) && put(message.data(), length);
    }
    /// The next message, as soon as it is complete; nothing if the other end is closed before that.
    std::optional<std::string> receive() const {
        std::size_t length = 0;
        std::string message;
        if (!get(&length, sizeof length))
            return std::nullopt;
        message.resize(length);
        if (!get(message.data(), length))
            return std::nullopt;
        return message;
    }

  private:
    bool put(const void* bytes, std::size_t count) const {
        for (const char* at = static_cast<const char*>(bytes); count > 0;) {
            const ssize_t sent = ::send(descriptor_, at, count, MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR)
                continue;
            if (sent <= 0)
                return false;
            at += sent;
            count -= static_cast<std::size_t>(sent);
        }
        return true;
    }
    bool get(void* bytes, std::size_t count) const {
        for (char* at = static_cast<char*>(bytes); count > 0;) {
            const ssize_t got = ::recv(descriptor_, at, count, 0);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return false;
            at += got;
            count -= static_cast<std::size_t>(got);
        }
        return true;
    }
    int descriptor_;
};

/// Given: the two ends of a new channel.
[[maybe_unused]] std::pair<int, int> channel_ends() {
    int ends[2];
    checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "no channel");
    return {ends[0], ends[1]};
}

/// Given: a number in memory that a process and its forked children share. It can be read when who
/// wrote it is dead.
class [[maybe_unused]] Slate {
  public:
    Slate()
        : number_(static_cast<volatile std::size_t*>(mmap(nullptr, sizeof(std::size_t),
                                                          PROT_READ | PROT_WRITE,
                                                          MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
        if (number_ == MAP_FAILED)
            throw std::bad_alloc();
    }
    ~Slate() { munmap(const_cast<std::size_t*>(number_), sizeof(std::size_t)); }
    Slate(const Slate&) = delete;
    Slate& operator=(const Slate&) = delete;

    void write(std::size_t number) { *number_ = number; }
    std::size_t read() const { return *number_; }

  private:
    volatile std::size_t* number_;
};

/// Given: several texts as one message, and back.
[[maybe_unused]] std::string packed(const std::vector<std::string>& texts) {
    std::string message;
    for (const std::string& text : texts) {
        const std::size_t length = text.size();
        message.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
    }
    return message;
}
[[maybe_unused]] std::vector<std::string> unpacked(const std::string& message) {
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < message.size();) {
        std::size_t length = 0;
        std::memcpy(&length, message.data() + at, sizeof length);
        texts.push_back(message.substr(at + sizeof length, length));
        at += sizeof length + length;
    }
    return texts;
}

}  // namespace

std::vector<Result> pool_map([[maybe_unused]] const Function& function,
                             [[maybe_unused]] const std::vector<Item>& items,
                             [[maybe_unused]] std::size_t workers,
                             [[maybe_unused]] std::size_t chunksize) {
    // TODO(10.1): fork the workers, give each an order, and read what it answers.
    // TODO(10.2): whoever has answered gets the next chunk.
    // TODO(10.3): a call that throws, and a worker that dies.
    // TODO(10.4): what a worker inherits, and when it ends.
    throw course::NotImplemented("10.1");
}

}  // namespace lab
