// ProcessQueue: runs contained processes, so many at a time, in the order in which they were
// submitted.
#pragma once

#include <boost/asio/io_context.hpp>
#include <course/grading/contained_process.hpp>
#include <deque>
#include <functional>
#include <set>
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

    /// Like `run`, but as soon as the descriptor \p stop can be read from, end what runs and forget what waits. No
    /// handler of what was ended or forgotten is called.
    /// \return  whether everything has ended by itself; otherwise the queue takes no more commands.
    bool run_unless(int stop);

  private:
    void start_more();
    void end_all();

    int jobs_;
    std::set<pid_t> running_;  // their supervisors
    bool stopped_ = false;
    std::deque<std::pair<Command, std::function<void(Outcome)>>> waiting_;
    boost::asio::io_context context_{1};
};

}  // namespace course::grading
