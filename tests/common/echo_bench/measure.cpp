// How many echoes a second: lab 15's server, a bare epoll loop, asyncio streams. `./course bench echo`.
//
// Each server is a process of its own, with one thread; another one makes the load. Where there are two
// processors, each has one for itself. All are measured in turn, in rounds; the table has the medians.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "coroutines.hpp"
#include "echo_bench.hpp"

namespace {

namespace asio = boost::asio;
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

  private:
    std::uint16_t port_ = 0;
    pid_t child_ = -1;
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

struct Way {
    const char* name;
    std::function<void(int)> serve;
    bool there = true;
    std::map<int, std::vector<double>> echoes = {};  // per second, by connections
};

}  // namespace

int main(int argc, char* argv[]) try {
    int rounds = 5;
    bool json = false;
    std::string script = "measure.py";
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--rounds" && i + 1 < argc)
            rounds = std::max(1, std::atoi(argv[++i]));
        else if (argument == "--json")
            json = true;
        else
            script = argument;
    }
    pin_to(0);
    std::vector<Way> ways{
        {"bare epoll", echo_bench::serve_bare},
        {"lab 15, Asio coroutines", serve_lab},
        {"asyncio streams", [&](int listening) { serve_python(listening, script); }}};
    constexpr int counts[] = {1, 64};
    for (int round = 0; round < rounds; ++round)
        for (const int connections : counts)
            for (Way& way : ways)
                if (way.there) {
                    const Server server(way.serve);
                    try {
                        way.echoes[connections].push_back(echo_bench::load(
                            server.port(), connections, std::chrono::milliseconds(1000)));
                    } catch (const std::system_error&) {
                        way.there = false;  // there is no Python here
                    }
                }
    if (!ways[1].there)
        throw std::runtime_error("the server of lab 15 has closed a connection");
    if (json) {
        nlohmann::json report{{"rounds", rounds}};
        for (const Way& way : ways)
            for (const auto& [connections, echoes] : way.echoes)
                report["echoes_per_second"][way.name][std::to_string(connections)] = echoes;
        std::puts(report.dump(2).c_str());
        return 0;
    }
    fmt::print("Echoes of 64 bytes in a second, medians of {} rounds, in turn\n", rounds);
    fmt::print("  {:<26}{:>14}{:>10}{:>16}{:>10}\n", "", "1 connection", "of bare",
               "64 connections", "of bare");
    for (const Way& way : ways) {
        if (!way.there) {
            fmt::print("  {:<26} no row: python3 not found, or too old\n", way.name);
            continue;
        }
        fmt::print("  {:<26}", way.name);
        for (const int connections : counts) {
            std::vector<double> ratios;  // round by round: what disturbs the machine disturbs both
            const auto &its = way.echoes.at(connections), &bare = ways[0].echoes.at(connections);
            for (std::size_t i = 0; i < its.size(); ++i)
                ratios.push_back(its[i] / bare[i]);
            fmt::print("{:>{}.0f}{:>9.2f}x", median(its), connections == 1 ? 14 : 16,
                       median(ratios));
        }
        fmt::print("\n");
    }
    const double lab = median(ways[1].echoes[64]), bare = median(ways[0].echoes[64]);
    fmt::print("\n  64 connections: {:.2f} x bare epoll (goal: 0.95 at least)", lab / bare);
    if (ways[2].there)
        fmt::print(", {:.1f} x asyncio streams (goal: 4 at least)",
                   lab / median(ways[2].echoes[64]));
    fmt::print("\n");
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
}
