// Busy neighbours, and runs without end: what proves that a grade does not depend on the machine's load.
#pragma once

#include <course/cli/session.hpp>
#include <sys/types.h>
#include <vector>

namespace course::cli {

/// One busy process on each processor, for as long as the object lives.
class BusyNeighbours {
  public:
    BusyNeighbours();
    ~BusyNeighbours();
    BusyNeighbours(const BusyNeighbours&) = delete;
    BusyNeighbours& operator=(const BusyNeighbours&) = delete;

  private:
    std::vector<pid_t> pids_;
};

/// Run each case of the solutions of \p labs \p runs times, half of them as the machine is and half pinned
/// to one core beside busy neighbours; print a line for each case.
/// \return  how many runs did not pass.
int stress_solutions(const Session& session, const std::vector<const grading::Lab*>& labs, int runs);

}  // namespace course::cli
