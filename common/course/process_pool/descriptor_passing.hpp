// Messages with descriptors in them, over a Unix socket that keeps messages apart.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <course/process_pool/system.hpp>

namespace course::pool {

/// Send \p size bytes and copies of \p descriptors over \p socket, blocking.
/// \throws std::system_error  if that fails.
void send_with_descriptors(int socket, const void* data, std::size_t size,
                           std::span<const int> descriptors);

/// What came over a socket.
struct Received {
    /// Number of bytes; -1 if nothing was there or the socket is broken, see errno.
    ssize_t size = -1;
    /// Whether the other side has closed it.
    bool ended = false;
    /// The descriptors that came along, at most 2.
    std::vector<Descriptor> descriptors;
};

/// Receive a message of at most \p size bytes, without blocking.
Received receive_with_descriptors(int socket, void* data, std::size_t size);

}  // namespace course::pool
