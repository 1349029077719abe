// What the echo servers are measured with: a bare server to compare with, and the load.
#pragma once

#include <chrono>
#include <cstdint>

namespace echo_bench {

/// What came back.
struct Echoes {
    long count = 0;
    double seconds = 0;
};

/// Echo to everybody who comes to \p listening: one thread, epoll, nothing around it. Never returns.
void serve_bare(int listening);

/// Send 64 bytes on each of \p connections, wait for the echo, send again, for \p duration.
/// \return  how many echoes came, and for how long they were counted.
/// \throws std::system_error  if a connection fails.
Echoes load(std::uint16_t port, int connections, std::chrono::milliseconds duration);

/// The value that a system call returned, or std::system_error with \p what if it failed.
int checked(int value, const char* what);

}  // namespace echo_bench
