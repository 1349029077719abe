// The table as a section of a report: its grids, its pictures, and what follows from it.
#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "article.hpp"
#include "report.hpp"

namespace bench {

namespace {

using Names = std::vector<std::pair<std::string, std::string>>;

const Names works{{"io", "I/O: 100 bytes of /dev/urandom"},
                  {"cpu", "CPU: the sum of the squares below 10^4"},
                  {"mixed", "Mixed: the one, then the other"}};

const Names ways{{"serial", "one after the other"},
                 {"threads", "thread pool"},
                 {"processes", "process pool"},
                 {"loop_threads", "loop + thread pool"},
                 {"loop_processes", "loop + process pool"},
                 {"threads_in_processes", "process pool, threads inside"},
                 {"pool_per_task", "process pool, a thread pool a task"},
                 {"loop_pool_per_task", "loop + process pool, a thread pool a task"},
                 {"thread_per_task", "a thread for each task"},
                 {"async", "std::async"},
                 {"tbb", "oneTBB task_group"}};

constexpr int sizes[] = {1000, 10'000};

/// `I/O` of `io`.
std::string short_name(const std::string& work) {
    return work == "io" ? "I/O" : work == "cpu" ? "CPU" : work;
}

const std::string& label(const Names& names, const std::string& name) {
    for (const auto& [key, words] : names)
        if (key == name)
            return words;
    return name;
}

const TableRow* find(const Table& table, const std::string& work, const std::string& way, int tasks,
                     const std::string& language) {
    for (const TableRow& row : table.rows)
        if (row.work == work && row.way == way && row.tasks == tasks && row.language == language)
            return &row;
    return nullptr;
}

/// Calls \p body for each cell that there is in C++, in the order of the names; Python's may be null.
void for_cells(const Table& table,
               const std::function<void(const TableRow& ours, const TableRow* python)>& body) {
    for (const auto& [work, about] : works)
        for (const int tasks : sizes)
            for (const auto& [way, words] : ways)
                if (const TableRow* ours = find(table, work, way, tasks, "C++"))
                    body(*ours, find(table, work, way, tasks, "Python"));
}

std::string article_cell(const TableRow& row) {
    const auto seconds = article_seconds(row.work, row.way, row.tasks);
    return seconds ? time_in_words(*seconds) : "";
}

/// A line for each way; for each size C++, Python and the article.
Grid compact(const Table& table, const std::string& work) {
    Grid grid{{"way"}, {}};
    for (const int tasks : sizes)
        for (const char* who : {"C++", "Python", "the article"})
            grid.head.push_back(with_commas(tasks) + " tasks: " + who);
    for (const auto& [way, words] : ways) {
        std::vector<std::string> cells{words};
        bool any = false;
        for (const int tasks : sizes) {
            const TableRow* ours = find(table, work, way, tasks, "C++");
            const TableRow* python = find(table, work, way, tasks, "Python");
            any = any || ours;
            cells.push_back(ours ? median_in_words(ours->wall) : "");
            cells.push_back(python ? median_in_words(python->wall) : "");
            cells.push_back(ours ? article_cell(*ours) : "");
        }
        if (any)
            grid.rows.push_back(cells);
    }
    return grid;
}

/// All there is to say about \p work with so many \p tasks.
Grid whole(const Table& table, const std::string& work, int tasks) {
    Grid grid{{"way", "C++", "lowest to highest", "processor", "Python", "lowest to highest",
               "processor", "Python / C++", "the article"},
              {}};
    for_cells(table, [&](const TableRow& ours, const TableRow* python) {
        if (ours.work != work || ours.tasks != tasks)
            return;
        grid.rows.push_back({label(ways, ours.way), median_in_words(ours.wall),
                             spread_in_words(ours.wall), median_in_words(ours.cpu),
                             python ? median_in_words(python->wall) : "",
                             python ? spread_in_words(python->wall) : "",
                             python ? median_in_words(python->cpu) : "",
                             python ? fmt::format("{:.1f}", ratio(python->wall, ours.wall)) : "",
                             article_cell(ours)});
    });
    return grid;
}

Grid csv(const Table& table) {
    Grid grid{{"work", "tasks", "way", "language", "seconds", "lowest", "highest",
               "processor_seconds", "article_seconds"},
              {}};
    const auto add = [&](const TableRow& row) {
        const auto [least, most] = std::minmax_element(row.wall.begin(), row.wall.end());
        const auto article = article_seconds(row.work, row.way, row.tasks);
        grid.rows.push_back({row.work, std::to_string(row.tasks), row.way, row.language,
                             plain(median(row.wall)), plain(*least), plain(*most),
                             plain(median(row.cpu)), article ? plain(*article) : ""});
    };
    for_cells(table, [&](const TableRow& ours, const TableRow* python) {
        add(ours);
        if (python)
            add(*python);
    });
    return grid;
}

/// Why \p way may be behind another executor.
std::string reason(const std::string& way) {
    if (way == "threads")
        return "Asio's pool has one queue under one lock; oneTBB has a queue for each thread, and "
               "a thread without work "
               "takes some from another";
    if (way == "loop_threads")
        return "each result goes back to the loop, which is a second queue for each task";
    if (way == "threads_in_processes")
        return "two pools are started for one, and the results are copied";
    if (way.find("pool_per_task") != std::string::npos)
        return "a pool of threads is started and ended for each task";
    return "the workers have to be started, and each task and result is copied: the price of "
           "isolation";
}

/// The rows of ours that are clearly behind another executor, and why.
Grid behind(const Table& table) {
    constexpr double clearly = 1.05;  // less is noise
    Grid grid{{"work", "tasks", "way", "takes", "as long as", "why"}, {}};
    const std::set<std::string> others{"tbb", "async", "thread_per_task"};
    for_cells(table, [&](const TableRow& ours, const TableRow*) {
        if (others.contains(ours.way) || ours.way == "serial")
            return;
        for (const std::string& name : others) {
            const TableRow* other = find(table, ours.work, name, ours.tasks, "C++");
            if (!other)
                continue;
            if (const double times = ratio(ours.wall, other->wall); times > clearly)
                grid.rows.push_back({short_name(ours.work), with_commas(ours.tasks),
                                     label(ways, ours.way), fmt::format("{:.2f} times", times),
                                     label(ways, name), reason(ours.way)});
        }
    });
    return grid;
}

/// Is each row quicker in C++ than in Python?
void compare_languages(const Table& table, std::vector<std::string>& remarks) {
    int with_python = 0, slower = 0;
    for_cells(table, [&](const TableRow& ours, const TableRow* python) {
        if (!python)
            return;
        ++with_python;
        if (const double times = ratio(ours.wall, python->wall); times >= 1) {
            ++slower;
            remarks.push_back(fmt::format(
                "NOT as it should be: {}, {} tasks, {}: C++ takes {:.2f} times as long as Python.",
                short_name(ours.work), with_commas(ours.tasks), label(ways, ours.way), times));
        }
    });
    if (with_python == 0)
        remarks.push_back("python3 was not there, or failed: there are no figures of it.");
    else if (slower == 0)
        remarks.push_back(
            fmt::format("Each of the {} rows is quicker in C++ than in Python.", with_python));
}

/// Threads inside the processes, for mixed work: does the article's advice hold?
void try_advice(const Table& table, std::vector<std::string>& remarks) {
    const std::pair<const char*, const char*> pairs[] = {{"pool_per_task", "processes"},
                                                         {"loop_pool_per_task", "loop_processes"}};
    for (const auto& [with, without] : pairs) {
        std::string here;
        for (const char* language : {"C++", "Python"}) {
            const TableRow* inside = find(table, "mixed", with, 10'000, language);
            const TableRow* plain_one = find(table, "mixed", without, 10'000, language);
            if (inside && plain_one)
                here += fmt::format("{}{:.2f} in {} ({:.2f} times the processor time)",
                                    here.empty() ? "" : ", ", ratio(inside->wall, plain_one->wall),
                                    language, ratio(inside->cpu, plain_one->cpu));
        }
        if (!here.empty())
            remarks.push_back(
                fmt::format("The article advises a thread pool in the {} for mixed work. With one "
                            "made for each task, as in the "
                            "article, 10,000 tasks take so many times as long as without: {}; "
                            "{:.2f} in the article.",
                            label(ways, without), here,
                            *article_seconds("mixed", with, 10'000) /
                                *article_seconds("mixed", without, 10'000)));
    }
}

std::vector<std::string> remarks(const Table& table, std::size_t rows_behind) {
    std::vector<std::string> all;
    compare_languages(table, all);
    try_advice(table, all);
    all.push_back(
        rows_behind == 0
            ? "No row of ours is behind oneTBB, std::async or a thread for each task."
            : fmt::format(
                  "{} times a row of ours is behind oneTBB, std::async or a thread for each "
                  "task: the page has a table of them, with the reasons.",
                  rows_behind));
    return all;
}

/// Bars of C++, of Python and of the article, each on a scale of its own from zero: for each way a bar for each work.
class Picture {
  public:
    Picture(const Table& table, int tasks) : table_(table), tasks_(tasks) {}

    Section::Picture drawn() {
        std::string script = fmt::format(
            "set terminal svg size 1250,640 font 'sans-serif,12' background '#ffffff' noenhanced\n"
            "set multiplot title '{} tasks; each panel has a scale of its own'\n"
            "set style fill solid 0.95 noborder\nset grid xtics lc '#ecdcc8'\nset border 2\n"
            "set tics nomirror scale 0\nset tmargin at screen 0.86\nset bmargin at screen 0.07\n"
            "set yrange [{}:-0.6]\nunset key\n",
            with_commas(tasks_), double(ways.size()) - 0.4);
        script += panel("C++, milliseconds", 1e3, Place{0.23, 0.46, true},
                        [&](const auto& work, const auto& way) { return value(work, way, "C++"); });
        script +=
            panel("Python, seconds", 1, Place{0.51, 0.74, false},
                  [&](const auto& work, const auto& way) { return value(work, way, "Python"); });
        script += panel(
            "the article, seconds", 1, Place{0.79, 0.97, false},
            [&](const auto& work, const auto& way) { return article_seconds(work, way, tasks_); });
        return {
            fmt::format("table-{}", tasks_), script + "unset multiplot\n",
            fmt::format("How long {} tasks take in each way, in C++, in Python and in the article",
                        with_commas(tasks_))};
    }

  private:
    /// Between the marks of a scale up to \p most: 1, 2 or 5 times a power of ten, for three to six of them.
    static double round_step(double most) {
        const double power = std::pow(10, std::floor(std::log10(most)));
        const double lead = most / power;
        return power * (lead < 2 ? 0.5 : lead < 5 ? 1 : 2);
    }

    using Value = std::function<std::optional<double>(const std::string&, const std::string&)>;

    std::optional<double> value(const std::string& work, const std::string& way,
                                const char* language) const {
        const TableRow* row = find(table_, work, way, tasks_, language);
        return row ? std::optional(median(row->wall)) : std::nullopt;
    }

    /// Where a panel is, in shares of the picture's width.
    struct Place {
        double left, right;
        bool first;  ///< has the names of the ways, and the key
    };

    std::string panel(const std::string& title, double scale, const Place& place,
                      const Value& value_of) {
        double most = 0;
        std::string figures, plots, names;
        for (std::size_t work = 0; work < works.size(); ++work) {
            const std::string points = bars(work, scale, value_of, most);
            if (points.empty())
                continue;
            figures += fmt::format("$work{} << EOD\n{}EOD\n", work, points);
            plots += fmt::format(
                "$work{} using (0):1:(0):2:($1-0.13):($1+0.13) with boxxyerror lc '{}' title '{}', "
                "'' using 2:1:3 with labels left offset 0.3,0 font ',9' notitle, ",
                work, colours[work], short_name(works[work].first));
        }
        if (most == 0)
            most = 1;  // there are no figures, of Python for example
        for (std::size_t at = 0; at < ways.size(); ++at)
            names +=
                fmt::format("{}'{}' {}", at ? ", " : "", place.first ? ways[at].second : "", at);
        return figures + fmt::format(
                             "set title '{}'\nset lmargin at screen {}\nset rmargin at screen {}\n"
                             "set ytics ({})\nset xrange [0:{}]\nset xtics {}\n{}\n"
                             "plot {}-9 notitle\n"  // a line out of sight: there must be one
                             ,
                             title, place.left, place.right, names, most * 1.25, round_step(most),
                             place.first
                                 ? "set key horizontal at screen 0.02,0.93 left top samplen 1"
                                 : "unset key",
                             plots);
    }

    /// A line for each bar of \p work: its place, its length and its label. \p most becomes the longest of all.
    static std::string bars(std::size_t work, double scale, const Value& value_of, double& most) {
        std::string points;
        for (std::size_t at = 0; at < ways.size(); ++at)
            if (const auto seconds = value_of(works[work].first, ways[at].first)) {
                const double length = *seconds * scale;
                points += fmt::format("{} {} {}\n", double(at) + 0.28 * (double(work) - 1),
                                      plain(length), three_digits(length));
                most = std::max(most, length);
            }
        return points;
    }

    static constexpr const char* colours[] = {"#4a7a8c", "#b5541c", "#c9a66b"};
    const Table& table_;
    const int tasks_;
};

}  // namespace

Section section(const Table& table) {
    const Grid rows_behind = behind(table);
    Section section{
        .name = "table",
        .title = "Which way for which work",
        .measured = fmt::format("{}, in each of which every row was measured once, C++ and Python "
                                "in turn, after a warm-up. "
                                "Each pool has {} workers. A time is from before the executor is "
                                "started until after it has "
                                "ended; \"processor\" is the time of all processors. \"The "
                                "article\" is what its author "
                                "printed in 2022, of Python on a machine that we don't know. "
                                "Python's read(100) reads 4096 "
                                "bytes, ours 100; both are what a programmer would write.",
                                rounds_in_words(table.origin), table.workers),
        .origin = table.origin,
        .parts = {},
        .summary = {},
        .remarks = remarks(table, rows_behind.rows.size()),
        .csv = csv(table),
        .pictures = {}};
    for (const auto& [work, about] : works) {
        section.summary.push_back({about, compact(table, work)});
        for (const int tasks : sizes)
            section.parts.push_back({fmt::format("{}, {} tasks", about, with_commas(tasks)),
                                     whole(table, work, tasks)});
    }
    for (const int tasks : sizes)
        section.pictures.push_back(Picture(table, tasks).drawn());
    if (!rows_behind.rows.empty())
        section.parts.push_back({"Where another executor is quicker", rows_behind});
    return section;
}

}  // namespace bench
