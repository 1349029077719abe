// Your work in lab 14: who is ready, who waits, and the loop that gives each job its turn.
#include "event_loop.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <queue>
#include <thread>

#include <course/testing/not_implemented.hpp>

namespace lab {

struct Job::State {
    // Yours: its task, what to resume at its next turn, what it waits for, how it ended.
};

struct Loop::State {
    // Yours: who is ready, who waits, who runs.
};

// --- 14.1 Ready --------------------------------------------------------------------------------

bool Job::done() const {
    throw course::NotImplemented("14.1");
}

void Job::result() const {
    throw course::NotImplemented("14.1");
}

Loop::Loop() : state_(std::make_unique<State>()) {}

Loop::~Loop() {}

Job Loop::spawn([[maybe_unused]] Task<> task) {
    // TODO(14.1): a job of its own, at the end of Ready.
    throw course::NotImplemented("14.1");
}

void Loop::run() {
    // TODO(14.2): wake those whose time has come, give turns, sleep if nobody is ready.
    throw course::NotImplemented("14.1");
}

void Loop::suspend_ready([[maybe_unused]] std::coroutine_handle<> coroutine) {
    throw course::NotImplemented("14.1");
}

// --- 14.2 Waiting ------------------------------------------------------------------------------

void Loop::suspend_for([[maybe_unused]] std::coroutine_handle<> coroutine,
                       [[maybe_unused]] std::chrono::nanoseconds duration) {
    throw course::NotImplemented("14.2");
}

// --- 14.3 Join and gather ----------------------------------------------------------------------

void Loop::suspend_until_done([[maybe_unused]] std::coroutine_handle<> coroutine,
                              [[maybe_unused]] const Job& job) {
    throw course::NotImplemented("14.3");
}

Task<> gather([[maybe_unused]] Loop& loop, [[maybe_unused]] std::vector<Task<>> tasks) {
    // TODO(14.3): spawn all of them, then wait for all. This is a coroutine if it has a co_await.
    throw course::NotImplemented("14.3");
}

// --- 14.4 Cancel -------------------------------------------------------------------------------

bool Job::cancel() {
    // TODO(14.4): it waits no more, and meets Cancelled at its next turn.
    throw course::NotImplemented("14.4");
}

void Loop::check_cancelled() {
    // Until 14.4 nobody is cancelled.
}

}  // namespace lab
