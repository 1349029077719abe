// The measured table: reading, computing and both, in every way, in C++ and in Python. `./course bench table`.
//
// A round measures every cell once, C++ and Python in turn. A C++ cell is a process of its own, as one of Python is, and
// its time is from before the executor is started until after it has ended.
#include <array>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <string>

#include "measuring.hpp"
#include "processors.hpp"
#include "progress.hpp"
#include "report/report.hpp"
#include "trial.hpp"
#include "ways.hpp"

namespace {

constexpr int sizes[] = {1000, 10'000};

/// Seconds that a cell takes, roughly: for the progress bar, which is to count what takes long as much.
double weight(const table::Way& way, int tasks, bool python) {
    if (!python)
        return 0.01 + tasks * (way.name == "thread_per_task" || way.name == "async" ? 40e-6 : 4e-6);
    return 0.1 + tasks * (way.work == "io" ? 50e-6 : 380e-6);
}

/// A cell in Python: its seconds and those of the processors; nothing if there is no Python.
std::optional<std::array<double, 2>> measure_python(const std::string& script,
                                                    const table::Way& way, int tasks,
                                                    unsigned workers) {
    const auto output =
        bench::python(fmt::format("{} {} {} {} {}", script, way.work, way.name, tasks, workers));
    std::array<double, 2> took{};
    if (!output || std::sscanf(output->c_str(), "%lf %lf", &took[0], &took[1]) != 2)
        return std::nullopt;
    return took;
}

class Measurement {
  public:
    explicit Measurement(const bench::Options& options) : options_(options) {
        figures_ = bench::Table{
            bench::Origin::here(options.command("table"), options.rounds), workers_, {}};
    }

    bench::Table run() {
        double total = 0;
        for_all([&](const table::Way& way, int tasks, bool python) {
            total += weight(way, tasks, python) * options_.rounds;
        });
        bench::Progress progress(total);
        for (const table::Way& way : ways_)  // warm up: pages of the programs, frequencies
            for (const bool python : {false, true})
                measure(way, 10, python);
        for (int round = 0; round < options_.rounds; ++round)
            for_all([&](const table::Way& way, int tasks, bool python) {
                if (const auto took = measure(way, tasks, python))
                    note(way, tasks, python, *took);
                progress.done(
                    weight(way, tasks, python),
                    fmt::format("{} {} {}", python ? "Python" : "C++", way.work, way.name));
            });
        for (auto& [key, row] : rows_)
            figures_.rows.push_back(std::move(row));
        return std::move(figures_);
    }

  private:
    template <class Body>
    void for_all(Body body) {
        for (const int tasks : sizes)
            for (const table::Way& way : ways_)
                for (const bool python : {false, true})
                    if (!python || (way.python && with_python_))
                        body(way, tasks, python);
    }

    std::optional<std::array<double, 2>> measure(const table::Way& way, int tasks, bool python) {
        if (!python) {
            const bench::Trial trial =
                bench::try_in_a_child([&] { way.run(tasks, workers_); }, {.cut_off = 60});
            if (trial.end != bench::Trial::End::done)
                return std::nullopt;
            return {{trial.wall, trial.cpu}};
        }
        if (!with_python_ || !way.python)
            return std::nullopt;
        const auto took = measure_python(options_.script, way, tasks, workers_);
        with_python_ = took.has_value();
        return took;
    }

    void note(const table::Way& way, int tasks, bool python, const std::array<double, 2>& took) {
        const auto at = [](const auto& all, const auto& it) { return &it - all.data(); };
        bench::TableRow& row = rows_[{tasks, at(ways_, way), python}];
        row.work = way.work;
        row.way = way.name;
        row.language = python ? "Python" : "C++";
        row.tasks = tasks;
        row.wall.push_back(took[0]);
        row.cpu.push_back(took[1]);
    }

    const bench::Options& options_;
    const unsigned workers_ = static_cast<unsigned>(bench::processors().size());
    const std::vector<table::Way> ways_ = table::ways();
    bool with_python_ = !options_.script.empty();
    bench::Table figures_;
    std::map<std::array<long, 3>, bench::TableRow> rows_;  // by tasks, way, language
};

}  // namespace

int main(int argc, char* argv[]) try {
    const bench::Options options = bench::options(argc, argv, 5);
    bench::prepare_report(options.report);
    bench::finish(options, Measurement(options).run());
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench table: {}\n", error.what());
    return 2;
}
