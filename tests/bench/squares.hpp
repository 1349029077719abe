// The work of a task that computes: a sum of squares. In a file of its own, for its speed hangs on where its loop lies.
#pragma once

#include <cstdint>

namespace bench {

/// The sum of i * i for all i below \p count, added up one by one.
std::uint64_t sum_of_squares(std::uint64_t count);

/// How many numbers `sum_of_squares` adds up in a microsecond on this machine, measured now, for some milliseconds.
double squares_in_a_microsecond();

}  // namespace bench
