// What it costs to go from one to the next: functions, coroutines, threads, processes. `./course bench switch`.
//
// All are measured in turn, in rounds, in one run. "One core" and "two cores": both sides share a processor, or each
// may have one.
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include <course/process_pool/process_pool.hpp>

#include "executors.hpp"
#include "process_pool/bare.hpp"
#include "processors.hpp"
#include "progress.hpp"
#include "report/report.hpp"
#include "switches.hpp"

namespace {

using Clock = std::chrono::steady_clock;

[[gnu::noinline]] int same(int number) {
    asm volatile("" : "+r"(number));  // or the compiler knows the result
    return number;
}

// So few that they fit between two interruptions, mostly.
double function_call() {
    constexpr int calls = 500'000;
    const auto start = Clock::now();
    int number = 0;
    for (int i = 0; i < calls; ++i)
        number = same(number);
    return bench::seconds_since(start) / calls;
}

constexpr int turns = 5000;

boost::asio::awaitable<int> takes_turns(int number) {
    const auto home = co_await boost::asio::this_coro::executor;
    for (int turn = 0; turn < turns; ++turn)
        co_await boost::asio::post(home, boost::asio::use_awaitable);
    co_return number;
}

double turn_in_asio() {
    const auto start = Clock::now();
    bench::in_one_loop<takes_turns>(std::vector<int>{1, 2});
    return bench::seconds_since(start) / (2 * turns);
}

double hand_over() {
    bench::thread_hand_over(100);
    return bench::thread_hand_over(5000);
}

double round_trip() {
    constexpr int times = 3000;
    bare::Children other(1, 8);
    other.ping_pong(100);
    return other.ping_pong(times) / times;
}

double call_of_a_pool() {
    constexpr int times = 3000;
    course::ProcessPool pool({.max_workers = 1});
    const auto calls = [&] {
        const auto start = Clock::now();
        for (int i = 0; i < times; ++i)
            pool.submit(same, i).get();
        return bench::seconds_since(start) / times;
    };
    calls();
    return calls();
}

struct Switch {
    std::string what;
    unsigned processors;
    std::function<double()> seconds;
};

std::vector<Switch> switches() {
    std::vector<Switch> all{
        {"a function call", 1, function_call},
        {"a coroutine is resumed", 1, [] { return bench::bare_resume(100, 10'000); }},
        {"a coroutine's turn in Asio's loop", 1, turn_in_asio},
        {"a thread hands over, one core", 1, hand_over},
        {"a process answers through a socket, one core", 1, round_trip},
        {"a call through ProcessPool, one core", 1, call_of_a_pool},
    };
    if (bench::processors().size() < 2)
        return all;
    const auto after = [&](std::size_t at, Switch two) {
        all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), std::move(two));
    };
    after(4, {"a thread hands over, two cores", 2, hand_over});
    after(6, {"a process answers through a socket, two cores", 2, round_trip});
    after(8, {"a call through ProcessPool, two cores", 2, call_of_a_pool});
    return all;
}

bench::Switches measure_all(const bench::Options& options) {
    const std::vector<Switch> all = switches();
    bench::Switches figures{bench::Origin::here(options.command("switch"), options.rounds), {}};
    for (const Switch& each : all)
        figures.rows.push_back({each.what, {}});
    bench::Progress progress(static_cast<double>(all.size()) * options.rounds);
    for (int round = 0; round < options.rounds; ++round)
        for (std::size_t i = 0; i < all.size(); ++i) {
            const bench::Pinned pinned(all[i].processors);
            figures.rows[i].seconds.push_back(all[i].seconds());
            progress.done(1, all[i].what);
        }
    return figures;
}

}  // namespace

int main(int argc, char* argv[]) try {
    const bench::Options options = bench::options(argc, argv, 15);
    bench::prepare_report(options.report);
    bench::finish(options, measure_all(options));
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench switch: {}\n", error.what());
    return 2;
}
