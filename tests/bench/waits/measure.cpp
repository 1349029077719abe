// Many waits at once, by threads, coroutines and processes: what each costs. `./course bench waits`.
//
//     program ──▶ trial ──▶ threads, coroutines or processes, each of which says on the board that it has begun
//        └────────── the board: memory that all of them share ──────────┘
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "executors.hpp"
#include "memory.hpp"
#include "progress.hpp"
#include "report/report.hpp"
#include "trial.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds wait(1000);
constexpr int counts[] = {1, 10, 100, 1000, 10'000, 100'000};
constexpr int most_processes = 1000;
constexpr double cut_off = 30;  // seconds

/// What a trial and all that it starts write for the program.
struct Board {
    std::atomic<int> begun{0};
    std::atomic<Clock::rep> last_begun{0};  ///< when the last wait so far began
    Clock::rep start = 0;
    double memory_of_children = 0;

    void begin() {
        last_begun.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
        begun.fetch_add(1, std::memory_order_release);
    }
    /// Seconds from the start until the last wait had begun.
    double until_begun() const {
        return std::chrono::duration<double>(Clock::duration(last_begun.load() - start)).count();
    }
};

Board* board = nullptr;

int sleeps(int number) {
    board->begin();
    std::this_thread::sleep_for(wait);
    return number;
}

boost::asio::awaitable<int> waits(int number) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, wait);
    board->begin();
    co_await timer.async_wait(boost::asio::use_awaitable);
    co_return number;
}

/// A process for each of \p numbers.
void in_a_process_each(const std::vector<int>& numbers) {
    std::vector<pid_t> children;
    int error = 0;
    for (const int number : numbers) {
        const pid_t child = fork();
        if (child == 0) {
            sleeps(number);
            _exit(0);
        }
        if (child < 0) {
            error = errno;
            break;
        }
        children.push_back(child);
    }
    while (board->begun.load(std::memory_order_acquire) < static_cast<int>(children.size()))
        std::this_thread::yield();
    for (const pid_t child : children)
        board->memory_of_children += bench::private_memory(child);
    for (const pid_t child : children)
        waitpid(child, nullptr, 0);
    if (error != 0)
        throw std::system_error(error, std::generic_category(), "fork");
}

struct Way {
    const char* name;
    int most;
    void (*run)(const std::vector<int>& numbers);
};

const Way ways[] = {
    {"threads", 100'000,
     [](const std::vector<int>& numbers) { bench::in_a_thread_each<sleeps>(numbers); }},
    {"coroutines", 100'000,
     [](const std::vector<int>& numbers) { bench::in_one_loop<waits>(numbers); }},
    {"processes", most_processes, in_a_process_each},
};

/// One round of \p row; false if the machine can't.
bool measure(const Way& way, bench::WaitsRow& row) {
    new (board) Board;
    const std::vector<int> numbers(static_cast<std::size_t>(row.count));
    const bench::Trial trial = bench::try_in_a_child(
        [&] {
            board->start = Clock::now().time_since_epoch().count();
            way.run(numbers);
        },
        {.cut_off = cut_off});
    if (trial.end != bench::Trial::End::done)
        return false;
    row.start.push_back(board->until_begun());
    row.wall.push_back(trial.wall);
    row.memory.push_back(trial.memory + board->memory_of_children);
    return true;
}

bench::Waits measure_all(const bench::Options& options) {
    bench::Waits waits{bench::Origin::here(options.command("waits"), options.rounds),
                       std::chrono::duration<double>(wait).count(),
                       {}};
    std::vector<const Way*> way_of;
    for (const int count : counts)
        for (const Way& way : ways)
            if (count <= way.most) {
                waits.rows.push_back({way.name, count, {}, {}, {}});
                way_of.push_back(&way);
            }
    std::vector<bool> can(waits.rows.size(), true);
    bench::Progress progress(static_cast<double>(waits.rows.size()) * options.rounds);
    for (int round = 0; round < options.rounds; ++round)
        for (std::size_t i = 0; i < waits.rows.size(); ++i) {
            can[i] = can[i] && measure(*way_of[i], waits.rows[i]);
            progress.done(1, fmt::format("{} {}", waits.rows[i].count, waits.rows[i].way));
        }
    return waits;
}

}  // namespace

int main(int argc, char* argv[]) try {
    const bench::Options options = bench::options(argc, argv, 3);
    bench::prepare_report(options.report);
    void* const memory =
        mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    board = new (memory) Board;
    bench::finish(options, measure_all(options));
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench waits: {}\n", error.what());
    return 2;
}
