// What a call through ProcessPool costs, beside bare sockets and CPython's pools: `./course bench pool`.
//
// All are measured in turn, in rounds, in one run; the table has the medians.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include <course/process_pool/process_pool.hpp>

#include "bare.hpp"
#include "measuring.hpp"
#include "memory.hpp"

using namespace course;

namespace {

using Clock = std::chrono::steady_clock;
using bench::median;
using bench::Samples;
constexpr unsigned workers = 2;

int same(int number) {
    return number;
}

template <class Body>
double timed(int count, Body body) {
    const auto start = Clock::now();
    body();
    return std::chrono::duration<double>(Clock::now() - start).count() / count;
}

void measure_bare(Samples& samples) {
    bare::Children one(1, 8);
    one.ping_pong(200);
    samples["bare round trip"].push_back(one.ping_pong(2000) / 2000);
    samples["bare window"].push_back(one.window(100'000) / 100'000);
    bare::Children two(int{workers}, 64 * 8);
    two.shared_out(200);
    samples["bare chunk 64"].push_back(two.shared_out(4000) / (4000 * 64));
}

void measure_pool(Samples& samples) {
    ProcessPool pool({.max_workers = workers});
    std::vector<int> items(100'000, 1);
    const auto map = [&](std::size_t chunksize) {
        for ([[maybe_unused]] const int item : pool.map(same, items, chunksize)) {
        }
    };
    map(1);
    samples["map chunk 1"].push_back(timed(100'000, [&] { map(1); }));
    samples["submit"].push_back(timed(100'000, [&] {
        std::vector<Future<int>> futures;
        futures.reserve(items.size());
        for (const int item : items)
            futures.push_back(pool.submit(same, item));
        wait(futures);
        for (auto& future : futures)
            future.get();
    }));
    items.resize(640'000, 1);
    samples["map chunk 64"].push_back(timed(640'000, [&] { map(64); }));
    samples["round trip"].push_back(timed(2000, [&] {
        for (int i = 0; i < 2000; ++i)
            pool.submit(same, i).get();
    }));
    std::vector<char> blob(8 << 20, 'x');
    samples["blob"].push_back(timed(1, [&] {
        blob = pool.submit([](std::vector<char> v) { return v; }, std::move(blob)).get();
    }));
    samples["memory"].push_back(bench::private_memory(pool.worker_pids().front()));
}

/// Until each worker has answered, and its end. The program is as large as `touched`.
double start_and_end(unsigned count) {
    return timed(1, [&] {
        ProcessPool pool({.max_workers = count});
        for ([[maybe_unused]] const int item : pool.map(same, std::vector<int>(count, 1))) {
        }
    });
}

void print(Samples& samples) {
    const auto m = [&](const std::string& name) { return median(samples[name]); };
    const auto line = [&](const std::string& what, const std::string& name, double scale,
                          int digits) {
        if (!samples[name].empty())
            fmt::print("  {:<52} {:>10.{}f}\n", what, m(name) * scale, digits);
    };
    const auto ratio = [&](const std::string& what, double value, const std::string& goal,
                           bool met) {
        if (value > 0 && value < 1e9)
            fmt::print("  {:<52} {:>10.2f}   goal {:<10} {}\n", what, value, goal,
                       met ? "met" : "NOT MET");
    };
    fmt::print("microseconds an empty task, one a message, {} workers kept fed\n", workers);
    line("bare socketpair, 64 on their way, written together", "bare window", 1e6, 2);
    line("ProcessPool::map", "map chunk 1", 1e6, 2);
    line("ProcessPool::submit, wait, get", "submit", 1e6, 2);
    line("multiprocessing.Pool.map", "python pool chunk 1", 1e6, 2);
    line("ProcessPoolExecutor.map", "python executor chunk 1", 1e6, 2);
    ratio("  microseconds", m("submit") * 1e6, "<= 0.85", m("submit") <= 0.85e-6);
    const auto against = [&](const std::string& what, const std::string& other,
                             const std::string& ours, double least) {
        if (!samples[other].empty())
            ratio("  times faster than " + what, m(other) / m(ours), fmt::format(">= {}", least),
                  m(other) / m(ours) >= least);
    };
    against("multiprocessing.Pool", "python pool chunk 1", "submit", 20);
    against("ProcessPoolExecutor", "python executor chunk 1", "submit", 100);
    fmt::print("\nnanoseconds an empty task, 64 a message, {} workers\n", workers);
    line("bare socketpairs, one message on its way to each", "bare chunk 64", 1e9, 0);
    line("ProcessPool::map", "map chunk 64", 1e9, 0);
    line("multiprocessing.Pool.map", "python pool chunk 64", 1e9, 0);
    line("ProcessPoolExecutor.map", "python executor chunk 64", 1e9, 0);
    ratio("  of bare", m("map chunk 64") / m("bare chunk 64"), "<= 1.2",
          m("map chunk 64") <= 1.2 * m("bare chunk 64"));
    against("multiprocessing.Pool", "python pool chunk 64", "map chunk 64", 2.5);
    against("ProcessPoolExecutor", "python executor chunk 64", "map chunk 64", 10);
    fmt::print("\nmicroseconds a round trip, one task at a time\n");
    line("bare socketpair", "bare round trip", 1e6, 1);
    line("ProcessPool::submit, get", "round trip", 1e6, 1);
    line("multiprocessing.Pool.apply", "python pool round trip", 1e6, 1);
    line("ProcessPoolExecutor.submit, result", "python executor round trip", 1e6, 1);
    ratio("  of bare", m("round trip") / m("bare round trip"), "<= 1.15",
          m("round trip") <= 1.15 * m("bare round trip"));
    fmt::print("\nmicroseconds to start and end {} workers, from a program of 256 MB\n", workers);
    line("posix_spawn of /bin/true", "spawn", 1e6, 0);
    line("ProcessPool, a task for each", "start", 1e6, 0);
    line("multiprocessing.Pool, a task for each", "python pool start", 1e6, 0);
    ratio("  of posix_spawn", m("start") / m("spawn"), "<= 2", m("start") <= 2 * m("spawn"));
    fmt::print("\nmilliseconds for 8 MiB to a worker and back\n");
    line("ProcessPool", "blob", 1e3, 1);
    fmt::print("\nMiB of its own that a worker has\n");
    line("ProcessPool", "memory", 1.0 / (1 << 20), 2);
    line("multiprocessing.Pool", "python pool memory", 1.0 / (1 << 20), 2);
    line("ProcessPoolExecutor", "python executor memory", 1.0 / (1 << 20), 2);
}

}  // namespace

int main(int argc, char* argv[]) {
    ForkServer server;
    const bench::Options options = bench::options(argc, argv, 9);
    Samples samples;
    bool with_python = !options.script.empty();
    for (int round = 0; round < options.rounds; ++round) {
        measure_bare(samples);
        measure_pool(samples);
        if (with_python)
            with_python = bench::add_python(samples, options.script, "python ");
    }
    std::vector<char> touched(256 << 20, 1);
    for (int round = 0; round < options.rounds; ++round) {
        samples["spawn"].push_back(bare::spawn(int{workers}));
        samples["start"].push_back(start_and_end(workers));
    }
    if (options.json) {
        bench::print_medians(samples);
    } else {
        print(samples);
        bench::print_closing(options.rounds, with_python);
    }
}
