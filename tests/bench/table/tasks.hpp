// The tasks of the table: one that reads, one that computes, and one that computes with what it has read.
#pragma once

#include <cstdint>
#include <string>

namespace table {

/// 100 bytes of `/dev/urandom`.
/// \throws std::system_error  if it can't be read.
std::string read_random(int number);

/// The sum of the squares below 10^4.
std::uint64_t sum_squares(int number);

/// The same after 100 bytes have been read, the first of which is added.
/// \throws std::system_error  if they can't be read.
std::uint64_t read_and_sum(int number);

/// `read_and_sum`, whose read goes through a pool of one thread that is made for it.
/// \source  the article behind the table, `_task_both_cpu_feed_io(True)`.
/// \throws std::system_error  if they can't be read, or there can be no thread.
std::uint64_t read_in_a_pool_and_sum(int number);

}  // namespace table
