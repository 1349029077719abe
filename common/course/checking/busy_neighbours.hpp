// BusyNeighbours: processes that never rest, to prove that a grade does not depend on the machine's
// load.
#pragma once

#include <sys/types.h>

#include <vector>

namespace course::checking {

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

}  // namespace course::checking
