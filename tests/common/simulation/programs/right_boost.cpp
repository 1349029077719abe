// Right programs: Boost.Thread and Boost.Asio.
#define BOOST_THREAD_VERSION 4
#include <atomic>
#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/thread.hpp>
#include <boost/thread/future.hpp>
#include <chrono>
#include <thread>

#include <course/simulation/simulate.hpp>

#include "right.hpp"

namespace programs {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using course::simulation::expect;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

void boost_condition_variable() {
    boost::mutex mutex;
    boost::condition_variable changed;
    bool ready = false;
    boost::thread thread([&] {
        boost::this_thread::sleep_for(boost::chrono::seconds(1));
        boost::lock_guard<boost::mutex> lock(mutex);
        ready = true;
        changed.notify_one();
    });
    {
        boost::unique_lock<boost::mutex> lock(mutex);
        expect(
            changed.wait_for(lock, boost::chrono::milliseconds(100)) == boost::cv_status::timeout,
            "not yet");
        changed.wait(lock, [&] { return ready; });
    }
    thread.join();
}

void boost_interruption() {
    boost::thread thread([] { boost::this_thread::sleep_for(boost::chrono::seconds(100)); });
    thread.interrupt();
    thread.join();
}

void boost_future() {
    auto future = boost::async(boost::launch::async, [] { return 3; });
    expect(future.get() == 3, "value");
}

void boost_shared_mutex() {
    boost::shared_mutex mutex;
    int value = 0;
    boost::thread writer([&] {
        boost::unique_lock<boost::shared_mutex> lock(mutex);
        ++value;
    });
    {
        boost::shared_lock<boost::shared_mutex> lock(mutex);
        expect(value <= 1, "value");
    }
    writer.join();
}

asio::awaitable<void> pause_for(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

void three_timers_at_once() {
    asio::io_context context;
    int done = 0;
    const auto one = [&]() -> asio::awaitable<void> {
        co_await pause_for(1s);
        ++done;
    };
    asio::co_spawn(
        context, [&]() -> asio::awaitable<void> { co_await (one() && one() && one()); },
        asio::detached);
    context.run();
    expect(done == 3, "all three");
}

void first_of_two_timers() {
    asio::io_context context;
    asio::co_spawn(
        context, []() -> asio::awaitable<void> { co_await (pause_for(1s) || pause_for(5s)); },
        asio::detached);
    context.run();
}

void thread_pool() {
    asio::thread_pool pool(3);
    std::atomic<int> done{0};
    for (int i = 0; i < 7; ++i) {
        asio::post(pool, [&] {
            std::this_thread::sleep_for(1s);
            ++done;
        });
    }
    pool.join();
    expect(done == 7, "all seven");
}

void context_with_two_threads() {
    asio::io_context context;
    auto guard = asio::make_work_guard(context);
    std::thread one([&] { context.run(); });
    std::thread two([&] { context.run(); });
    asio::steady_timer timer(context, 2s);
    timer.async_wait([&](auto) { guard.reset(); });
    one.join();
    two.join();
}

void strand() {
    asio::thread_pool pool(2);
    auto strand = asio::make_strand(pool);
    int count = 0;
    for (int i = 0; i < 4; ++i) {
        asio::post(strand, [&] { ++count; });
    }
    pool.join();
    expect(count == 4, "count");
}

void channel() {
    asio::io_context context;
    asio::experimental::channel<void(boost::system::error_code, int)> channel(context, 1);
    int sum = 0;
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
            for (int i = 1; i <= 3; ++i) {
                co_await channel.async_send({}, i, asio::use_awaitable);
            }
        },
        asio::detached);
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 3; ++i) {
                sum += co_await channel.async_receive(asio::use_awaitable);
            }
        },
        asio::detached);
    context.run();
    expect(sum == 6, "sum");
}

asio::awaitable<void> answer(tcp::socket socket) {
    char data[64];
    const std::size_t size =
        co_await socket.async_read_some(asio::buffer(data), asio::use_awaitable);
    co_await pause_for(1s);
    co_await asio::async_write(socket, asio::buffer(data, size), asio::use_awaitable);
}

asio::awaitable<void> serve(tcp::acceptor& acceptor, int clients) {
    for (int i = 0; i < clients; ++i) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), answer(std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> ask(tcp::endpoint endpoint, std::size_t& received) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer("hello", 5), asio::use_awaitable);
    char data[64];
    received += co_await socket.async_read_some(asio::buffer(data), asio::use_awaitable);
}

void echo_server() {
    asio::io_context server_context;
    asio::io_context client_context;
    tcp::acceptor acceptor(server_context, {asio::ip::make_address("127.0.0.1"), 0});
    asio::co_spawn(server_context, serve(acceptor, 3), asio::detached);
    std::thread server([&] { server_context.run(); });
    std::size_t received = 0;
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(client_context, ask(acceptor.local_endpoint(), received), asio::detached);
    }
    client_context.run();
    server.join();
    expect(received == 15, "three answers");
}

void blocking_sockets() {
    asio::io_context context;
    tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
    std::thread server([&] {
        tcp::socket socket(context);
        acceptor.accept(socket);
        char data[8];
        const std::size_t size = socket.read_some(asio::buffer(data));
        std::this_thread::sleep_for(1s);
        asio::write(socket, asio::buffer(data, size));
    });
    tcp::socket socket(context);
    socket.connect(acceptor.local_endpoint());
    asio::write(socket, asio::buffer("hi", 2));
    char data[8];
    expect(socket.read_some(asio::buffer(data)) == 2, "the answer");
    server.join();
}

void stream_over_a_pipe() {
    asio::io_context context;
    int ends[2];
    expect(::pipe(ends) == 0, "pipe");
    asio::posix::stream_descriptor reading(context, ends[0]);
    asio::posix::stream_descriptor writing(context, ends[1]);
    char byte = 0;
    reading.async_read_some(asio::buffer(&byte, 1), [](auto, std::size_t) {});
    asio::steady_timer timer(context, 1s);
    timer.async_wait([&](auto) { asio::write(writing, asio::buffer("x", 1)); });
    context.run();
    expect(byte == 'x', "the byte");
}

}  // namespace

std::vector<RightProgram> boost_programs() {
    return {
        {"boost::condition_variable", boost_condition_variable, 1s},
        {"boost interruption", boost_interruption, 0s},
        {"boost::future", boost_future, 0s},
        {"boost::shared_mutex", boost_shared_mutex, 0s},
        {"asio: three timers", three_timers_at_once, 1s},
        {"asio: first of two timers", first_of_two_timers, 1s},
        {"asio: thread pool", thread_pool, 3s},
        {"asio: two threads in run", context_with_two_threads, 2s},
        {"asio: strand", strand, 0s},
        {"asio: channel", channel, 0s},
        {"asio: echo server", echo_server, 1s},
        {"asio: blocking sockets", blocking_sockets, 1s},
        {"asio: pipe", stream_over_a_pipe, 1s},
    };
}

const std::vector<RightProgram>& right_programs() {
    static const std::vector<RightProgram> all = [] {
        std::vector<RightProgram> programs = standard_programs();
        for (auto more : {system_programs(), boost_programs()}) {
            programs.insert(programs.end(), more.begin(), more.end());
        }
        return programs;
    }();
    return all;
}

}  // namespace programs
