// Turns return addresses into functions and lines, and knows which of them are of interest.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "channel.hpp"

namespace course::simulation {

/// A place in the source code.
struct Frame {
    std::string function;
    std::string file;  // the last two parts of its path
    int line = 0;
};

/// Looks all addresses up at once: reading the debug information is what takes the time.
class Symbols {
  public:
    /// Remember to look that place up.
    void want(const Place& place);

    /// Look all wanted places up. Without debug information, or without addr2line, nothing is
    /// found.
    void look_up();

    /// The frames of \p place in code of the program: what lies in the standard library, Boost, the
    /// test framework or the simulation is folded away. Innermost first.
    std::vector<Frame> frames(const Place& place) const;

    /// "account.cpp:31" of the innermost frame, or "".
    std::string line(const Place& place) const;

  private:
    std::map<const void*, std::vector<Frame>> found_;
};

}  // namespace course::simulation
