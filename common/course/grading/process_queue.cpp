// Starts the next command whenever one has ended.
#include <course/grading/process_queue.hpp>

namespace course::grading {

void ProcessQueue::submit(Command command, std::function<void(Outcome)> done) {
    waiting_.emplace_back(std::move(command), std::move(done));
    start_more();
}

void ProcessQueue::start_more() {
    while (running_ < jobs_ && !waiting_.empty()) {
        auto [command, done] = std::move(waiting_.front());
        waiting_.pop_front();
        ++running_;
        run_contained(context_, std::move(command),
                      [this, then = std::move(done)](Outcome outcome) {
                          --running_;
                          then(std::move(outcome));
                          start_more();
                      });
    }
}

}  // namespace course::grading
