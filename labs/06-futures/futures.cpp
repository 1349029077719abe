// Your work in lab 06: what the handles of one call share, and how to wait for many calls.
#include "futures.hpp"

#include <algorithm>
#include <course/testing/not_implemented.hpp>
#include <cstddef>
#include <exception>

namespace lab {

struct Future::State {
    std::mutex mutex;  // guards all of this
    std::condition_variable is_done;
    Status status = Status::pending;
    // TODO(06.1): what came out, and later what else the call has to remember.
};

Status Future::status() const {
    // TODO(06.1): other threads change it.
    throw course::NotImplemented("06.1");
}

int Future::get() const {
    // TODO(06.1): wait, then return or throw.
    throw course::NotImplemented("06.1");
}

Future submit([[maybe_unused]] Executor& executor, [[maybe_unused]] std::function<int()> function) {
    // TODO(06.1): make a state, and a task that begins the call, makes it and ends it.
    throw course::NotImplemented("06.1");
}

void Future::add_done_callback([[maybe_unused]] Callback callback) {
    // TODO(06.2): keep it for the end of the call, or call it now.
    throw course::NotImplemented("06.2");
}

bool Future::cancel() {
    // TODO(06.3): end the call, unless somebody has begun it.
    throw course::NotImplemented("06.3");
}

DoneAndNotDone wait([[maybe_unused]] const std::vector<Future>& futures,
                    [[maybe_unused]] ReturnWhen return_when,
                    [[maybe_unused]] std::optional<std::chrono::milliseconds> timeout) {
    // TODO(06.4): wait for any of several calls to end, and never beyond the timeout.
    throw course::NotImplemented("06.4");
}

Stream<Future> as_completed([[maybe_unused]] std::vector<Future> futures) {
    // TODO(06.5): return a stream of those that are done, first done, first out.
    throw course::NotImplemented("06.5");
}

Stream<int> map([[maybe_unused]] Executor& executor,
                [[maybe_unused]] std::function<int(int)> function,
                [[maybe_unused]] const std::vector<int>& arguments) {
    // TODO(06.6): submit all calls, then return a stream of their results.
    throw course::NotImplemented("06.6");
}

}  // namespace lab
