// The least that can be done between processes: what ProcessPool is measured beside.
#pragma once

#include <vector>

namespace bare {

/// A child at the other end of a socketpair, or several. No pool, no serialisation, no error handling.
class Children {
  public:
    /// Fork \p count children that answer each message of \p size bytes with as many.
    Children(int count, int size);
    ~Children();
    Children(const Children&) = delete;
    Children& operator=(const Children&) = delete;

    /// Seconds for \p times round trips with the first child, one at a time.
    double ping_pong(int times);
    /// Seconds for \p times messages with the first child, up to 64 on their way, written together where
    /// possible.
    double window(int times);
    /// Seconds for \p times messages with all children, one on its way to each.
    double shared_out(int times);

  private:
    int size_;
    std::vector<int> sockets_;
    std::vector<int> pids_;
};

/// Seconds to start \p count programs that do nothing with posix_spawn, and to wait for them.
double spawn(int count);

}  // namespace bare
