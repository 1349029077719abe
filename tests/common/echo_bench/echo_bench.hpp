// What the echo servers are measured with: a bare server to compare with, and the load.
#pragma once

#include <chrono>
#include <cstdint>

namespace echo_bench {

/// Echo to everybody who comes to \p listening: one thread, epoll, nothing around it. Never returns.
void serve_bare(int listening);

/// Send 64 bytes on each of \p connections, wait for the echo, send again, for \p duration.
/// \return  echoes per second.
/// \throws std::system_error  if a connection fails.
double load(std::uint16_t port, int connections, std::chrono::milliseconds duration);

/// The value that a system call returned, or std::system_error with \p what if it failed.
int checked(int value, const char* what);

}  // namespace echo_bench
