// What the instrumented accesses have in common.
#pragma once

#include <cstddef>

namespace course::simulation {

/// The running thread reads or writes memory, not atomically.
void plain_access(const void* address, std::size_t size, bool write);

}  // namespace course::simulation
