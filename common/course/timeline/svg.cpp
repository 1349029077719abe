// Draws lanes as SVG, with the colours of the other pictures.
#include <course/timeline/svg.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include <course/timeline/axis.hpp>

namespace course::timeline {

namespace {

constexpr double width = 760;
constexpr double left = 100;   // of the lanes; their names stand before it
constexpr double right = 742;  // of the lanes, if none of them goes on for ever
constexpr double tail = 76;    // for what is never over
constexpr double character = 7.1;

constexpr const char* ink = "#4a3830";
constexpr const char* muted = "#6b564b";
constexpr const char* red = "#a63a1e";

/// How an activity looks.
struct Look {
    Activity activity;
    const char* shape;  // attributes of its rectangle
    const char* text;   // colour of its label
    const char* meaning;
    bool thin;  // a line in the middle of the lane
};

constexpr Look looks[] = {
    {Activity::running, R"(fill="#8fb8a8" stroke="#4a3830")", ink, "runs", false},
    {Activity::ready, R"(fill="#cbb592")", muted, "could run", true},
    {Activity::computing, R"(fill="#f2b05e" stroke="#4a3830")", ink, "computes", false},
    {Activity::wanting_core, R"(fill="#fff4e1" stroke="#b5541c" stroke-dasharray="2 3")", "#b5541c",
     "wants a core", false},
    {Activity::sleeping, R"(fill="#d3e1e8" stroke="#3d5a73")", "#2f485d", "sleeps", false},
    {Activity::blocked, R"(fill="#fde6dc" stroke="#a63a1e" stroke-dasharray="4 3")", red, "waits",
     false},
    {Activity::returned, R"(fill="#cbb592")", muted, "has returned from the body", true},
};

const Look& look_of(Activity activity) {
    return *std::find_if(std::begin(looks), std::end(looks),
                         [activity](const Look& look) { return look.activity == activity; });
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return out;
}

/// \p value with at most one digit behind the point.
std::string number(double value) {
    std::string text = fmt::format("{:.1f}", value);
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

double width_of(const std::string& text) {
    return character * static_cast<double>(std::count_if(
                           text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string position(const Axis& axis, Instant instant) {
    return axis.time ? to_text(instant.time) : fmt::format("step {}", instant.step);
}

std::string period(const Axis& axis, Instant begin, Instant end, bool for_ever) {
    return "from " + position(axis, begin) +
           (for_ever ? " for ever" : " to " + position(axis, end));
}

std::string sentence(const Span& span, const Axis& axis) {
    const bool told = span.note.empty() || span.activity == Activity::blocked;
    return describe(span) + (told ? "" : " (" + span.note + ")") + " " +
           period(axis, span.begin, span.end, span.for_ever);
}

/// One panel: a schedule.
class Panel {
  public:
    Panel(const Run& run, const std::vector<Run>& runs, bool endless)
        : run_(run), axis_(Axis::of(run, runs)), endless_(endless) {
        std::size_t lanes = 0;
        for (const auto& one : runs)
            lanes += one.lanes.size();
        lane_height_ = lanes > 12 ? 18 : 24;
        lane_step_ = lane_height_ + (lanes > 12 ? 6 : 9);
    }

    /// Draw it from \p top on; returns where it ends.
    double draw(double top, std::string& out) {
        double y = heading(top, out);
        const double lanes_top = y;
        const double lanes_bottom = y + lane_step_ * static_cast<double>(run_.lanes.size());
        axis(lanes_top - 4, lanes_bottom, out);
        for (const auto& lane : run_.lanes) {
            draw(lane, y, out);
            y += lane_step_;
        }
        accesses(lanes_top, out);
        return lanes_bottom + 22;
    }

    const std::set<Activity>& used() const { return used_; }
    bool shows_holds() const { return shows_holds_; }

    std::string description() const {
        std::string text =
            fmt::format("{}{} lanes, {}.", run_.title.empty() ? "" : run_.title + ": ",
                        run_.lanes.size(), measure_of(run_));
        if (!run_.passed())
            text += fmt::format(" It ends by {}: {}.", run_.verdict, run_.message);
        for (const auto& lane : run_.lanes)
            text += lane_description(lane);
        return text;
    }

  private:
    double x(Instant instant) const {
        return left + axis_.at(instant) * ((endless_ ? right - tail : right) - left);
    }

    double heading(double top, std::string& out) const {
        double y = top + 20;
        std::string title = run_.title;
        if (!run_.passed())
            title += (title.empty() ? "" : ": ") + run_.verdict;
        if (title.empty() && run_.computed().count() == 0)
            return top + 6;
        out += fmt::format(
            R"(  <text x="16" y="{}" font-size="15" font-weight="600" fill="{}">{}</text>)"
            "\n",
            number(y), run_.passed() ? ink : red, escaped(title));
        out += fmt::format(
            R"(  <text x="{}" y="{}" font-size="14" text-anchor="end" fill="{}">{}</text>)"
            "\n",
            number(right), number(y), muted, escaped(measure_of(run_)));
        std::istringstream words(run_.passed() ? "" : run_.message);
        std::string line;
        const auto flush = [&] {
            y += 19;
            out += fmt::format(R"(  <text x="16" y="{}" font-size="13" fill="{}">{}</text>)"
                               "\n",
                               number(y), red, escaped(line));
            line.clear();
        };
        for (std::string word; words >> word; line += (line.empty() ? "" : " ") + word)
            if (width_of(line + " " + word) > width - 40)
                flush();
        if (!line.empty())
            flush();
        return y + 14;
    }

    void axis(double top, double bottom, std::string& out) const {
        out += fmt::format(R"(  <g font-size="12" text-anchor="middle" fill="{}" stroke-width="1">)"
                           "\n",
                           muted);
        const double length = (endless_ ? right - tail : right) - left;
        for (const auto& tick : ticks_of(axis_, character / length)) {
            const double at = left + tick.at * length;
            out += fmt::format(
                R"(    <path d="M{0} {1} V{2}" stroke="#ead2a8"/><text x="{3}" y="{4}">{5}</text>)"
                "\n",
                number(at), number(top), number(bottom),
                number(std::min(at, width - 8 - width_of(tick.text) / 2)), number(bottom + 14),
                tick.text);
        }
        out += "  </g>\n";
    }

    void draw(const Lane& lane, double y, std::string& out) {
        const double middle = y + lane_height_ / 2;
        out += fmt::format(
            R"(  <text x="16" y="{}" font-size="14" font-weight="600" fill="{}">{}</text>)"
            "\n",
            number(middle + 5), ink, escaped(lane.name));
        out += fmt::format(R"(  <path d="M{} {} H{}" stroke="#cbb592" stroke-width="1.5"/>)"
                           "\n",
                           number(x(lane.begin)), number(middle), number(x(lane.end)));
        for (const auto& span : visible_spans(lane, axis_))
            draw(lane, span, y, out);
        for (const auto& hold : lane.holds) {
            const double from = x(hold.begin);
            const double to = hold.for_ever && endless_ ? right : x(hold.end);
            if (!hold.contended || to - from < 1)
                continue;
            shows_holds_ = true;
            out += fmt::format(
                R"(  <rect x="{}" y="{}" width="{}" height="4" rx="1" fill="{}"><title>{}</title></rect>)"
                "\n",
                number(from), number(y + lane_height_ + 1.5), number(to - from), red,
                escaped(fmt::format("{} holds {} {}", lane.name, hold.lock,
                                    period(axis_, hold.begin, hold.end, hold.for_ever))));
        }
    }

    void draw(const Lane& lane, const Span& span, double y, std::string& out) {
        const Look& look = look_of(span.activity);
        used_.insert(span.activity);
        const double from = x(span.begin);
        const double to = span.for_ever ? right : x(span.end);
        const double height = look.thin ? 4 : lane_height_;
        const double top = y + (lane_height_ - height) / 2;
        const std::string title = escaped(lane.name + " " + sentence(span, axis_));
        const bool narrow = to - from < 7;  // no room for a frame
        out += fmt::format(
            R"(  <g><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="{}" {}{}/>)",
            title, number(from), number(top), number(std::max(to - from, 0.5)), number(height),
            narrow || look.thin ? 1 : 4, look.shape, narrow ? R"( stroke-width="0")" : "");
        std::string label = label_of(span);
        if (span.for_ever && width_of(label + ", for ever") + 10 <= to - from)
            label += ", for ever";
        if (!label.empty() && !look.thin && width_of(label) + 10 <= to - from)
            out += fmt::format(
                R"(<text x="{}" y="{}" font-size="13" text-anchor="middle" fill="{}">{}</text>)",
                number((from + to) / 2), number(y + lane_height_ / 2 + 4.5), look.text,
                escaped(label));
        if (span.for_ever)
            out += fmt::format(R"(<path d="M{0} {1} l11 {2} l-11 {2} z" fill="{3}"/>)",
                               number(right - 2), number(top), number(height / 2), look.text);
        out += "</g>\n";
    }

    /// Both sides of a race, and a line between them.
    void accesses(double top, std::string& out) const {
        std::string line;
        std::string marks;
        for (const auto& access : run_.race) {
            const double at = x({access.at.time, access.at.step + 1});
            const double y = top + lane_step_ * access.thread + lane_height_ / 2;
            line += (line.empty() ? "M" : " L") + number(at) + " " + number(y);
            marks += fmt::format(
                R"(  <g><title>T{0} {1}</title><circle cx="{2}" cy="{3}" r="10" fill="{4}"/>)"
                R"(<text x="{2}" y="{5}" font-size="13" font-weight="700" text-anchor="middle" fill="#fff">{6}</text></g>)"
                "\n",
                access.thread, access.write ? "writes" : "reads", number(at), number(y), red,
                number(y + 4.5), access.write ? "W" : "R");
        }
        if (!line.empty())
            out +=
                fmt::format(
                    R"(  <path d="{}" fill="none" stroke="{}" stroke-width="2" stroke-dasharray="5 4"/>)"
                    "\n",
                    line, red) +
                marks;
    }

    std::string lane_description(const Lane& lane) const {
        const std::vector<Span> spans = visible_spans(lane, axis_);
        std::string text = " " + lane.name;
        if (spans.empty())
            return axis_.time ? text + " takes no time." : text + " takes no step.";
        if (spans.size() <= 4) {
            for (std::size_t i = 0; i < spans.size(); ++i)
                text += (i == 0 ? " " : "; ") + sentence(spans[i], axis_);
            return text + ".";
        }
        std::string parts;
        for (const auto& look : looks) {
            std::chrono::nanoseconds sum{};
            int count = 0;
            for (const auto& span : spans)
                if (span.activity == look.activity)
                    sum += span.end.time - span.begin.time, ++count;
            if (count > 0)
                parts +=
                    fmt::format("{} {}{} in {} part{}", parts.empty() ? "" : ";", look.meaning,
                                axis_.time ? " " + to_text(sum) : "", count, count == 1 ? "" : "s");
        }
        return text + parts + ".";
    }

    const Run& run_;
    Axis axis_;
    bool endless_;
    double lane_height_;
    double lane_step_;
    std::set<Activity> used_;
    bool shows_holds_ = false;
};

double legend(double top, const std::set<Activity>& used, bool holds, std::string& out) {
    double x = left;
    const auto entry = [&](const std::string& swatch, const std::string& meaning) {
        out += swatch;
        out += fmt::format(R"(<text x="{}" y="{}" font-size="13" fill="{}">{}</text>)"
                           "\n",
                           number(x + 28), number(top + 12), muted, meaning);
        x += 28 + width_of(meaning) + 20;
    };
    for (const auto& look : looks)
        if (used.contains(look.activity))
            entry(fmt::format(R"(  <rect x="{}" y="{}" width="22" height="{}" rx="{}" {}/>)",
                              number(x), number(look.thin ? top + 6 : top), look.thin ? 4 : 14,
                              look.thin ? 1 : 3, look.shape),
                  look.meaning);
    if (holds)
        entry(fmt::format(R"(  <rect x="{}" y="{}" width="22" height="4" rx="1" fill="{}"/>)",
                          number(x), number(top + 6), red),
              "holds a lock that others want");
    return top + 26;
}

}  // namespace

std::string draw_svg(const std::string& title, const std::vector<Run>& runs) {
    bool endless = false;
    for (const auto& run : runs)
        for (const auto& lane : run.lanes)
            endless = endless || (!lane.spans.empty() && lane.spans.back().for_ever);
    std::string body;
    std::string description;
    std::set<Activity> used;
    bool holds = false;
    double y = 10;
    for (const auto& run : runs) {
        Panel panel(run, runs, endless);
        y = panel.draw(y, body) + (&run == &runs.back() ? 0 : 8);
        used.insert(panel.used().begin(), panel.used().end());
        holds = holds || panel.shows_holds();
        description += (description.empty() ? "" : " ") + panel.description();
    }
    y = legend(y + 4, used, holds, body) + 6;
    return fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 762 {0}" role="img" aria-labelledby="t d" font-family="system-ui, sans-serif">
  <title id="t">{1}</title>
  <desc id="d">{2}</desc>
  <rect width="{3}" height="{4}" rx="14" fill="#fff4e1" stroke="#e3c596" stroke-width="1.5"/>
{5}</svg>
)",
        number(y + 2), escaped(title), escaped(description), number(width), number(y), body);
}

}  // namespace course::timeline
