// On which processors a program runs.
#pragma once

#include <sched.h>

#include <vector>

namespace bench {

/// The processors that this thread may use.
/// \throws std::system_error  if the kernel does not tell.
std::vector<int> processors();

/// Keeps this thread, and the threads and processes that it starts meanwhile, on a few processors.
class Pinned {
  public:
    /// The first \p count of those that it may use.
    /// \throws std::runtime_error  if there are not so many.
    explicit Pinned(unsigned count);
    /// Back to all of them.
    ~Pinned();
    Pinned(const Pinned&) = delete;
    Pinned& operator=(const Pinned&) = delete;

  private:
    cpu_set_t before_;
};

}  // namespace bench
