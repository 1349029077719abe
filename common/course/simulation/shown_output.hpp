// Shows what a child process prints, but not without end: a loop that prints would fill the disk.
#pragma once

#include <cstddef>

namespace course::simulation {

/// A pipe from the child's standard output and standard error to this process, which hands on what
/// comes. Not for several threads.
class ShownOutput {
  public:
    static constexpr std::size_t limit = 2'000'000;  ///< bytes; what comes after them is dropped

    /// To be made before the fork. Without a descriptor to spare nothing is shown.
    ShownOutput();
    ~ShownOutput();
    ShownOutput(const ShownOutput&) = delete;
    ShownOutput& operator=(const ShownOutput&) = delete;

    /// In the child: what it prints from here on goes into the pipe, line by line.
    void begin_in_child() const;

    /// In the parent: the pipe is the child's alone.
    void begin_in_parent();

    /// Hand on what has come. Does not wait for the child.
    void show();

    /// Can be polled for what comes.
    int descriptor() const { return ends_[0]; }

  private:
    int ends_[2] = {-1, -1};
    std::size_t shown_ = 0;
    bool cut_ = false;
};

}  // namespace course::simulation
