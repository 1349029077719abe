// What lab 20 chooses from: each workload of a seeded list in eight ways. `./course bench choosing`.
//
// A cell is the median of its rounds, in seconds, from before the executor is started until after it has ended.
// `>1.5` was given up at the cut-off; `-` can't be done, for the machine has not so many threads.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "executors.hpp"
#include "machine.hpp"
#include "measuring.hpp"
#include "progress.hpp"
#include "squares.hpp"
#include "trial.hpp"
#include "workload.hpp"

namespace {

using choosing::Workload;
constexpr double cut_off = 1.5;
constexpr double enough = 0.5;  // seconds after which a cell is not measured again
constexpr std::size_t workloads = 80;
constexpr unsigned many = 64, threads_of_a_worker = 32;
constexpr std::size_t chunk = 64;
constexpr double impossible = -1, given_up = std::numeric_limits<double>::infinity();

/// A task, as it travels to whoever does it.
struct Task {
    int wait_us = 0;
    std::uint64_t squares = 0;
    int bytes = 0;
    bool awaitable = false;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(wait_us, squares, bytes, awaitable);
    }
};

std::string computed(const Task& task) {
    std::string result(static_cast<std::size_t>(task.bytes), 'x');
    const std::uint64_t sum = bench::sum_of_squares(task.squares);
    result.replace(0, sizeof sum, reinterpret_cast<const char*>(&sum), sizeof sum);
    return result;
}

std::string in_a_thread(Task task) {
    if (task.wait_us > 0)
        std::this_thread::sleep_for(std::chrono::microseconds(task.wait_us));
    return computed(task);
}

boost::asio::awaitable<std::string> in_a_coroutine(Task task) {
    if (!task.awaitable)
        co_return in_a_thread(task);
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::microseconds(task.wait_us));
    co_await timer.async_wait(boost::asio::use_awaitable);
    co_return computed(task);
}

using Tasks = std::vector<Task>;

/// A way of doing tasks, on so many processors.
struct Way {
    const char* name;
    /// How many tasks can wait at once, each in a thread.
    std::function<int(const Workload&)> at_once;
    std::function<void(const Tasks&, unsigned cores)> run;
};

const Way ways[] = {
    {"serial", [](auto&) { return 1; },
     [](const Tasks& tasks, unsigned) { bench::serially<in_a_thread>(tasks); }},
    {"thread_per_task", [](auto& workload) { return workload.tasks; },
     [](const Tasks& tasks, unsigned) { bench::in_a_thread_each<in_a_thread>(tasks); }},
    {"threads", [](auto& workload) { return workload.cores; },
     [](const Tasks& tasks, unsigned cores) {
         bench::in_a_thread_pool<in_a_thread>(tasks, cores);
     }},
    {"many_threads", [](auto&) { return int{many}; },
     [](const Tasks& tasks, unsigned) { bench::in_a_thread_pool<in_a_thread>(tasks, many); }},
    {"processes", [](auto& workload) { return workload.cores; },
     [](const Tasks& tasks, unsigned cores) {
         bench::in_a_process_pool<in_a_thread>(tasks, cores, 1);
     }},
    {"processes_in_chunks", [](auto& workload) { return workload.cores; },
     [](const Tasks& tasks, unsigned cores) {
         bench::in_a_process_pool<in_a_thread>(tasks, cores, chunk);
     }},
    {"coroutines", [](auto& workload) { return workload.awaitable ? workload.tasks : 1; },
     [](const Tasks& tasks, unsigned) { bench::in_one_loop<in_a_coroutine>(tasks); }},
    {"threads_in_processes",
     [](auto& workload) { return workload.cores * int{threads_of_a_worker}; },
     [](const Tasks& tasks, unsigned cores) {
         bench::in_processes_with_threads<in_a_thread>(tasks, cores, threads_of_a_worker);
     }},
};

/// Seconds that \p way takes, or `impossible`, or `given_up`.
double seconds(const Way& way, const Workload& workload, double squares_per_us) {
    if (choosing::least_time(workload, way.at_once(workload)) > cut_off)
        return given_up;  // it can't end earlier
    const Task task{workload.wait_us,
                    static_cast<std::uint64_t>(std::llround(workload.cpu_us * squares_per_us)),
                    workload.bytes, workload.awaitable};
    const auto cores = static_cast<unsigned>(workload.cores);
    const auto body = [&] {
        way.run(Tasks(static_cast<std::size_t>(workload.tasks), task), cores);
    };
    const bench::Trial trial =
        bench::try_in_a_child(body, {.processors = cores, .cut_off = cut_off});
    using End = bench::Trial::End;
    return trial.end == End::done ? trial.wall : trial.end == End::given_up ? given_up : impossible;
}

std::string cell(const std::vector<double>& rounds) {
    const double value = bench::median(rounds);
    if (value == impossible)
        return "-";
    if (value == given_up)
        return fmt::format(">{}", cut_off);
    const int digits = 3 - static_cast<int>(std::floor(std::log10(std::max(value, 1e-9))));
    return fmt::format("{:.{}f}", value, std::max(0, digits));
}

/// \p workload and its cells.
std::string measured(const Workload& workload, int rounds, double squares_per_us) {
    std::vector<double> cells[std::size(ways)];
    for (int round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < std::size(ways); ++i) {
            double spent = 0;
            for (const double value : cells[i])
                spent += value == impossible ? enough : value;
            if (spent < enough)
                cells[i].push_back(seconds(ways[i], workload, squares_per_us));
        }
    std::string line = choosing::row(workload);
    for (const auto& each : cells)
        line += "," + cell(each);
    return line + "\n";
}

std::string head(const bench::Options& options) {
    std::string text = "# " + bench::Machine::here().in_words() + "\n# " + bench::today() + "\n# " +
                       options.command("choosing") + "\n" + choosing::columns;
    for (const Way& way : ways)
        text += std::string(",") + way.name;
    return text + "\n";
}

}  // namespace

int main(int argc, char* argv[]) try {
    const bench::Options options = bench::options(argc, argv, 3);
    const std::vector<Workload> drawn = choosing::draw(workloads, options.seed);
    const double squares_per_us = bench::squares_in_a_microsecond();
    // Every other row is for the students; the others are those they have not seen.
    std::string tables[2] = {head(options), head(options)};
    {
        bench::Progress progress(double(drawn.size()));
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            tables[i % 2] += measured(drawn[i], options.rounds, squares_per_us);
            progress.done(1, fmt::format("{} of {} workloads", i + 1, drawn.size()));
        }
    }
    if (options.report.empty()) {
        fmt::print("{}\n{}", tables[0], tables[1]);
        return 0;
    }
    bench::write_file(options.report, "given.csv", tables[0]);
    bench::write_file(options.report, "held_out.csv", tables[1]);
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench choosing: {}\n", error.what());
    return 2;
}
