// How many echoes a second: lab 15's server, a bare epoll loop, asyncio streams. `./course bench echo`.
//
// Each server is a process of its own, with one thread; another one makes the load. Where there are two
// processors, each has one for itself. All are measured in turn, in rounds; the table has the medians.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "asio_coroutines.hpp"
#include "echo_bench.hpp"
#include "measuring.hpp"

namespace {

namespace asio = boost::asio;
using bench::median;
using echo_bench::checked;

void serve_lab(int listening) {
    asio::io_context loop(1);
    asio::ip::tcp::acceptor acceptor(loop, asio::ip::tcp::v4(), listening);
    lab::EchoServer server(
        [&]() -> lab::awaitable<lab::Socket> {
            co_return co_await acceptor.async_accept(asio::use_awaitable);
        },
        {});
    asio::co_spawn(loop, server.run(), asio::detached);
    loop.run();
}

void serve_python(int listening, const std::string& script) {
    const std::string descriptor = std::to_string(listening);
    dup2(checked(open("/dev/null", O_WRONLY | O_CLOEXEC), "open"),
         STDERR_FILENO);  // it tells of each reset
    // The system's own before one that somebody built, which may be slower.
    for (const char* python : {"/usr/bin/python3", "python3"})
        execlp(python, "python3", script.c_str(), descriptor.c_str(), nullptr);
}

void pin_to(unsigned processor) {
    if (std::thread::hardware_concurrency() < 2)
        return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/// A server in a child, on a port that the kernel chose.
class Server {
  public:
    explicit Server(const std::function<void(int)>& serve) {
        const int listening = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        checked(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address),
                "bind");
        checked(listen(listening, 128), "listen");
        socklen_t size = sizeof address;
        checked(getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size),
                "getsockname");
        port_ = ntohs(address.sin_port);
        child_ = checked(fork(), "fork");
        if (child_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            pin_to(1);
            try {
                serve(listening);
            } catch (...) {
            }
            _exit(1);
        }
        close(listening);
    }
    ~Server() {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const { return port_; }
    /// Processor time that it has used, in seconds.
    double used() const {
        clockid_t clock{};
        timespec time{};
        clock_getcpuclockid(child_, &clock);
        clock_gettime(clock, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
    }

  private:
    std::uint16_t port_ = 0;
    pid_t child_ = -1;
};

struct Way {
    const char* name;
    std::function<void(int)> serve;
    bool there = true;
    // By the number of connections:
    std::map<int, std::vector<double>> echoes = {};  // per second
    std::map<int, std::vector<double>> used = {};    // processor time of the server, us an echo
};

}  // namespace

int main(int argc, char* argv[]) try {
    const bench::Options options = bench::options(argc, argv, 5);
    const int rounds = options.rounds;
    pin_to(0);
    std::vector<Way> ways{
        {"bare epoll", echo_bench::serve_bare},
        {"lab 15, Asio coroutines", serve_lab},
        {"asyncio streams", [&](int listening) { serve_python(listening, options.script); }}};
    constexpr int counts[] = {1, 64};
    for (int round = 0; round < rounds; ++round)
        for (const int connections : counts)
            for (Way& way : ways)
                if (way.there) {
                    const Server server(way.serve);
                    try {
                        using std::chrono_literals::operator""ms;
                        echo_bench::load(server.port(), connections, 200ms);  // warm
                        const double before = server.used();
                        const auto echoes = echo_bench::load(server.port(), connections, 1000ms);
                        const double used = server.used() - before;
                        const auto count = static_cast<double>(echoes.count);
                        way.echoes[connections].push_back(count / echoes.seconds);
                        way.used[connections].push_back(used / count * 1e6);
                    } catch (const std::system_error&) {
                        way.there = false;  // there is no Python here
                    }
                }
    if (!ways[1].there)
        throw std::runtime_error("the server of lab 15 has closed a connection");
    if (options.json) {
        nlohmann::json report{{"rounds", rounds}};
        for (const Way& way : ways)
            for (const auto& [connections, echoes] : way.echoes) {
                auto& entry = report[way.name][std::to_string(connections)];
                entry["echoes_per_second"] = echoes;
                entry["microseconds_of_processor_per_echo"] = way.used.at(connections);
            }
        std::puts(report.dump(2).c_str());
        return 0;
    }
    fmt::print("Echoes of 64 bytes, medians of {} rounds, in turn\n", rounds);
    fmt::print("Processor: what the server used, in us an echo\n");
    fmt::print("  {:<24}{:>26}{:>26}\n", "", "1 connection", "64 connections");
    fmt::print("  {:<24}{:>16}{:>10}{:>16}{:>10}\n", "", "a second", "processor", "a second",
               "processor");
    for (const Way& way : ways) {
        fmt::print("  {:<24}", way.name);
        if (way.there)
            for (const int connections : counts)
                fmt::print("{:>16.0f}{:>10.2f}", median(way.echoes.at(connections)),
                           median(way.used.at(connections)));
        fmt::print("{}\n", way.there ? "" : "  no row: python3 not found, or too old");
    }
    const auto share = [&](const Way& way, const Way& other) {
        return bench::ratio(way.echoes.at(64), other.echoes.at(64));
    };
    fmt::print("\nAt 64 connections, round by round:\n");
    fmt::print("  {:.2f} x bare epoll        goal: 0.95 at least\n", share(ways[1], ways[0]));
    if (ways[2].there)
        fmt::print(
            "  {:.2f} x asyncio streams   goal: 4 at least; bare epoll, the limit: {:.2f} x\n",
            share(ways[1], ways[2]), share(ways[0], ways[2]));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
}
