// Starts the next command whenever one has ended.
#include <course/grading/process_queue.hpp>

#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <memory>

namespace course::grading {

void ProcessQueue::submit(Command command, std::function<void(Outcome)> done) {
    if (stopped_)
        return;
    waiting_.emplace_back(std::move(command), std::move(done));
    start_more();
}

bool ProcessQueue::run_unless(int stop) {
    context_.restart();
    boost::asio::posix::stream_descriptor stopper(context_, dup(stop));
    stopper.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](const boost::system::error_code& cancelled) {
                           if (!cancelled)
                               end_all();
                       });
    while (!running_.empty())
        context_.run_one();
    stopper.close();
    context_.run();
    return !stopped_;
}

void ProcessQueue::start_more() {
    while (static_cast<int>(running_.size()) < jobs_ && !waiting_.empty()) {
        auto [command, done] = std::move(waiting_.front());
        waiting_.pop_front();
        const auto supervisor = std::make_shared<pid_t>(-1);
        *supervisor = run_contained(context_, std::move(command),
                                    [this, supervisor, then = std::move(done)](Outcome outcome) {
                                        running_.erase(*supervisor);
                                        if (!stopped_)
                                            then(std::move(outcome));
                                        start_more();
                                    });
        running_.insert(*supervisor);
    }
}

void ProcessQueue::end_all() {
    stopped_ = true;
    waiting_.clear();
    for (const pid_t supervisor : running_)
        kill(supervisor, SIGTERM);
}

}  // namespace course::grading
