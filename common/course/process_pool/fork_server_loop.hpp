// What the fork server's process does.
#pragma once

#include <sys/types.h>

namespace course::pool {

/// Fork workers as asked over \p socket, until it or the process \p program ends. In the server's process.
[[noreturn]] void serve(int socket, pid_t program) noexcept;

}  // namespace course::pool
