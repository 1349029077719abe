// The grid of workloads, an estimate of what is worth measuring, and the draw.
#include "workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>

namespace choosing {

namespace {

constexpr double longest = 0.25;  // seconds that the best way of a workload may take

/// Seconds that the best way takes, roughly, on a machine of 2026.
double estimate(const Workload& workload) {
    const double tasks = workload.tasks;
    const double cpu = tasks * workload.cpu_us / 1e6;
    const double wait = workload.wait_us / 1e6;
    std::vector<double> ways{tasks * wait + cpu};                               // serial
    ways.push_back(std::max(tasks * wait / 64, cpu / workload.cores) + 0.004);  // many threads
    ways.push_back(std::max(tasks * wait / (32 * workload.cores), cpu / workload.cores) + 0.006);
    if (workload.awaitable)
        ways.push_back(wait + cpu + tasks * 1.5e-6);  // coroutines
    if (workload.tasks <= 10'000)
        ways.push_back(wait + std::max(tasks * 30e-6, cpu / workload.cores));  // a thread each
    return *std::min_element(ways.begin(), ways.end());
}

std::vector<Workload> grid() {
    std::vector<Workload> all;
    for (const int tasks : {1, 10, 100, 1000, 10'000, 50'000})
        for (const int cpu_us : {0, 2, 20, 200, 2000, 20'000})
            for (const int wait_us : {0, 100, 1000, 10'000, 100'000})
                for (const bool awaitable : {false, true})
                    for (const int bytes : {8, 4096})
                        for (const int cores : {1, 2}) {
                            const Workload one{tasks, cpu_us, wait_us, awaitable, bytes, cores};
                            if ((wait_us > 0 || !awaitable) && estimate(one) < longest)
                                all.push_back(one);
                        }
    return all;
}

}  // namespace

std::string row(const Workload& workload) {
    return fmt::format("{},{},{},{:d},{},{}", workload.tasks, workload.cpu_us, workload.wait_us,
                       workload.awaitable, workload.bytes, workload.cores);
}

std::vector<Workload> draw(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);  // without the standard's distributions, which may differ
    std::map<int, std::vector<Workload>> by_tasks;
    for (const Workload& workload : grid())
        by_tasks[workload.tasks].push_back(workload);
    std::vector<Workload> drawn;
    for (int turn = 0; drawn.size() < count; ++turn) {
        bool left = false;
        for (auto& [tasks, workloads] : by_tasks) {
            left = left || !workloads.empty();
            if (workloads.empty() || drawn.size() == count || (tasks == 1 && turn % 2 == 1))
                continue;
            const auto chosen =
                workloads.begin() + static_cast<std::ptrdiff_t>(random() % workloads.size());
            drawn.push_back(*chosen);
            workloads.erase(chosen);
        }
        if (!left)
            throw std::invalid_argument(
                fmt::format("the grid has {} workloads, not {}", drawn.size(), count));
    }
    for (std::size_t i = drawn.size(); i > 1; --i)
        std::swap(drawn[i - 1], drawn[random() % i]);
    return drawn;
}

double least_time(const Workload& workload, int at_once) {
    const int turns = (workload.tasks + at_once - 1) / at_once;
    const double waiting = turns * (workload.wait_us / 1e6);
    const double computing = double(workload.tasks) * workload.cpu_us / 1e6 / workload.cores;
    return std::max(waiting, computing);
}

}  // namespace choosing
