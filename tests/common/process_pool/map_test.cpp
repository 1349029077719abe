// map: order, chunks, exceptions at their place.
#include <csignal>
#include <list>
#include <numeric>

#include "kitchen.hpp"

using namespace course;
using namespace kitchen;

namespace {

int square(int x) {
    return x * x;
}

int no_thirteen(int x) {
    if (x == 13)
        throw std::invalid_argument("thirteen");
    return x;
}

std::vector<int> numbers(int count) {
    std::vector<int> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

}  // namespace

TEST_CASE("map gives the results in the order of the items for every chunksize") {
    ProcessPool pool({.max_workers = 2});
    const auto items = numbers(100);
    std::vector<int> expected;
    for (int item : items)
        expected.push_back(square(item));
    for (const std::size_t chunksize : {1UL, 2UL, 7UL, 99UL, 100UL, 1000UL})
        CHECK(pool.map(square, items, chunksize).get() == expected);
}

TEST_CASE("the exception of one call comes at its place and the loop can go on") {
    ProcessPool pool({.max_workers = 2});
    for (const std::size_t chunksize : {1UL, 4UL, 50UL}) {
        auto results = pool.map(no_thirteen, numbers(20), chunksize);
        int index = 0;
        for (auto result = results.begin(); result != results.end(); ++result, ++index) {
            if (index == 13)
                CHECK_THROWS_AS(*result, std::invalid_argument);
            else
                CHECK(*result == index);
        }
        CHECK(index == 20);
        CHECK_THROWS_AS(pool.map(no_thirteen, numbers(20), chunksize).get(), std::invalid_argument);
    }
}

TEST_CASE("any range can be mapped and a function of nothing too") {
    ProcessPool pool({.max_workers = 2});
    CHECK(pool.map(square, std::vector<int>()).get().empty());
    CHECK(pool.map([](const std::string& s) { return s + "!"; },
                   std::list<std::string>{"a", "b", "c"}, 2)
              .get() == std::vector<std::string>{"a!", "b!", "c!"});
    CHECK(pool.map([](double x) { return x; }, std::views::iota(0, 5)).get().size() == 5);
    CHECK(pool.map([](int) {}, numbers(3)).get().size() == 3);
    CHECK_THROWS_AS(pool.map(square, numbers(3), 0), std::invalid_argument);
}

TEST_CASE("a chunk larger than the channel crosses") {
    ProcessPool pool({.max_workers = 2});
    CHECK(pool.map(no_thirteen, std::vector<int>(200'000, 7), 100'000).get() ==
          std::vector<int>(200'000, 7));
}

TEST_CASE("each item of a chunk whose worker died names the one that was being run") {
    ProcessPool pool({.max_workers = 1});
    auto results = pool.map(
        [](int x) {
            if (x == 6)
                std::abort();
            return x;
        },
        numbers(9), 3);
    int died = 0;
    for (auto result = results.begin(); result != results.end(); ++result)
        try {
            const int value = *result;
            CHECK(value < 6);
        } catch (const WorkerDied& error) {
            ++died;
            CHECK(error.item() == "item 6 of a map");
            CHECK(error.signal() == SIGABRT);
        }
    CHECK(died == 3);
}

TEST_CASE("chunks of a map that no worker has begun can be cancelled") {
    Gate gate;
    ProcessPool pool({.max_workers = 1});
    const auto held = pool.submit(Gate::pass, gate.path(), 1);
    gate.await_arrival();
    auto results = pool.map(square, numbers(6), 2);
    CHECK(results.cancel() == 3);
    CHECK_THROWS_AS(results.get(), CancelledError);
    gate.open_for(1);
}
