// Lab 16's program: ten blocking calls in several ways, and how late the loop is meanwhile.
//
//     program           the tables, on a real clock
//     program --svg     the second picture as SVG: how lag.svg was made
//
// Before an item is done, its row says so.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cmath>
#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <cstring>
#include <functional>
#include <future>
#include <list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "blocking.hpp"

namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using asio::use_awaitable;
using lab::awaitable;
using lab::Page;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The synchronous client: it blocks for 100 ms.
Page ask(const std::string& question) {
    std::this_thread::sleep_for(100ms);
    return Page("answer to " + question);
}

awaitable<void> sleep_for(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(use_awaitable);
}

/// Run \p body in a loop. \return  what was missing, or "".
std::string in_loop(const std::function<awaitable<void>()>& body) {
    asio::io_context loop;
    std::string missing;
    asio::co_spawn(
        loop,
        [&]() -> awaitable<void> {
            try {
                co_await body();
            } catch (const course::NotImplemented& item) {
                missing = item.item();
            }
        },
        asio::detached);
    loop.run();
    return missing;
}

// --- Ten calls ---------------------------------------------------------------------------------

const std::vector<std::string> ten(10, "soup");

/// \p calls makes the ten calls. \return  what was missing, or "".
void row(const char* name, int threads, const std::function<std::string()>& calls) {
    std::printf("  %-34s %3d", name, threads);
    std::fflush(stdout);
    const auto start = Clock::now();
    const std::string missing = calls();
    if (missing.empty())
        std::printf("  %7.1f s\n", std::round(milliseconds_since(start) / 100) / 10);
    else
        std::printf("  not there yet: %s\n", missing.c_str());
}

std::string without_a_pool() {
    return in_loop([]() -> awaitable<void> {
        for (const auto& question : ten)
            ask(question);
        co_return;
    });
}

std::string in_pool_of(std::size_t threads) {
    return in_loop([threads]() -> awaitable<void> {
        asio::thread_pool pool(threads);
        co_await lab::ask_all(pool.get_executor(), ask, ten);
    });
}

/// As the article does it: each call has a pool of its own, with one thread.
///
/// There is no loop here: this thread may wait for a future.
std::string with_own_pools() {
    std::list<asio::thread_pool> pools;
    std::vector<std::future<Page>> pages;
    try {
        for (const auto& question : ten)
            pages.push_back(lab::run_in_executor(
                pools.emplace_back(1).get_executor(), [&question] { return ask(question); },
                asio::use_future));
    } catch (const course::NotImplemented& item) {
        return item.item();
    }
    for (auto& page : pages)
        page.get();
    return "";
}

void show_ten_calls() {
    std::puts("Ten calls that block for 0.1 s     threads       time");
    row("in the loop", 1, without_a_pool);
    row("ask_all, a pool of one", 2, [] { return in_pool_of(1); });
    row("ask_all, a pool of four", 5, [] { return in_pool_of(4); });
    row("ask_all, a pool of ten", 11, [] { return in_pool_of(10); });
    row("a pool of one for each call", 11, with_own_pools);

    const auto start = Clock::now();
    constexpr int rounds = 200;
    for (int i = 0; i < rounds; ++i)
        asio::thread_pool(1).join();
    const double fresh = milliseconds_since(start) / rounds * 1000;
    std::printf("  A pool that is made for one call costs %.0f us beside the call.\n", fresh);
}

// --- How late the loop is ----------------------------------------------------------------------

/// The looks at a loop: when, and how late, in ms.
struct Look {
    double at;
    double late;
};

/// Two calls of 300 ms within 1.2 s, made by \p call; a look each 10 ms.
///
/// If an item is missing, this says so under \p name, and there are no looks.
template <class MakeCall>
std::vector<Look> looks_at(const char* name, const MakeCall& call) {
    std::vector<Look> looks;
    const auto start = Clock::now();
    const std::string missing = in_loop([&]() -> awaitable<void> {
        const auto work = [&]() -> awaitable<void> {
            co_await sleep_for(200ms);
            co_await call();
            co_await sleep_for(200ms);
            co_await call();
            co_await sleep_for(200ms);
        };
        co_await (work() || lab::watch_loop(10ms, [&](lab::Lag lag) {
                      const std::chrono::duration<double, std::milli> late = lag.late;
                      looks.push_back({milliseconds_since(start), late.count()});
                  }));
    });
    if (!missing.empty())
        std::printf("  %-12s not there yet: %s\n", name, missing.c_str());
    return looks;
}

Page slow_call() {
    std::this_thread::sleep_for(300ms);
    return Page("soup");
}

