// The two drawings: what stands where, and that nothing in them is an accident.
#include <algorithm>
#include <course/testing/testing.hpp>
#include <course/timeline/axis.hpp>
#include <course/timeline/svg.hpp>
#include <course/timeline/text.hpp>
#include <sstream>

#include "events.hpp"

using namespace course::timeline;
using course::testing::ContainsSubstring;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

std::size_t characters_in(const std::string& line) {
    return static_cast<std::size_t>(
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST_CASE("a terminal shows a lane per thread with the note, the holder and the hold") {
    const std::string text = draw_text("one lock", read(timelines::two_at_one_lock()), {false, 60});
    CHECK(text ==
          "one lock\n"
          "  40 ms\n"
          "\n"
          "  T0 (main)  ╌ joins T1 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┼ joins T2 ╌\n"
          "  T1         ░ fry <eggs> ░░░░░░░░░░░░░░░░░░░░░░░\n"
          "             ╰ holds the mutex ────────────────╯\n"
          "  T2         ╌ waits for T1 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌░ sleeps ░░░\n"
          "             0 s       10 ms       20 ms      30 ms      40 ms\n"
          "             ░ sleeps   ╌ waits\n"
          "\n");
}

TEST_CASE("a drawing fits the terminal whatever its width") {
    for (const int width : {40, 60, 80, 100, 120})
        for (const auto& lines : {timelines::two_at_one_lock(), timelines::deadlock()})
            for (const auto& line : lines_of(draw_text("x", read(lines), {false, width})))
                if (line.find("╌") != std::string::npos || line.find("░") != std::string::npos ||
                    line.find("╰") != std::string::npos) {
                    INFO(width << ": " << line);
                    CHECK(characters_in(line) <= static_cast<std::size_t>(width));
                }
}

TEST_CASE("colours are there only if they are wanted") {
    const auto runs = read(timelines::two_at_one_lock());
    CHECK(draw_text("x", runs, {false, 80}).find('\x1b') == std::string::npos);
    CHECK(draw_text("x", runs, {true, 80}).find("\x1b[34m") != std::string::npos);
}

TEST_CASE("what no time passes in is drawn over steps, and says who waits for ever and where") {
    const std::string text = draw_text("stuck", read(timelines::deadlock()), {false, 80});
    CHECK_THAT(text, ContainsSubstring("deadlock, 7 steps, schedule 17"));
    CHECK_THAT(text, ContainsSubstring("every thread waits"));
    CHECK_THAT(text, ContainsSubstring("step 1"));
    CHECK_THAT(text, ContainsSubstring("▶"));
    CHECK_THAT(text, ContainsSubstring(
                         "T1 waits to lock mutex 2 that T2 holds, for ever: lab/account.cpp:31"));
}

TEST_CASE("runs of one picture share the scale of time") {
    auto runs = read(timelines::two_at_one_lock() + timelines::two_at_one_lock());
    runs[1].end.time *= 2;
    CHECK(Axis::of(runs[0], runs).end == Axis::of(runs[1], runs).end);
    const auto spans = visible_spans(runs[0].lanes[1], Axis::of(runs[0], runs));
    REQUIRE(spans.size() == 1);
    CHECK(Axis::of(runs[0], runs).at(spans[0].end) == 0.375);
}

TEST_CASE("the names of the axis do not touch, and its end is among them") {
    Axis axis;
    axis.end = 900e6;
    for (const double character : {0.005, 0.01, 0.02, 0.05}) {
        const auto ticks = ticks_of(axis, character);
        REQUIRE(ticks.size() >= 2);
        CHECK(ticks.back().text == "900 ms");
        for (std::size_t i = 1; i < ticks.size(); ++i)
            CHECK(ticks[i].at - ticks[i - 1].at >
                  character * static_cast<double>(ticks[i].text.size()) / 2);
    }
}

TEST_CASE("an SVG has a title for each span, escapes what it shows, and is the same each time") {
    const auto runs = read(timelines::two_at_one_lock());
    const std::string svg = draw_svg("a & b", runs);
    CHECK(svg == draw_svg("a & b", read(timelines::two_at_one_lock())));
    CHECK_THAT(svg, ContainsSubstring("<title id=\"t\">a &amp; b</title>"));
    CHECK_THAT(svg, ContainsSubstring("<title>T1 sleeps (fry &lt;eggs&gt;) from 0 s to 30 ms"));
    CHECK_THAT(svg,
               ContainsSubstring(
                   "<title>T2 waits to lock the mutex that T1 holds from 0 s to 30 ms</title>"));
    CHECK_THAT(svg, ContainsSubstring("<title>T1 holds the mutex from 0 s to 30 ms</title>"));
    CHECK_THAT(svg, ContainsSubstring("<desc id=\"d\">3 lanes, 40 ms."));
    CHECK(svg.find("0x") == std::string::npos);
    CHECK(count(svg, "<g") == count(svg, "</g>"));
}

TEST_CASE("an SVG does not depend on where in a file a call stands") {
    auto moved = read(timelines::deadlock());
    for (auto& lane : moved[0].lanes)
        for (auto& span : lane.spans)
            span.place = "elsewhere.cpp:1";
    CHECK(draw_svg("x", moved) == draw_svg("x", read(timelines::deadlock())));
}
