// The switches as a section of a report.
#include "report.hpp"

namespace bench {

namespace {

Grid grid(const Switches& switches) {
    Grid grid{{"from one to the next by", "time", "lowest to highest", "function calls"}, {}};
    const std::vector<double>* call = switches.rows.empty() ? nullptr : &switches.rows[0].seconds;
    for (const SwitchRow& row : switches.rows)
        grid.rows.push_back({row.what, median_in_words(row.seconds), spread_in_words(row.seconds),
                             three_digits(ratio(row.seconds, *call))});
    return grid;
}

Grid csv(const Switches& switches) {
    Grid grid{{"what", "nanoseconds", "lowest", "highest"}, {}};
    for (const SwitchRow& row : switches.rows) {
        const auto [least, most] = std::minmax_element(row.seconds.begin(), row.seconds.end());
        std::string what = row.what;
        std::erase(what, ',');
        grid.rows.push_back(
            {what, plain(median(row.seconds) * 1e9), plain(*least * 1e9), plain(*most * 1e9)});
    }
    return grid;
}

/// A dot for each, for a bar has no honest beginning on a logarithmic scale.
Section::Picture picture(const Switches& switches) {
    std::string script = fmt::format(
        "set terminal svg size 900,{} font 'sans-serif,13' background '#ffffff'\n"
        "set title 'Nanoseconds a switch, on a logarithmic scale'\nset logscale x\n"
        "set xrange [0.3:1000000]\nset format x '10^{{%T}}'\nset grid lc '#ecdcc8'\nunset key\n"
        "set yrange [{}:-0.5]\n$figures << EOD\n",
        120 + 34 * switches.rows.size(), static_cast<double>(switches.rows.size()) - 0.5);
    int line = 0;
    for (const SwitchRow& row : switches.rows)
        script += fmt::format("{} {} \"{}\" \"{}\"\n", plain(median(row.seconds) * 1e9), line++,
                              row.what, time_in_words(median(row.seconds)));
    return {"switch",
            script +
                "EOD\nplot $figures using 1:2:ytic(3) with points pt 7 ps 1.2 lc '#b5541c', "
                "'' using 1:2:4 with labels left offset 1,0\n",
            "Nanoseconds that a switch takes: a function call, a coroutine, a thread, a process"};
}

}  // namespace

Section section(const Switches& switches) {
    return {.name = "switch",
            .title = "What a switch costs",
            .measured = fmt::format("From one to the next: a function calls another, a coroutine "
                                    "is resumed, a thread wakes another and "
                                    "waits for it, a process answers a message. {} rounds. A "
                                    "hand-over is one way, a round trip two.",
                                    rounds_in_words(switches.origin)),
            .origin = switches.origin,
            .parts = {{"All of them", grid(switches)}},
            .summary = {{"Switches", grid(switches)}},
            .remarks = {},
            .csv = csv(switches),
            .pictures = {picture(switches)}};
}

}  // namespace bench
