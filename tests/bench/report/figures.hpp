// Figures: what `table`, `waits` and `switch` have measured, as it is kept in a report.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "machine.hpp"

namespace bench {

/// Where figures come from.
struct Origin {
    Machine machine;
    std::string date;     ///< such as 2026-11-26
    std::string command;  ///< what was called
    int rounds = 1;       ///< how often each was measured

    /// Here and now.
    static Origin here(std::string command, int rounds) {
        return {Machine::here(), today(), std::move(command), rounds};
    }
};

/// A cell of the table: some work in some way. Times are in seconds, one for each round.
struct TableRow {
    std::string work;      ///< `io`, `cpu` or `mixed`
    std::string way;       ///< such as `threads`
    std::string language;  ///< `C++` or `Python`
    int tasks = 0;
    std::vector<double> wall;
    std::vector<double> cpu;  ///< of all processors
};

/// What `./course bench table` has found.
struct Table {
    Origin origin;
    unsigned workers = 1;  ///< threads or processes in a pool
    std::vector<TableRow> rows;
};

/// So many waits at once. Times are in seconds, one for each round; there are none if it could not be done.
struct WaitsRow {
    std::string way;  ///< `threads`, `coroutines` or `processes`
    int count = 0;
    std::vector<double> start;   ///< until the last wait had begun
    std::vector<double> wall;    ///< until all were over
    std::vector<double> memory;  ///< bytes of the program's own, all its processes together
};

/// What `./course bench waits` has found.
struct Waits {
    Origin origin;
    double wait = 1;  ///< seconds that each lasts
    std::vector<WaitsRow> rows;
};

/// One kind of switch. Seconds each, one figure for each round.
struct SwitchRow {
    std::string what;
    std::vector<double> seconds;
};

/// What `./course bench switch` has found.
struct Switches {
    Origin origin;
    std::vector<SwitchRow> rows;
};

/// \cond
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Machine, processor, processors, gigabytes, system, compiler,
                                   libraries, python)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Origin, machine, date, command, rounds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TableRow, work, way, language, tasks, wall, cpu)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Table, origin, workers, rows)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WaitsRow, way, count, start, wall, memory)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Waits, origin, wait, rows)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SwitchRow, what, seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Switches, origin, rows)
/// \endcond

}  // namespace bench
