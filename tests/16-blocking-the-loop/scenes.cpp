// What the pictures of who ran when show.
#include "blocking.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <course/simulation/catch.hpp>
#include <list>
#include <string>
#include <thread>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::use_awaitable;
using lab::awaitable;

namespace {

lab::Page call(const std::string& question) {
    course::note(question);
    std::this_thread::sleep_for(1s);
    course::note("");
    return lab::Page(question);
}

std::vector<std::string> numbered(int count) {
    std::vector<std::string> questions;
    for (int i = 1; i <= count; ++i)
        questions.push_back("call " + std::to_string(i));
    return questions;
}

}  // namespace

TEST_CASE("ten calls on four threads", "[.scene]") {
    course::simulate([] {
        asio::io_context loop;
        asio::thread_pool pool(4);
        asio::co_spawn(
            loop,
            [&]() -> awaitable<void> {
                co_await lab::ask_all(pool.get_executor(), call, numbered(10));
            },
            asio::detached);
        loop.run();
        pool.join();
    });
}
