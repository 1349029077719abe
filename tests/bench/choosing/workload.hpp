// Workloads: what has to be done, in six numbers. Which way is best for it?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace choosing {

/// So many tasks, each of which waits, computes and gives something back.
struct Workload {
    int tasks = 1;           ///< how many
    int cpu_us = 0;          ///< microseconds that a task computes
    int wait_us = 0;         ///< microseconds that it waits before it does
    bool awaitable = false;  ///< the wait is one that a coroutine can leave the thread for
    int bytes = 8;           ///< size of the result
    int cores = 1;           ///< how many processors the program may use

    bool operator==(const Workload&) const = default;
};

/// The names of the columns that describe a workload.
inline constexpr const char* columns = "tasks,cpu_us,wait_us,awaitable,bytes,cores";
/// \p workload in these columns.
std::string row(const Workload& workload);

/// \p count different workloads from the grid, the same for the same \p seed on every machine.
///
/// Each of them can be done in less than a quarter of a second, as far as an estimate can tell; a single task comes
/// half as often as another number of tasks.
/// \throws std::invalid_argument  if the grid has not so many.
std::vector<Workload> draw(std::size_t count, std::uint64_t seed);

/// Seconds that \p workload takes at least if at most \p at_once of its tasks are under way, and each keeps its
/// thread as it waits.
double least_time(const Workload& workload, int at_once);

}  // namespace choosing
