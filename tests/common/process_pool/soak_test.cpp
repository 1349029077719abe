// A thousand kills under load: each task's result comes once, or its failure does.
#include <sys/syscall.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <random>

#include "kitchen.hpp"

using namespace course;
using namespace kitchen;

namespace {

/// Kill \p pid if it still is a worker: a child of the fork server. Never anybody else who got the number.
bool kill_worker(pid_t pid) {
    const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (process == -1)
        return false;
    std::ifstream status("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(status, name);
    const bool killed =
        name == "pool-worker" && syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0) == 0;
    close(process);
    return killed;
}

long work(long number, const std::string& load) {
    long sum = number;
    for (const char byte : load)
        sum += byte;
    return sum;
}

}  // namespace

TEST_CASE("a thousand kills under load lose nothing and repeat nothing") {
    constexpr int kills = 1000;
    const auto before = testing::ProcessState::now();
    std::atomic<int> callbacks{0};
    int values = 0, deaths = 0;
    {
        ProcessPool pool({.max_workers = 3});
        std::mt19937 random(2024);
        std::vector<Future<long>> futures;
        const std::string small(20, '\1'), large(100'000, '\1');
        const auto take_all = [&](std::size_t leave) {
            while (futures.size() > leave) {
                auto future = futures.back();
                futures.pop_back();
                try {
                    const long value = future.get();
                    REQUIRE((value % 1'000'000 == 20 || value % 1'000'000 == 100'000));
                    ++values;
                } catch (const WorkerDied& error) {
                    REQUIRE(error.signal() == SIGKILL);
                    ++deaths;
                }
            }
        };
        int submitted = 0;
        for (int killed = 0; killed < kills;) {
            for (int i = 0; i < 12; ++i, ++submitted) {
                futures.push_back(
                    pool.submit(work, submitted * 1'000'000L, random() % 8 == 0 ? large : small));
                futures.back().on_done([&](const Future<long>&) { ++callbacks; });
            }
            const auto pids = pool.worker_pids();
            if (!pids.empty())
                killed += kill_worker(pids[random() % pids.size()]);
            if (futures.size() > 200)
                take_all(100);
        }
        take_all(0);
        pool.shutdown();
        CHECK(values + deaths == submitted);
        CHECK(callbacks == submitted);
        CHECK(values > deaths);
        CHECK(deaths <= kills);  // a kill breaks no more than the one task that was run
    }
    CHECK(testing::difference(before, testing::ProcessState::now()) == "");
}

TEST_CASE("with retries kills fail no task") {
    ProcessPool pool({.max_workers = 3, .retries = 1000});
    std::mt19937 random(7);
    int done = 0, submitted = 0;
    for (int killed = 0; killed < 300;) {
        std::vector<Future<long>> futures;
        for (int i = 0; i < 20; ++i, ++submitted)
            futures.push_back(pool.submit(work, submitted * 1000L, std::string(10, '\1')));
        const auto pids = pool.worker_pids();
        if (!pids.empty())
            killed += kill_worker(pids[random() % pids.size()]);
        for (int i = 0; i < 20; ++i)
            done += futures[static_cast<std::size_t>(i)].get() == (submitted - 20 + i) * 1000L + 10;
    }
    CHECK(done == submitted);
}
