// Mistake: Looks whether there are orders before it looks whether there are workers.
// Loses:   09.4
// Hint:    What if there is less to do than there are workers, or nobody to do it?
#include "messages.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace lab {

namespace {

/// Given: the result of a system call, or an exception if it failed.
template <class Result>
Result checked(Result result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

/// Given: the eight bytes of \p price, and back.
std::string packed(double price) {
    std::string bytes(sizeof price, '\0');
    std::memcpy(bytes.data(), &price, sizeof price);
    return bytes;
}
double unpacked(std::string_view bytes) {
    double price = 0;
    if (bytes.size() != sizeof price)
        throw std::runtime_error("a price has eight bytes");
    std::memcpy(&price, bytes.data(), sizeof price);
    return price;
}

/// Send all of \p bytes: a socket takes what it has room for.
void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        // MSG_NOSIGNAL: a peer that is gone is an error (EPIPE), not the end of us.
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        bytes.remove_prefix(static_cast<std::size_t>(checked(sent, "cannot send")));
    }
}

/// Fill \p size bytes at \p bytes, unless the peer closes its end before.
/// \return  how many came.
std::size_t receive_all(int socket, char* bytes, std::size_t size) {
    std::size_t have = 0;
    while (have < size) {
        const ssize_t got = ::recv(socket, bytes + have, size - have, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (checked(got, "cannot receive") == 0)
            break;
        have += static_cast<std::size_t>(got);
    }
    return have;
}

}  // namespace

void send_message(int socket, std::string_view message) {
    if (message.size() > longest_message)
        throw std::length_error("the message is too long");
    std::string frame;
    for (const int shift : {24, 16, 8, 0})
        frame += static_cast<char>(message.size() >> shift);
    frame += message;
    send_all(socket, frame);
}

std::optional<std::string> receive_message(int socket) {
    char header[4];
    const std::size_t begun = receive_all(socket, header, sizeof header);
    if (begun == 0)
        return std::nullopt;  // between two frames: the end
    if (begun < sizeof header)
        throw std::runtime_error("the peer is gone in the middle of a length");
    std::uint32_t length = 0;
    for (const char byte : header)
        length = length << 8 | static_cast<unsigned char>(byte);  // a char may be negative
    if (length > longest_message)
        throw std::length_error("no message is that long");  // before any memory is asked for
    std::string message(length, '\0');
    if (receive_all(socket, message.data(), length) < length)
        throw std::runtime_error("the peer is gone in the middle of a message");
    return message;
}

void serve(int socket, const Price& price) {
    while (const auto order = receive_message(socket)) {
        std::string answer;
        try {
            answer = "=" + packed(price(*order));
        } catch (const std::exception& error) {
            answer = std::string("!") + error.what();
        } catch (...) {
            answer = "!unknown";
        }
        send_message(socket, answer);  // outside: its failure is no answer
    }
}

namespace {

/// The price in \p answer, or an exception if there is none.
double price_in(const std::optional<std::string>& answer) {
    if (!answer)
        throw std::runtime_error("a child has died");
    if (answer->starts_with('!'))
        throw std::runtime_error(answer->substr(1));
    return unpacked(std::string_view(*answer).substr(1));
}

/// Children that serve, each behind a socket of its own. On every way out all have ended.
class Children {
  public:
    Children() = default;
    ~Children() {
        // First all sockets, so that every child sees the end, then all waits.
        for (const auto& child : all_)
            close(child.socket);
        for (const auto& child : all_)
            while (waitpid(child.number, nullptr, 0) < 0 && errno == EINTR) {
            }
    }
    Children(const Children&) = delete;
    Children& operator=(const Children&) = delete;

    void add(const Price& price) {
        all_.reserve(all_.size() + 1);  // so that nothing fails once the child is there
        int ends[2];
        checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "no sockets");
        const pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            for (const auto& sibling : all_)
                close(sibling.socket);  // else it would never see its end
            work(ends[1], price);
        }
        close(ends[1]);  // else we would never see the child's end
        if (child < 0) {
            const int error = errno;
            close(ends[0]);
            throw std::system_error(error, std::generic_category(), "cannot fork");
        }
        all_.push_back({child, ends[0]});
    }

    std::size_t size() const { return all_.size(); }
    int socket(std::size_t index) const { return all_[index].socket; }

  private:
    struct Child {
        pid_t number;
        int socket;
    };

    /// What a child does. No exception may leave it: it would unwind into code that is the parent's.
    [[noreturn]] static void work(int socket, const Price& price) {
        try {
            serve(socket, price);
        } catch (...) {
            _exit(1);
        }
        _exit(0);  // not exit: the exit handlers are the parent's
    }

    std::vector<Child> all_;
};

}  // namespace

double parallel_sum(const std::vector<std::string>& orders, std::size_t workers,
                    const Price& price) {
    if (orders.empty())
        return 0;
    if (workers == 0)
        throw std::invalid_argument("nobody is there to price an order");
    Children children;
    for (std::size_t i = 0; i < std::min(workers, orders.size()); ++i)
        children.add(price);
    double sum = 0;
    // In rounds, one order per child: whoever writes has somebody who reads.
    const std::size_t many = children.size();
    for (std::size_t first = 0; first < orders.size(); first += many) {
        const std::size_t count = std::min(many, orders.size() - first);
        for (std::size_t i = 0; i < count; ++i)
            send_message(children.socket(i), orders[first + i]);
        for (std::size_t i = 0; i < count; ++i)
            sum += price_in(receive_message(children.socket(i)));
    }
    return sum;
}

}  // namespace lab
