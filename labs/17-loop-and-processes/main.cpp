// Calls and waits on one loop and several processes, a thread pool inside of them, and what a fork does to a loop.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <course/process_pool/asio.hpp>
#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "async_map.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Outcomes = std::vector<lab::Outcome>;
using boost::asio::awaitable;
using boost::asio::io_context;
using boost::asio::use_awaitable;

std::vector<lab::Item> numbers(std::size_t count) {
    std::vector<lab::Item> items;
    for (std::size_t i = 0; i < count; ++i)
        items.push_back(std::to_string(i));
    return items;
}

/// A line of the output, or what is missing for it.
void line(const std::string& what, const std::function<void()>& print) {
    std::printf("  %-48s ", what.c_str());
    std::fflush(stdout);
    try {
        print();
    } catch (const course::NotImplemented& missing) {
        std::printf("%s is not there yet\n", missing.item().c_str());
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
    }
}

/// Seconds until \p loop has run what \p make makes.
double seconds_for(io_context& loop, const std::function<awaitable<Outcomes>()>& make) {
    const auto start = Clock::now();
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop, make(), [&](std::exception_ptr error, const Outcomes& outcomes) {
        thrown = error;
        for (const lab::Outcome& one : outcomes)
            if (one.failed)
                std::printf("%s ", one.text.c_str());
    });
    loop.restart();
    loop.run();
    if (thrown)
        std::rethrow_exception(thrown);
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// --- Calls that wait, and waits ------------------------------------------------------------------

lab::Result blocking(const lab::Item& item) {
    std::this_thread::sleep_for(100ms);
    return item;
}

//! [waiting]
awaitable<lab::Result> waiting(lab::Item item) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 100ms);
    co_await timer.async_wait(use_awaitable);
    co_return item;
}
//! [waiting]

void show_rounds(io_context& loop) {
    std::puts("Ten calls of 0.1 s, 4 workers");
    course::ProcessPool pool({.max_workers = 4}, course::driven_by(loop));
    for (const std::size_t limit : {1u, 2u, 4u, 10u})
        line("at most " + std::to_string(limit) + " at once", [&] {
            std::printf("%6.1f s\n", seconds_for(loop, [&] {
                            return lab::async_map(pool, blocking, numbers(10), limit);
                        }));
        });
}

