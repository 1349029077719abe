// What the pictures of who ran when show.
#include "futures.hpp"

#include <course/simulation/catch.hpp>
#include <string>

using namespace std::chrono_literals;

namespace {

int seconds(int count) {
    course::note("call of " + std::to_string(count) + " s");
    std::this_thread::sleep_for(std::chrono::seconds(count));
    course::note("");
    return count;
}

std::vector<lab::Future> three_calls(lab::Executor& executor) {
    std::vector<lab::Future> futures;
    for (const int count : {3, 1, 2})
        futures.push_back(lab::submit(executor, seconds, count));
    return futures;
}

/// What the caller does with each result.
void handle(const std::string& what) {
    course::note(what);
    course::compute(400ms);
    course::note("");
}

}  // namespace

TEST_CASE("three calls", "[.scene]") {
    course::simulate([] {
        lab::Workers three(3);
        for (const lab::Future& future : lab::as_completed(three_calls(three)))
            handle("gets " + std::to_string(future.get()));
    });
}

TEST_CASE("half a second at most", "[.scene]") {
    course::simulate([] {
        lab::Workers three(3);
        lab::wait(three_calls(three), lab::ReturnWhen::all_completed, 500ms);
        handle("goes on");
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
