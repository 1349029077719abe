// What the table has for rows and columns: works, ways, and what an executor is called for them.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace table {

/// A way to have tasks done.
struct Way {
    std::string name;  ///< as in the figures, and as measure.py knows it
    std::string work;  ///< `io`, `cpu` or `mixed`
    /// Does \p tasks of them with \p workers, from the start of the executor to its end.
    std::function<void(int tasks, unsigned workers)> run;
    bool python = true;  ///< there is the same in Python
};

/// Every cell of a column: each work in each way that this program was built with.
std::vector<Way> ways();

}  // namespace table
