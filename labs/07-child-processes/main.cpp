// Runs programs that end in every way there is, many at once, and measures what starting one costs.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOST_PROCESS_V2_SEPARATE_COMPILATION
#include <boost/asio/io_context.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/stdio.hpp>
#include <boost/version.hpp>
#if BOOST_VERSION < 108600  // later it is a library of its own
#include <boost/process/v2/src.hpp>
#endif

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "children.hpp"

extern char** environ;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string shown(const lab::Ending& ending) {
    std::string text = ending.signal != 0 ? std::string("signal ") + strsignal(ending.signal)
                                          : "exit status " + std::to_string(ending.exit_status);
    if (ending.timed_out)
        text += ", timed out";
    if (!ending.output.empty())
        text += ", " + std::to_string(ending.output.size()) + " bytes";
    return text;
}

void show(const char* what, const lab::Command& command) {
    std::printf("  %-46s ", what);
    std::fflush(stdout);
    const auto start = Clock::now();
    try {
        const lab::Ending ending = lab::run(command);
        std::printf("%-32s %5.2f s\n", shown(ending).c_str(), seconds_since(start));
    } catch (const std::system_error& error) {
        std::printf("%s\n", error.what());
    } catch (const course::NotImplemented& missing) {
        std::printf("%s is not there yet\n", missing.item().c_str());
    }
}

void show_endings() {
    std::puts("How programs end");
    show("echo soup", {{"echo", "soup"}, "", {}});
    show("sh -c 'exit 3'", {{"sh", "-c", "exit 3"}, "", {}});
    show("sh -c 'kill -SEGV $$'", {{"sh", "-c", "kill -SEGV $$"}, "", {}});
    show("no-such-program", {{"no-such-program"}, "", {}});
    show("sort, fed a million bytes", {{"sort"}, std::string(1'000'000, 's'), {}});
    show("true, fed a million bytes", {{"true"}, std::string(1'000'000, 's'), {}});
    show("sleep 1000, within 200 ms", {{"sleep", "1000"}, "", 200ms});
    show("sh -c 'sleep 1000 & wait', within 200 ms",
         {{"sh", "-c", "sleep 1000 & wait"}, "", 200ms});
}

void show_many() {
    std::puts("\nEight programs that take 0.1 s each");
    for (const std::size_t at_once : {1U, 2U, 4U, 8U}) {
        const auto start = Clock::now();
        try {
            lab::run_all(std::vector<lab::Command>(8, {{"sleep", "0.1"}, "", {}}), at_once);
            std::printf("  %zu at once   %.1f s\n", at_once, seconds_since(start));
        } catch (const course::NotImplemented& missing) {
            std::printf("  %s is not there yet\n", missing.item().c_str());
            return;
        }
    }
}

// --- What a start costs --------------------------------------------------------------------------

void with_fork() {
    const pid_t child = fork();
    if (child == 0) {
        execl("/bin/true", "true", nullptr);
        _exit(127);
    }
    waitpid(child, nullptr, 0);
}

void with_spawn() {
    pid_t child = 0;
    char name[] = "true";
    char* arguments[] = {name, nullptr};
    if (posix_spawn(&child, "/bin/true", nullptr, nullptr, arguments, environ) == 0)
        waitpid(child, nullptr, 0);
}

void with_boost() {
    boost::asio::io_context context;
    boost::process::v2::process child(context, "/bin/true", std::vector<std::string>{});
    child.wait();
}

double milliseconds(const std::function<void()>& start_one) {
    constexpr int times = 20;
    const auto start = Clock::now();
    for (int i = 0; i < times; ++i)
        start_one();
    return seconds_since(start) * 1000 / times;
}

void show_costs() {
    std::puts("\nTo start /bin/true and wait for it, in ms (median of 7 rounds of 20)");
    std::puts("                    a small parent   with 256 MB of its own");
    const std::pair<const char*, std::function<void()>> ways[] = {
        {"fork and exec", with_fork}, {"posix_spawn", with_spawn}, {"Boost.Process", with_boost}};
    std::vector<std::vector<double>> small(3);
    std::vector<std::vector<double>> large(3);
    std::vector<char> memory;
    for (auto* times : {&small, &large}) {
        for (int round = 0; round < 7; ++round)  // in turn, so that what else runs hits all of them
            for (std::size_t i = 0; i < 3; ++i)
                (*times)[i].push_back(milliseconds(ways[i].second));
        memory.assign(std::size_t{256} << 20, 's');
    }
    const auto median = [](std::vector<double> times) {
        std::sort(times.begin(), times.end());
        return times[times.size() / 2];
    };
    for (std::size_t i = 0; i < 3; ++i)
        std::printf("  %-16s %15.2f %24.2f\n", ways[i].first, median(small[i]), median(large[i]));
}

}  // namespace

int main() {
    show_endings();
    show_many();
    show_costs();
}
