// Futures: status, cancel, callbacks, waiting for many.
#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "kitchen.hpp"

using namespace course;
using namespace kitchen;
using namespace std::chrono_literals;

TEST_CASE("a future knows whether its call waits or runs or is done") {
    Gate gate;
    ProcessPool pool({.max_workers = 1});
    auto first = pool.submit(Gate::pass, gate.path(), 1);
    auto second = pool.submit(add, 1, 1);
    gate.await_arrival();
    CHECK(first.running());
    CHECK_FALSE(first.done());
    CHECK_FALSE(second.running());
    CHECK_FALSE(first.wait_for(0ns));
    CHECK_FALSE(first.wait_for(1ms));
    gate.open_for(1);
    CHECK(first.get() == 1);
    CHECK(first.done());
    CHECK_FALSE(first.running());
    CHECK_THROWS_AS(first.get(), std::logic_error);
    CHECK(second.get() == 2);
    CHECK(second.exception() == nullptr);
    CHECK_THROWS_AS(Future<int>().get(), std::logic_error);
}

TEST_CASE("what has not begun can be cancelled even if a worker holds it") {
    Gate gate;
    testing::TemporaryFolder folder;
    ProcessPool pool({.max_workers = 1});
    auto running = pool.submit(Gate::pass, gate.path(), 1);
    gate.await_arrival();
    // Far more than a worker holds ahead: some lie in the channel, some in the queue.
    std::vector<Future<void>> waiting;
    for (int i = 0; i < 200; ++i)
        waiting.push_back(pool.submit(
            [](const std::string& file) { close(open(file.c_str(), O_CREAT | O_WRONLY, 0600)); },
            folder.file(std::to_string(i))));
    for (std::size_t i = 0; i < 200; i += 2)
        CHECK(waiting[i].cancel());
    CHECK_FALSE(running.cancel());
    gate.open_for(1);
    for (std::size_t i = 0; i < 200; ++i) {
        if (i % 2 == 0) {
            CHECK(waiting[i].cancelled());
            CHECK_THROWS_AS(waiting[i].get(), CancelledError);
            CHECK(waiting[i].cancel());
        } else {
            waiting[i].get();
            CHECK_FALSE(waiting[i].cancel());
        }
        CHECK((access(folder.file(std::to_string(i)).c_str(), F_OK) == 0) == (i % 2 == 1));
    }
    CHECK(running.get() == 1);
}

TEST_CASE("a worker with nothing to do gets what another has not begun") {
    Gate gate;
    ProcessPool pool({.max_workers = 2});
    std::vector<Future<int>> held;
    for (int i = 0; i < 2; ++i)
        held.push_back(pool.submit(Gate::pass, gate.path(), i));
    gate.await_arrival();
    gate.await_arrival();
    std::vector<Future<int>> rest;  // both workers hold some of them
    for (int i = 0; i < 40; ++i)
        rest.push_back(pool.submit(add, i, i));
    gate.open_for(1);  // one worker stays where it is
    for (int i = 0; i < 40; ++i)
        CHECK(rest[static_cast<std::size_t>(i)].get() == 2 * i);
    gate.open_for(1);
    CHECK(wait(held));
}

TEST_CASE("a callback runs once for each way to end and at once if it is done") {
    Gate gate;
    std::atomic<int> calls{0};
    ProcessPool pool({.max_workers = 1});
    auto held = pool.submit(Gate::pass, gate.path(), 1);
    gate.await_arrival();
    auto good = pool.submit(add, 1, 2);
    auto bad = pool.submit([] { throw std::runtime_error("x"); });
    auto cancelled = pool.submit(add, 1, 2);
    std::atomic<int> sum{0};
    good.on_done([&](Future<int> done) { ++calls, sum += done.get(); });
    good.on_done([&](const Future<int>& done) { ++calls, sum += done.done(); });
    bad.on_done([&](const Future<void>& done) { ++calls, sum += done.exception() ? 10 : 0; });
    cancelled.on_done([&](const Future<int>& done) { ++calls, sum += done.cancelled() ? 100 : 0; });
    CHECK(calls == 0);
    CHECK(cancelled.cancel());
    CHECK(calls == 1);
    gate.open_for(1);
    pool.shutdown();
    CHECK(calls == 4);
    CHECK(sum == 3 + 1 + 10 + 100);
    good.on_done([&](const Future<int>&) { ++calls; });
    CHECK(calls == 5);
}

