// Mistake: Writes the prices into shared memory: nobody can say why one is missing.
// Loses:   09.4
// Hint:    There is no socket in the child. How did its orders get there, as messages?
#include "messages.hpp"

#include <sys/mman.h>
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

namespace {}  // namespace

double parallel_sum(const std::vector<std::string>& orders, std::size_t workers,
                    const Price& price) {
    if (workers == 0)
        throw std::invalid_argument("nobody is there to price an order");
    const std::size_t size = sizeof(double) * orders.size() + 1;
    auto* const prices = static_cast<double*>(
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    std::vector<pid_t> children;
    for (std::size_t i = 0; i < workers; ++i) {
        children.push_back(fork());
        if (children.back() != 0)
            continue;
        try {
            for (std::size_t k = i; k < orders.size(); k += workers)
                prices[k] = price(orders[k]);
        } catch (...) {
            _exit(1);
        }
        _exit(0);
    }
    bool all_well = true;
    for (const pid_t child : children) {
        int status = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        all_well = all_well && status == 0;
    }
    double sum = 0;
    for (std::size_t i = 0; i < orders.size(); ++i)
        sum += prices[i];
    munmap(prices, size);
    if (!all_well)
        throw std::runtime_error("an order has no price");
    return sum;
}

}  // namespace lab