awaitable<void> blocking_call() {
    slow_call();
    co_return;
}

awaitable<void> call_in(asio::thread_pool& pool) {
    co_await lab::run_in_executor(pool.get_executor(), slow_call, use_awaitable);
}

/// The largest lag in each stretch of 20 ms: between two looks it grows with the time.
std::vector<double> lag_over_time(const std::vector<Look>& looks) {
    std::vector<double> lag(60, 0.0);
    for (const Look& look : looks) {
        const auto last = static_cast<std::size_t>(look.at / 20);
        for (std::size_t i = 0; i <= last && i < lag.size(); ++i) {
            const double then =
                look.late - (look.at - std::min(look.at, 20.0 * static_cast<double>(i + 1)));
            lag[i] = std::max(lag[i], then);
        }
    }
    return lag;
}

void draw(const char* name, const std::vector<Look>& looks) {
    if (looks.empty())
        return;
    double most = 0;
    for (const Look& look : looks)
        most = std::max(most, look.late);
    std::printf("\n%s: %zu looks, at most %.0f ms late\n", name, looks.size(), most);
    const auto lag = lag_over_time(looks);
    for (int line = 3; line >= 1; --line) {
        std::printf("  %3d ms |", line * 100);
        for (const double one : lag) {
            const char* levels[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
            const double part = (one - (line - 1) * 100) / 100;
            std::printf("%s", levels[static_cast<int>(std::clamp(part, 0.0, 1.0) * 8)]);
        }
        std::printf("\n");
    }
    std::printf("         0 s          0.25         0.5          0.75         1.0          1.2\n");
}

void write_svg(const std::vector<Look>& blocked, const std::vector<Look>& pooled) {
    std::puts(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 762 262" role="img" aria-labelledby="t d" font-family="system-ui, sans-serif">)"
        "\n  <title id=\"t\">How late the loop is</title>\n"
        "  <desc id=\"d\">With two blocking calls of 300 ms in the loop its lag climbs to 300 ms "
        "twice; "
        "with the calls in a pool it stays at zero.</desc>\n"
        R"(  <rect width="760" height="260" rx="14" fill="#fff4e1" stroke="#e3c596" stroke-width="1.5"/>)");
    const auto line = [](const std::vector<Look>& looks, const char* color) {
        std::printf("  <path fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" d=\"M70 210", color);
        for (const Look& look : looks) {
            const double x = 70 + look.at * 0.55, from = 70 + (look.at - look.late) * 0.55;
            if (look.late > 5)  // from when it was due the lag grows as the time goes
                std::printf(" L%.0f 210 L%.0f %.0f L%.0f 210", from, x, 210 - look.late / 2, x);
        }
        std::printf(" H730\"/>\n");
    };
    std::puts(R"(  <g stroke="#e3c596" stroke-width="1">)");
    for (int late = 0; late <= 300; late += 100)
        std::printf("    <path d=\"M70 %d H730\"/>\n", 210 - late / 2);
    std::puts("  </g>\n  <g font-size=\"14\" fill=\"#4a3830\">");
    for (int late = 0; late <= 300; late += 100)
        std::printf("    <text x=\"60\" y=\"%d\" text-anchor=\"end\">%d ms</text>\n",
                    215 - late / 2, late);
    for (int time = 0; time <= 1200; time += 200)
        std::printf("    <text x=\"%.0f\" y=\"234\" text-anchor=\"middle\">%.1f s</text>\n",
                    70 + time * 0.55, time / 1000.0);
    std::puts(
        "    <text x=\"84\" y=\"32\" font-weight=\"600\" fill=\"#b3392f\">the calls block the "
        "loop</text>\n"
        "    <text x=\"300\" y=\"32\" font-weight=\"600\" fill=\"#2f6f5e\">the calls are in a "
        "pool</text>\n  </g>");
    line(blocked, "#b3392f");
    line(pooled, "#2f6f5e");
    std::puts("</svg>");
}

}  // namespace

int main(int argc, char* argv[]) {
    const bool svg = argc == 2 && std::strcmp(argv[1], "--svg") == 0;
    if (!svg)
        show_ten_calls();
    if (!svg)
        std::puts("\nTwo calls of 300 ms. How late is the loop?");
    asio::thread_pool pool(2);
    const auto blocked = looks_at("In the loop", blocking_call);
    const auto pooled = looks_at("In a pool", [&] { return call_in(pool); });
    if (svg) {
        write_svg(blocked, pooled);
        return 0;
    }
    draw("In the loop", blocked);
    draw("In a pool", pooled);
}