void show_loops(io_context& loop) {
    std::puts("\nWaits of 0.1 s, 2 workers");
    course::ProcessPool pool({.max_workers = 2}, course::driven_by(loop));
    line("20, a call for each", [&] {
        std::printf("%6.1f s\n", seconds_for(loop, [&] {
                        return lab::async_map(pool, blocking, numbers(20), 20);
                    }));
    });
    const auto in_loops = [&](std::size_t count, std::size_t limit) {
        line(std::to_string(count) + ", a loop in each worker, " + std::to_string(limit) +
                 " at once",
             [&] {
                 std::printf("%6.1f s\n", seconds_for(loop, [&] {
                                 return lab::async_map_loops(pool, waiting, numbers(count),
                                                             count / 2, limit);
                             }));
             });
    };
    in_loops(20, 10);
    in_loops(4'000, 2'000);
    in_loops(4'000, 200);
}

// --- Mixed work: a thread pool inside of the process pool -------------------------------------------

std::string read_some() {
    std::string bytes(100, '\0');
    std::ifstream("/dev/urandom", std::ios::binary).read(bytes.data(), 100);
    return bytes;
}

std::string squares(const std::string& bytes) {
    long sum = bytes[0];
    for (long i = 0; i < 10'000; ++i)
        sum += i * i;
    return std::to_string(sum);
}

lab::Result mixed(const lab::Item&) {
    return squares(read_some());
}

//! [threads in the worker]
lab::Result mixed_with_a_pool(const lab::Item&) {
    boost::asio::thread_pool threads(1);
    return squares(post(threads, boost::asio::use_future(read_some)).get());
}
//! [threads in the worker]

lab::Result mixed_with_a_kept_pool(const lab::Item&) {
    static auto* const threads = new boost::asio::thread_pool(1);  // the worker's, until it ends
    return squares(post(*threads, boost::asio::use_future(read_some)).get());
}

void show_mixed(io_context& loop) {
    std::puts(
        "\nA read, then a sum that needs it: 2 workers, in us for each (medians of 9 rounds)");
    course::ProcessPool pool({.max_workers = 2}, course::driven_by(loop));
    const std::vector<std::pair<const char*, lab::Function>> ways = {
        {"the worker reads", mixed},
        {"a thread of the worker reads", mixed_with_a_kept_pool},
        {"a thread pool for each call, as in the article", mixed_with_a_pool}};
    std::map<lab::Function, std::vector<double>> times;
    try {
        for (int round = 0; round < 9; ++round)  // in turn: they suffer alike from what else runs
            for (const auto& [what, function] : ways)
                times[function].push_back(seconds_for(
                    loop, [&] { return lab::async_map(pool, function, numbers(1'000), 64); }));
    } catch (const course::NotImplemented&) {
    }
    for (const auto& [what, function] : ways)
        line(what, [&] {
            auto& all = times[function];
            if (all.empty())
                throw course::NotImplemented("17.1");
            std::sort(all.begin(), all.end());
            std::printf("%6.1f\n", all[all.size() / 2] * 1'000);
        });
}

// --- A fork beside a loop -----------------------------------------------------------------------------

pid_t plain_fork(io_context&, const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0)
        _exit(body());
    return child;
}

/// Without the last word: the parent is not told that it may go on.
pid_t half_told(io_context& loop, const std::function<int()>& body) {
    loop.notify_fork(io_context::fork_prepare);
    const pid_t child = fork();
    if (child == 0) {
        loop.notify_fork(io_context::fork_child);
        _exit(body());
    }
    return child;
}

/// The parent waits for a signal, and forks meanwhile.
void show_signal(const char* what,
                 pid_t (*fork_a_child)(io_context&, const std::function<int()>&)) {
    line(what, [&] {
        io_context loop(1);
        boost::asio::signal_set signals(loop, SIGUSR1);
        bool heard = false;
        signals.async_wait([&](boost::system::error_code error, int) { heard = !error; });
        loop.poll();
        waitpid(fork_a_child(loop, [] { return 0; }), nullptr, 0);
        raise(SIGUSR1);
        loop.poll();
        std::puts(heard ? "hears of it" : "is deaf");
    });
}

/// The parent waits for a pipe; a forked child lets go of its copy of the reader.
void show_fork(const char* what, pid_t (*fork_a_child)(io_context&, const std::function<int()>&)) {
    line(what, [&] {
        io_context loop(1);
        int ends[2];
        if (pipe(ends) != 0)
            return;
        boost::asio::posix::stream_descriptor reader(loop, ends[0]);
        char bytes[4];
        bool heard = false;
        reader.async_read_some(boost::asio::buffer(bytes),
                               [&](boost::system::error_code, std::size_t) { heard = true; });
        loop.poll();
        waitpid(fork_a_child(loop, [&] { return reader.release() < 0; }), nullptr, 0);
        if (write(ends[1], "soup", 4) == 4)
            loop.poll();
        std::puts(heard ? "hears of it" : "is deaf");
        close(ends[1]);
    });
}

}  // namespace

int main() {
    const course::ForkServer server;  // before there is a thread, a loop or anything else
    {
        io_context loop(1);
        show_rounds(loop);
        show_loops(loop);
        show_mixed(loop);
    }
    std::puts("\nThe loop waits for a pipe. It forks, something is written:");
    show_fork("after a plain fork, the loop", plain_fork);
    show_fork("after yours, the loop", lab::fork_beside);
    std::puts("\nThe loop waits for a signal. It forks, a signal is sent:");
    show_signal("told before and in the child, the loop", half_told);
    show_signal("after yours, the loop", lab::fork_beside);
}
