// SCM_RIGHTS.
#include <sys/socket.h>

#include <cstring>

#include <course/process_pool/descriptor_passing.hpp>

namespace course::pool {

namespace {

constexpr std::size_t most = 2;  // descriptors in a message

}  // namespace

void send_with_descriptors(int socket, const void* data, std::size_t size,
                           std::span<const int> descriptors) {
    // One byte in front: a message without bytes can't be told from the end of the stream.
    char kind = 'm';
    iovec parts[2] = {{&kind, 1}, {const_cast<void*>(data), size}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    alignas(cmsghdr) char control[CMSG_SPACE(most * sizeof(int))] = {};
    if (!descriptors.empty()) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
    }
    checked(retried([&] { return sendmsg(socket, &message, MSG_NOSIGNAL); }), "sendmsg");
}

Received receive_with_descriptors(int socket, void* data, std::size_t size) {
    char kind = 0;
    iovec parts[2] = {{&kind, 1}, {data, size}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    alignas(cmsghdr) char control[CMSG_SPACE(most * sizeof(int))];
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got =
        retried([&] { return recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
    Received received;
    received.ended = got == 0 || (got < 0 && errno == ECONNRESET);
    received.size = got > 0 ? got - 1 : -1;
    if (got <= 0)
        return received;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            received.descriptors.emplace_back(number);
        }
    }
    return received;
}

}  // namespace course::pool
