// The waits as a section of a report.
#include <set>

#include "report.hpp"

namespace bench {

namespace {

/// A way, and how it looks in the picture.
struct Curve {
    const char* way;
    const char* title;
    const char* look;
};

const Curve curves[] = {{"threads", "a thread each", "lc '#4a7a8c' pt 7"},
                        {"coroutines", "a coroutine each", "lc '#b5541c' pt 5"},
                        {"processes", "a process each", "lc '#7a6a58' pt 9"}};

const WaitsRow* find(const Waits& waits, const std::string& way, int count) {
    for (const WaitsRow& row : waits.rows)
        if (row.way == way && row.count == count)
            return &row;
    return nullptr;
}

std::set<int> counts(const Waits& waits) {
    std::set<int> all;
    for (const WaitsRow& row : waits.rows)
        all.insert(row.count);
    return all;
}

/// Seconds beyond those that every wait takes.
double beyond(const Waits& waits, const WaitsRow& row) {
    return std::max(0.0, median(row.wall) - waits.wait);
}

Grid grid(const Waits& waits) {
    Grid grid{
        {"waits at once", "by", "memory", "a wait", "all have begun after", "all are over after"},
        {}};
    for (const int count : counts(waits))
        for (const Curve& curve : curves)
            if (const WaitsRow* row = find(waits, curve.way, count)) {
                const char* way = curve.way;
                const std::string first = with_commas(count);
                if (row->wall.empty())
                    grid.rows.push_back({first, way, "-", "-", "-", "the machine has not so many"});
                else
                    grid.rows.push_back({first, way, size_in_words(median(row->memory)),
                                         size_in_words(median(row->memory) / count),
                                         median_in_words(row->start), median_in_words(row->wall)});
            }
    return grid;
}

Grid csv(const Waits& waits) {
    Grid grid{{"way", "count", "start_seconds", "wall_seconds", "memory_bytes"}, {}};
    for (const WaitsRow& row : waits.rows)
        if (!row.wall.empty())
            grid.rows.push_back({row.way, std::to_string(row.count), plain(median(row.start)),
                                 plain(median(row.wall)), plain(median(row.memory))});
        else
            grid.rows.push_back({row.way, std::to_string(row.count), "-", "-", "-"});
    return grid;
}

std::vector<std::string> remarks(const Waits& waits) {
    std::vector<std::string> all;
    for (const int count : counts(waits)) {
        const WaitsRow* threads = find(waits, "threads", count);
        const WaitsRow* coroutines = find(waits, "coroutines", count);
        if (!threads || !coroutines || coroutines->wall.empty() || count < 1000)
            continue;
        if (threads->wall.empty())
            all.push_back(
                fmt::format("{} waits: this machine can't have so many threads. One thread with as "
                            "many coroutines "
                            "needs {}, and {} beyond the {} that each waits.",
                            with_commas(count), size_in_words(median(coroutines->memory)),
                            time_in_words(beyond(waits, *coroutines)), time_in_words(waits.wait)));
        else
            all.push_back(fmt::format(
                "{} waits: a thread each takes {:.1f} times the memory of a coroutine each, and "
                "begins them "
                "in {:.1f} times the time.",
                with_commas(count), median(threads->memory) / median(coroutines->memory),
                ratio(threads->start, coroutines->start)));
    }
    all.push_back(
        "Memory is what the processes themselves have. The kernel keeps a stack of 16 KiB and more "
        "for each thread "
        "and process beside it, and nothing for a coroutine.");
    return all;
}

/// Lines over the number of waits: memory, start, and time beyond the wait.
Section::Picture picture(const Waits& waits) {
    std::string script =
        "set terminal svg size 1250,460 font 'sans-serif,13' background '#ffffff'\n"
        "set multiplot layout 1,3 title 'So many waits at once'\n"
        "set logscale xy\nset grid lc '#ecdcc8'\nset key bottom right\nset xlabel 'waits'\n"
        "set format xy '10^{%T}'\nset xrange [0.7:150000]\nset style data linespoints\n";
    const auto panel = [&](const std::string& title, auto value) {
        std::string plots;
        for (const Curve& curve : curves) {
            std::string points;
            for (const WaitsRow& row : waits.rows)
                if (row.way == curve.way && !row.wall.empty() && value(row) > 0)
                    points += fmt::format("{} {}\n", row.count, plain(value(row)));
            if (points.empty())
                continue;
            script += fmt::format("${} << EOD\n{}EOD\n", curve.way, points);
            plots += fmt::format("{}${} title '{}' lw 2 {}", plots.empty() ? "" : ", ", curve.way,
                                 curve.title, curve.look);
        }
        script += fmt::format("set title '{}'\nplot {}\n", title, plots.empty() ? "1" : plots);
    };
    panel("MiB of memory", [](const WaitsRow& row) { return median(row.memory) / (1 << 20); });
    panel("seconds until all have begun", [](const WaitsRow& row) { return median(row.start); });
    panel("seconds beyond the wait, until all are over",
          [&](const WaitsRow& row) { return beyond(waits, row); });
    return {
        "waits", script + "unset multiplot\n",
        "Memory, start and time beyond the wait over the number of waits, for threads, coroutines "
        "and processes"};
}

}  // namespace

Section section(const Waits& waits) {
    return {.name = "waits",
            .title = "One chef who waits for everything",
            .measured = fmt::format("So many waits of {} at once: by a thread each that sleeps, by "
                                    "a coroutine each with a timer in one "
                                    "loop on one thread, by a process each that sleeps. {}. Memory "
                                    "is what comes on top of a program that does "
                                    "nothing.",
                                    time_in_words(waits.wait), rounds_in_words(waits.origin)),
            .origin = waits.origin,
            .parts = {{"All of them", grid(waits)}},
            .summary = {{"Waits at once", grid(waits)}},
            .remarks = remarks(waits),
            .csv = csv(waits),
            .pictures = {picture(waits)}};
}

}  // namespace bench
