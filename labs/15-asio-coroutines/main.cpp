// Lab 15's program: a meal, a limit, and an evening in the house of echoes. On a real clock, over TCP.
//
// Before an item is done, its row says so.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cmath>
#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>

#include "asio_coroutines.hpp"

namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using asio::use_awaitable;
using lab::awaitable;
using Clock = std::chrono::steady_clock;
using tcp = asio::ip::tcp;

Clock::time_point start;

/// " at 300 ms", to the next 10 ms.
std::string at_now(const std::string& what) {
    const double passed = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    char text[40];
    std::snprintf(text, sizeof text, " at %3ld ms", std::lround(passed / 10) * 10);
    return what + text;
}

/// One row: what \p body says, in a loop of its own.
void row(const char* name, const std::function<awaitable<std::string>()>& body) {
    std::printf("  %-36s", name);
    std::fflush(stdout);
    asio::io_context loop;
    std::string text;
    start = Clock::now();
    asio::co_spawn(
        loop,
        [&]() -> awaitable<void> {
            try {
                text = at_now(co_await body());
            } catch (const course::NotImplemented& missing) {
                text = "not there yet: " + missing.item();
            } catch (const std::exception& error) {
                text = at_now(std::string("throws ") + error.what());
            }
        },
        asio::detached);
    loop.run();
    std::printf("%s\n", text.c_str());
}

awaitable<void> sleep_for(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(use_awaitable);
}

awaitable<std::string> dish(std::string name) {
    co_await sleep_for(name == "starter" ? 300ms : name == "main" ? 100ms : 200ms);
    co_return name;
}

awaitable<std::string> soup_after(std::chrono::milliseconds time) {
    co_await sleep_for(time);
    co_return "soup";
}

awaitable<std::string> no_soup_after(std::chrono::milliseconds time) {
    co_await sleep_for(time);
    throw std::runtime_error("no soup");
}

awaitable<std::string> limited(awaitable<std::string> work) {
    const auto soup = co_await lab::within(250ms, std::move(work));
    co_return soup.value_or("nothing");
}

void show_waiting() {
    std::puts("A starter of 300 ms, a main dish of 100, a dessert of 200");
    row("one co_await after the other", []() -> awaitable<std::string> {
        co_await dish("starter");
        co_await dish("main");
        co_await dish("dessert");
        co_return "all three";
    });
    row("lab::cook_meal", []() -> awaitable<std::string> {
        const lab::Meal meal = co_await lab::cook_meal(dish);
        co_return "all three";
    });
    std::puts("\nSoup, but not longer than 250 ms");
    row("takes 100 ms", [] { return limited(soup_after(100ms)); });
    row("takes 400 ms", [] { return limited(soup_after(400ms)); });
    row("fails after 100 ms", [] { return limited(no_soup_after(100ms)); });
    row("fails after 100 ms, plain ||", []() -> awaitable<std::string> {
        //! [plain or]
        const auto first = co_await (no_soup_after(100ms) || sleep_for(250ms));
        co_return first.index() == 0 ? "soup" : "nothing";
        //! [plain or]
    });
}

// --- The house ---------------------------------------------------------------------------------

void say(const std::string& what) {
    std::printf("  %s\n", at_now(what).c_str());
}

/// Comes, says the name, leaves after \p stay, or when told to.
awaitable<void> guest(tcp::endpoint house, std::string name, std::chrono::milliseconds stay) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(house, use_awaitable);
    co_await asio::async_write(socket, asio::buffer(name), use_awaitable);
    std::string heard(name.size(), ' ');
    co_await asio::async_read(socket, asio::buffer(heard), use_awaitable);
    say(heard + " hears the echo");
    std::string more(4, ' ');
    const auto told =
        co_await (asio::async_read(socket, asio::buffer(more), asio::as_tuple(use_awaitable)) ||
                  sleep_for(stay));
    say(heard + (told.index() == 0 ? " is told " + more.substr(0, 3) : " leaves"));
}

void show_house() {
    std::puts("\nTwo places, four guests who stay 200 ms; the house closes at 500 ms");
    asio::io_context loop;
    tcp::acceptor acceptor(loop, {asio::ip::make_address("127.0.0.1"), 0});
    //! [over tcp]
    lab::EchoServer server(
        [&]() -> awaitable<lab::Socket> {
            co_return co_await acceptor.async_accept(use_awaitable);
        },
        {.guests = 2, .patience = 30s, .grace = 1s});
    //! [over tcp]
    start = Clock::now();
    bool there = true;
    asio::co_spawn(
        loop,
        [&]() -> awaitable<void> {
            try {
                co_await server.run();
                say("the house is empty");
            } catch (const course::NotImplemented& missing) {
                std::printf("  not there yet: %s\n", missing.item().c_str());
                there = false;
                loop.stop();
            }
        },
        asio::detached);
    for (const char* name : {"Ann", "Bob", "Cid"})
        asio::co_spawn(loop, guest(acceptor.local_endpoint(), name, 200ms), asio::detached);
    asio::co_spawn(loop, guest(acceptor.local_endpoint(), "Dot", 10s), asio::detached);
    asio::steady_timer closing(loop, 500ms);
    closing.async_wait([&](auto) {
        if (there) {
            say("stop");
            server.stop();
        }
    });
    loop.run();
}

}  // namespace

int main() {
    show_waiting();
    show_house();
}
