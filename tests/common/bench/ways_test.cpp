// The ways to have tasks done, the trials in which they are measured, and the workloads that are drawn for them.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <cmath>
#include <course/testing/testing.hpp>
#include <set>
#include <stdexcept>
#include <system_error>

#include "choosing/workload.hpp"
#include "executors.hpp"
#include "processors.hpp"
#include "trial.hpp"

using course::testing::ContainsSubstring;
using course::testing::thrown_by;
using End = bench::Trial::End;

namespace {

std::string named(int number) {
    return "item " + std::to_string(number);
}

boost::asio::awaitable<std::string> awaited(int number) {
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    co_return named(number);
}

void must_be(const std::vector<std::string>& results, const std::vector<std::string>& right,
             const char* way) {
    if (results != right)
        throw std::logic_error(std::string(way) + " has other results");
}

bool near(double value, double right) {
    return std::abs(value - right) < 1e-9;
}

}  // namespace

TEST_CASE("every way has the same results in the order of the items") {
    for (const std::size_t count : {0U, 1U, 7U, 3000U}) {
        std::vector<int> items(count);
        for (std::size_t i = 0; i < count; ++i)
            items[i] = static_cast<int>(i * i);
        const auto body = [&] {
            using namespace bench;
            const auto right = serially<named>(items);
            must_be(in_a_thread_pool<named>(items, 3), right, "a thread pool");
            must_be(in_a_process_pool<named>(items, 2, 1), right, "a process pool");
            must_be(in_a_process_pool<named>(items, 2, 64), right, "a process pool in chunks");
            must_be(in_processes_with_threads<named>(items, 2, 3), right, "threads in processes");
            must_be(in_one_loop<awaited>(items), right, "a loop");
            must_be(in_a_loop_with_threads<named>(items, 3), right, "a loop with threads");
            must_be(in_a_loop_with_processes<named>(items, 2), right, "a loop with processes");
            if (count > 100)
                return;
            must_be(in_a_thread_each<named>(items), right, "a thread each");
            must_be(in_async_calls<named>(items), right, "std::async");
        };
        CHECK(thrown_by([&] { bench::try_in_a_child(body); }) == "nothing");
    }
}

TEST_CASE("what a trial throws arrives with its message") {
    CHECK(thrown_by([] { bench::try_in_a_child([] { throw std::runtime_error("no salt"); }); }) ==
          "no salt");
}

TEST_CASE("a trial whose process dies is an error and not a time") {
    CHECK_THAT(thrown_by([] { bench::try_in_a_child([] { _exit(0); }); }),
               ContainsSubstring("died"));
}

TEST_CASE("a trial that can't have its threads is impossible") {
    const auto none = [] {
        throw std::system_error(EAGAIN, std::generic_category(), "no more threads");
    };
    CHECK(bench::try_in_a_child(none).end == End::impossible);
}

TEST_CASE("a trial without end is given up and nothing of it is left") {
    const auto body = [] {
        if (fork() == 0)
            for (;;)
                pause();
        for (;;)
            pause();
    };
    // Its child has to be gone as well: it would keep this test waiting for ever.
    const auto in_a_child = [&] {
        if (bench::try_in_a_child(body, {.cut_off = 0.01}).end != End::given_up)
            throw std::logic_error("it was not given up");
        if (waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD)
            throw std::logic_error("somebody is left");
    };
    CHECK(thrown_by([&] { bench::try_in_a_child(in_a_child); }) == "nothing");
}

TEST_CASE("a trial has the processors that it is given") {
    const auto body = [] {
        if (bench::processors().size() != 1)
            throw std::logic_error("it has others");
    };
    CHECK(thrown_by([&] { bench::try_in_a_child(body, {.processors = 1}); }) == "nothing");
    const auto before = bench::processors();
    CHECK_THAT(thrown_by([&] { bench::try_in_a_child([] {}, {.processors = 1025}); }),
               ContainsSubstring("this needs 1025 processors"));
    CHECK(bench::processors() == before);
}

TEST_CASE("workloads are drawn again from their seed and are all different") {
    const auto drawn = choosing::draw(80, 1);
    REQUIRE(drawn.size() == 80);
    CHECK(drawn == choosing::draw(80, 1));
    CHECK(drawn != choosing::draw(80, 2));
    std::set<std::string> rows;
    std::set<int> tasks;
    for (const choosing::Workload& workload : drawn) {
        rows.insert(choosing::row(workload));
        tasks.insert(workload.tasks);
        CHECK((workload.wait_us > 0 || !workload.awaitable));
    }
    CHECK(rows.size() == 80);
    CHECK(tasks == std::set<int>{1, 10, 100, 1000, 10'000, 50'000});
    CHECK(choosing::row({10, 20, 100, true, 8, 2}) == "10,20,100,1,8,2");
    CHECK_THAT(thrown_by([] { choosing::draw(100'000, 1); }), ContainsSubstring("the grid has"));
}

TEST_CASE("the least time of a workload is that of its waits or of its computing") {
    const choosing::Workload waits{100, 10, 1000, false, 8, 2};
    CHECK(near(choosing::least_time(waits, 1), 0.1));
    CHECK(near(choosing::least_time(waits, 64), 0.002));
    const choosing::Workload computes{100, 1000, 0, false, 8, 2};
    CHECK(near(choosing::least_time(computes, 64), 0.05));
}
