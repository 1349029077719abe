// Lab 12's program: the six numbers of the articles with more and more workers, and beside Python.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <course/process_pool/process_pool.hpp>
#include <course/testing/not_implemented.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>

#include "primes.hpp"

namespace {

const lab::Numbers six = {112272535095293, 112582705942171, 112272535095293,
                          115280095190773, 115797848077099, 1099726899285419};

/// How long \p body takes in milliseconds: the best of \p runs, for others work on this machine
/// too.
template <class Body>
double milliseconds(const Body& body, int runs = 3) {
    using Clock = std::chrono::steady_clock;
    auto best = Clock::duration::max();
    for (; runs > 0; --runs) {
        const auto start = Clock::now();
        body();
        best = std::min(best, Clock::now() - start);
    }
    return std::chrono::duration<double, std::milli>(best).count();
}

/// One chef for each processor; made by a process that has no threads.
course::ProcessPool& pool_of(std::size_t workers) {
    static std::map<std::size_t, course::ProcessPool> pools;
    return pools.try_emplace(workers, course::PoolOptions{.max_workers = unsigned(workers)})
        .first->second;
}

void show_numbers() {
    std::puts("  in order (map)                    alone    as completed");
    std::vector<std::uint64_t> completed;
    try {
        //! [as completed]
        lab::check_as_completed(pool_of(2), six, lab::is_prime, [&](const lab::Answer& answer) {
            completed.push_back(answer.number);
        });
        //! [as completed]
    } catch (const course::NotImplemented&) {
    }
    for (std::size_t i = 0; i < six.size(); ++i) {
        bool prime = false;
        const double alone = milliseconds([&] { prime = lab::is_prime(six[i]); });
        std::printf("%18lu  %-9s  %6.1f ms    %18s\n", six[i], prime ? "prime" : "not prime", alone,
                    i < completed.size() ? std::to_string(completed[i]).c_str() : "not there yet");
    }
}

/// How long \p body takes and how many times faster than \p serial that is, if it is there already.
template <class Body>
std::string columns(double serial, const Body& body) {
    char text[40] = "     not there yet";
    try {
        const double taken = milliseconds(body);
        std::snprintf(text, sizeof text, "%7.1f ms %5.1fx", taken, serial / taken);
    } catch (const course::NotImplemented&) {  // the threads can be seen before 12.3 is written
    }
    return text;
}

void show_speed_up(std::size_t most_workers) {
    const double serial = milliseconds([] { lab::check_serial(six, lab::is_prime); });
    const double longest = milliseconds([] { lab::is_prime(six[4]); });  // the largest prime
    std::printf("\n  workers   %17s  %17s  %17s\n", "threads", "processes", "limit");
    std::printf("  serial    %7.1f ms%47sauthors: 55 ms\n", serial, "");
    for (std::size_t workers = 1; workers <= most_workers; ++workers) {
        const auto threads = [&] { lab::check_with_threads(six, workers, lab::is_prime); };
        course::ProcessPool& pool = pool_of(workers);
        const auto processes = [&] { lab::check_with_processes(pool, six, 1, lab::is_prime); };
        const double limit = std::max(longest, serial / static_cast<double>(workers));
        std::printf("  %-8zu  %s  %s  %7.1f ms %5.1fx  %s\n", workers,
                    columns(serial, threads).c_str(), columns(serial, processes).c_str(), limit,
                    serial / limit, workers == 2 ? "authors: 31 ms" : "");
    }
}

void show_chunks(std::size_t workers) {
    lab::Numbers numbers(100'000);
    std::iota(numbers.begin(), numbers.end(), 0);
    std::printf("\n  100000 small numbers, %zu processes\n  chunksize      chunks\n", workers);
    for (std::size_t chunksize = 1; chunksize <= numbers.size(); chunksize *= 10)
        std::printf(
            "  %-8zu  %10zu  %10.1f ms\n", chunksize, numbers.size() / chunksize, milliseconds([&] {
                lab::check_with_processes(pool_of(workers), numbers, chunksize, lab::is_prime);
            }));
}

// The six numbers in Python. It prints the milliseconds of the three ways.
constexpr const char* python_program = R"(
import math, multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
def is_prime(n):
    if n < 2 or n % 2 == 0:
        return n == 2
    return all(n % d for d in range(3, math.isqrt(n) + 1, 2))
def measure(way):
    start = time.perf_counter()
    list(way(is_prime, map(int, os.environ["SIX_NUMBERS"].split())))
    print((time.perf_counter() - start) * 1000)
workers = int(os.environ["WORKERS"])
measure(map)
with ThreadPoolExecutor(workers) as pool:
    measure(pool.map)
with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
    measure(pool.map)
)";

void show_python(std::size_t workers) {
    std::printf("\n  Python, some seconds ...\n");
    std::fflush(stdout);
    std::string numbers;
    for (const std::uint64_t number : six)
        numbers += std::to_string(number) + " ";
    setenv("SIX_NUMBERS", numbers.c_str(), 1);
    setenv("WORKERS", std::to_string(workers).c_str(), 1);
    setenv("PYTHON_PROGRAM", python_program, 1);
    double serial = 0, threads = 0, processes = 0;
    std::FILE* output = popen("exec python3 -c \"$PYTHON_PROGRAM\" 2>/dev/null", "r");
    if (output && std::fscanf(output, "%lf %lf %lf", &serial, &threads, &processes) == 3)
        std::printf(
            "  The six, %zu workers: serial %.0f ms, threads %.0f, processes %.0f"
            "\n        authors (2): serial 860 ms, threads 870, processes 480\n",
            workers, serial, threads, processes);
    else
        std::puts("  No row for Python: python3 not found, or older than 3.8.");
    if (output)
        pclose(output);
}

}  // namespace

int main(int argc, char* argv[]) try {
    const course::ForkServer server;  // before there is a thread
    for (int i = 1; i < argc; ++i) {  // numbers to check, one by one
        std::uint64_t number = 0;
        const auto parsed = std::from_chars(argv[i], argv[i] + std::strlen(argv[i]), number);
        if (parsed.ec != std::errc() || *parsed.ptr != '\0')
            throw std::invalid_argument(std::string(argv[i]) + ": give numbers from 0 to 2^64 - 1");
        bool prime = false;
        const double taken = milliseconds([&] { prime = lab::is_prime(number); }, 1);
        std::printf("%20lu  %-9s  %8.1f ms\n", number, prime ? "prime" : "not prime", taken);
    }
    if (argc > 1)
        return 0;
    const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
    std::printf("The six numbers of the articles, on %zu processors\n\n", processors);
    show_numbers();
    show_speed_up(std::min<std::size_t>(processors + 1, 6));
    show_chunks(processors);
    show_python(processors);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
}
