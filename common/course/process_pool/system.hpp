// System calls that are checked, and descriptors that close themselves.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace course::pool {

/// \p result of a system call if it succeeded.
/// \throws std::system_error  that names \p call, if it is -1.
template <class Result>
Result checked(Result result, const char* call) {
    if (result == Result(-1))
        throw std::system_error(errno, std::generic_category(), call);
    return result;
}

/// Call \p call again as long as a signal interrupts it.
template <class Call>
auto retried(Call call) {
    auto result = call();
    while (result == -1 && errno == EINTR)
        result = call();
    return result;
}

/// The only owner of a descriptor.
class Descriptor {
  public:
    Descriptor() = default;
    /// Own \p number, or nothing if it is -1.
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other)
            reset(std::exchange(other.number_, -1));
        return *this;
    }
    ~Descriptor() { reset(); }

    /// Its number; -1 if there is none.
    int get() const noexcept { return number_; }
    /// Close it and own \p number.
    void reset(int number = -1) noexcept {
        if (number_ != -1)
            ::close(number_);
        number_ = number;
    }

  private:
    int number_ = -1;
};

/// Both ends of a new pair of connected sockets of that \p type, closed by exec.
/// \throws std::system_error  if descriptors are short.
inline std::pair<Descriptor, Descriptor> socket_pair(int type) {
    int ends[2];
    checked(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), "socketpair");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace course::pool
