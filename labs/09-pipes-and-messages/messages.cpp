// Your work in lab 09: messages over a socket, and children that answer them.
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

#include <course/testing/not_implemented.hpp>

namespace lab {

namespace {

/// Given: the result of a system call, or an exception if it failed.
template <class Result>
[[maybe_unused]] Result checked(Result result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

/// Given: the eight bytes of \p price, and back.
[[maybe_unused]] std::string packed(double price) {
    std::string bytes(sizeof price, '\0');
    std::memcpy(bytes.data(), &price, sizeof price);
    return bytes;
}
[[maybe_unused]] double unpacked(std::string_view bytes) {
    double price = 0;
    if (bytes.size() != sizeof price)
        throw std::runtime_error("a price has eight bytes");
    std::memcpy(&price, bytes.data(), sizeof price);
    return price;
}

}  // namespace

void send_message(int /*socket*/, std::string_view /*message*/) {
    // TODO(09.1): send four bytes of length and the message, as often as it takes.
    throw course::NotImplemented("09.1");
}

std::optional<std::string> receive_message(int /*socket*/) {
    // TODO(09.2): receive four bytes, and then as many as they say, if that can be true.
    throw course::NotImplemented("09.2");
}

void serve(int /*socket*/, const Price& /*price*/) {
    // TODO(09.3): for each order that comes send one answer: its price, or why there is none.
    throw course::NotImplemented("09.3");
}

double parallel_sum(const std::vector<std::string>& /*orders*/, std::size_t /*workers*/,
                    const Price& /*price*/) {
    // TODO(09.4): fork children that serve; send them the orders, add up their answers, in order.
    throw course::NotImplemented("09.4");
}

}  // namespace lab
