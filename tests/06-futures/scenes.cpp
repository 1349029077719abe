// What the pictures of who ran when show.
#include "futures.hpp"

#include <course/simulation/catch.hpp>

using namespace std::chrono_literals;

namespace {

int seconds(int count) {
    std::this_thread::sleep_for(std::chrono::seconds(count));
    return count;
}

std::vector<lab::Future> three_calls(lab::Executor& executor) {
    std::vector<lab::Future> futures;
    for (const int count : {3, 1, 2})
        futures.push_back(lab::submit(executor, seconds, count));
    return futures;
}

/// What the caller does with each result.
void handle() {
    course::compute(400ms);
}

}  // namespace

TEST_CASE("three calls", "[.scene]") {
    course::simulate([] {
        lab::Workers three(3);
        for (const lab::Future& future : lab::as_completed(three_calls(three))) {
            future.get();
            handle();
        }
    });
}

TEST_CASE("half a second at most", "[.scene]") {
    course::simulate([] {
        lab::Workers three(3);
        lab::wait(three_calls(three), lab::ReturnWhen::all_completed, 500ms);
        handle();
    });
}

TEST_CASE("a callback asks", "[.scene]") {
    course::simulate([] {
        lab::Workers one(1);
        lab::Future future = lab::submit(one, seconds, 1);
        future.add_done_callback([](const lab::Future& done) { done.status(); });
        future.get();
    });
}
