// ProcessQueue: runs contained processes, so many at a time, in the order in which they were
// submitted.
#pragma once

#include <boost/asio/io_context.hpp>
#include <course/grading/contained_process.hpp>
#include <deque>
#include <functional>
#include <utility>

namespace course::grading {

/// A queue of commands, at most `jobs` of which run at once.
///
/// A command's handler may submit more: grading is a chain of compile, link and cases.
/// \thread_safety  none: everything happens on the thread that calls `run`.
class ProcessQueue {
  public:
    /// \param jobs  how many commands run at once, at least 1.
    explicit ProcessQueue(int jobs) : jobs_(jobs < 1 ? 1 : jobs) {}

    /// Run \p command when there is room, then call \p done.
    void submit(Command command, std::function<void(Outcome)> done);

    /// Return when every submitted command, and what its handler submitted, has ended.
    /// \throws  whatever a handler throws.
    void run() { context_.restart(), context_.run(); }

  private:
    void start_more();

    int jobs_;
    int running_ = 0;
    std::deque<std::pair<Command, std::function<void(Outcome)>>> waiting_;
    boost::asio::io_context context_{1};
};

}  // namespace course::grading