TEST_CASE("a callback may submit and wait") {
    ProcessPool pool({.max_workers = 1});
    std::atomic<int> got{0};
    auto first = pool.submit(add, 1, 2);
    first.on_done([&](Future<int> done) { got = pool.submit(add, done.get(), 10).get(); });
    pool.submit(add, 0, 0).get();
    while (got == 0)  // who runs the callback may be another thread
        std::this_thread::yield();
    CHECK(got == 13);
}

TEST_CASE("a callback that waits for another callback does not hold the pool up") {
    Gate gate;
    ProcessPool pool({.max_workers = 2});
    std::promise<int> other;
    std::atomic<int> got{0};
    auto first = pool.submit(add, 1, 2);
    auto second = pool.submit(Gate::pass, gate.path(), 5);
    second.on_done([&](Future<int> done) { other.set_value(done.get()); });
    first.on_done([&](const Future<int>&) {
        gate.open_for(1);
        got = other.get_future().get();
    });
    first.wait();
    second.wait();
    while (got == 0)  // who runs the callback may be another thread
        std::this_thread::yield();
    CHECK(got == 5);
}

TEST_CASE("as_completed gives futures in the order in which they are done") {
    Gate gates[3];
    ProcessPool pool({.max_workers = 3});
    std::vector<Future<int>> futures;
    for (int i = 0; i < 3; ++i)
        futures.push_back(pool.submit(Gate::pass, gates[i].path(), i));
    for (auto& gate : gates)
        gate.await_arrival();
    std::vector<int> order;
    gates[2].open_for(1);
    for (auto& future : as_completed(futures)) {
        order.push_back(future.get());
        if (order.size() == 1)
            gates[0].open_for(1);
        if (order.size() == 2)
            gates[1].open_for(1);
    }
    CHECK(order == std::vector{2, 0, 1});
    int again = 0;
    for ([[maybe_unused]] auto& future : as_completed(futures))
        ++again;
    CHECK(again == 3);
}

TEST_CASE("wait returns when one is done or one has failed or all are done") {
    Gate gate;
    ProcessPool pool({.max_workers = 2});
    std::vector<Future<int>> futures{pool.submit(Gate::pass, gate.path(), 1),
                                     pool.submit(add, 1, 1)};
    CHECK(wait(futures, ReturnWhen::first_completed));
    CHECK(futures[1].done());
    CHECK_FALSE(futures[0].done());
    CHECK_FALSE(wait(futures, ReturnWhen::all_completed, 0ns));
    futures.push_back(pool.submit([](int) -> int { throw std::runtime_error("x"); }, 0));
    CHECK(wait(futures, ReturnWhen::first_exception));
    CHECK(futures[2].done());
    CHECK_FALSE(futures[0].done());
    gate.open_for(1);
    CHECK(wait(futures));
    CHECK(futures[0].done());
    CHECK(wait(std::vector<Future<int>>()));
}

TEST_CASE("many threads submit and wait") {
    ProcessPool pool({.max_workers = 2});
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; ++thread)
        threads.emplace_back([&pool, &wrong, thread] {
            for (int i = 0; i < 200; ++i)
                wrong += pool.submit(add, thread, i).get() != thread + i;
            const std::vector<int> items(500, thread);
            for (const int item : pool.map([](int x) { return x; }, items, 7))
                wrong += item != thread;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(wrong == 0);
}
