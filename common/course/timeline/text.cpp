// Draws lanes with characters: a column shows what the thread does for most of the column's time.
#include <course/timeline/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <course/timeline/axis.hpp>

namespace course::timeline {

namespace {

/// How an activity looks. The label stands in it in the same colour, or on it.
struct Look {
    Activity activity;
    const char* fill;
    const char* seam;  // where two of the kind meet
    const char* color;
    const char* label_color;
    const char* meaning;
};

constexpr Look looks[] = {
    {Activity::running, "█", "▐", "32", "30;42", "runs"},
    {Activity::ready, "·", "·", "2", "2", "could run"},
    {Activity::computing, "█", "▐", "33", "30;43", "computes"},
    {Activity::wanting_core, "·", "·", "33", "33", "wants a core"},
    {Activity::sleeping, "░", "┊", "34", "34", "sleeps"},
    {Activity::blocked, "╌", "┼", "31", "31", "waits"},
    {Activity::returned, "─", "─", "2", "2", "has returned"},
};

const Look& look_of(Activity activity) {
    return *std::find_if(std::begin(looks), std::end(looks),
                         [activity](const Look& look) { return look.activity == activity; });
}

constexpr int tail = 12;  // columns behind the end, for what is never over

/// Characters in \p text, which is UTF-8.
int width_of(const std::string& text) {
    return static_cast<int>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string without_control(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');
    return text;
}

class Line {
  public:
    explicit Line(int width) : cells_(static_cast<std::size_t>(width), Cell{" ", ""}) {}

    void put(int at, const std::string& glyph, const char* color) {
        if (at >= 0 && at < static_cast<int>(cells_.size()))
            cells_[static_cast<std::size_t>(at)] = {glyph, color};
    }

    /// One character after the other.
    void write(int at, const std::string& text, const char* color) {
        for (std::size_t i = 0; i < text.size();) {
            std::size_t next = i + 1;
            while (next < text.size() && (text[next] & 0xc0) == 0x80)
                ++next;
            put(at++, text.substr(i, next - i), color);
            i = next;
        }
    }

    bool empty(int from, int to) const {
        return std::all_of(cells_.begin() + from, cells_.begin() + to,
                           [](const Cell& cell) { return cell.glyph == " "; });
    }

    std::string text(bool color) const {
        std::string out;
        const char* now = "";
        for (const auto& cell : cells_) {
            if (color && std::string(now) != cell.color)
                out += std::string("\x1b[0m") +
                       (cell.color[0] != '\0' ? fmt::format("\x1b[{}m", cell.color) : "");
            now = cell.color;
            out += cell.glyph;
        }
        if (color && now[0] != '\0')
            return out + "\x1b[0m";
        out.erase(out.find_last_not_of(' ') + 1);
        return out;
    }

  private:
    struct Cell {
        std::string glyph;
        const char* color;
    };
    std::vector<Cell> cells_;
};

class Drawing {
  public:
    Drawing(const Run& run, const std::vector<Run>& runs, const TextOptions& options)
        : run_(run), axis_(Axis::of(run, runs)), options_(options) {
        for (const auto& lane : run.lanes) {
            names_ = std::max(names_, width_of(lane.name));
            endless_ = endless_ || (!lane.spans.empty() && lane.spans.back().for_ever);
        }
        columns_ = std::max(options.width - names_ - 4 - (endless_ ? tail : 0), 10);
    }

    std::string text() {
        std::string out;
        for (const auto& lane : run_.lanes)
            out += lane_text(lane);
        return out + axis_text() + legend();
    }

  private:
    int column(Instant instant) const {
        return static_cast<int>(std::lround(axis_.at(instant) * columns_));
    }

    std::string paint(const char* color, const std::string& text) const {
        return options_.color ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : text;
    }

    std::string row(const std::string& name, const Line& line) const {
        return "  " + paint("1", name) +
               std::string(static_cast<std::size_t>(names_ - width_of(name)), ' ') + "  " +
               line.text(options_.color) + "\n";
    }

    /// Which span each column shows, -1 if none.
    std::vector<int> owners(const std::vector<Span>& spans) const {
        std::vector<int> owner(static_cast<std::size_t>(columns_), -1);
        std::vector<double> most(owner.size(), 0);
        for (std::size_t i = 0; i < spans.size(); ++i) {
            const double begin = axis_.at(spans[i].begin) * columns_;
            const double end = axis_.at(spans[i].end) * columns_;
            for (int c = static_cast<int>(begin); c < columns_ && c < end; ++c) {
                const double part = std::min(end, c + 1.0) - std::max(begin, c + 0.0);
                const auto at = static_cast<std::size_t>(c);
                if (part > most[at] + 1e-9) {
                    most[at] = part;
                    owner[at] = static_cast<int>(i);
                }
            }
        }
        return owner;
    }

    std::string lane_text(const Lane& lane) {
        const std::vector<Span> spans = visible_spans(lane, axis_);
        const std::vector<int> owner = owners(spans);
        Line line(columns_ + (endless_ ? tail : 0));
        for (int from = 0; from < columns_;) {
            const int mine = owner[static_cast<std::size_t>(from)];
            int to = from;
            while (to < columns_ && owner[static_cast<std::size_t>(to)] == mine)
                ++to;
            if (mine >= 0)
                draw(line, spans, static_cast<std::size_t>(mine), from, to);
            from = to;
        }
        if (!spans.empty() && spans.back().for_ever)
            draw_for_ever(line, spans.back());
        for (const auto& access : run_.race)
            if (run_.lanes.at(static_cast<std::size_t>(access.thread)).name == lane.name)
                line.put(std::min(column(access.at), columns_ - 1), access.write ? "W" : "R",
                         "1;31");
        return row(lane.name, line) + holds_text(lane);
    }

    void draw(Line& line, const std::vector<Span>& spans, std::size_t at, int from, int to) {
        const Span& span = spans[at];
        const Look& look = look_of(span.activity);
        used_.insert(span.activity);
        for (int c = from; c < to; ++c)
            line.put(c, look.fill, look.color);
        const bool seam = at > 0 && spans[at - 1].activity == span.activity &&
                          axis_.at(spans[at - 1].end) == axis_.at(span.begin) && to - from > 2;
        if (seam)
            line.put(from, look.seam, look.color);
        const std::string label = without_control(label_of(span));
        if (!label.empty() && width_of(label) + 3 <= to - from && !span.for_ever)
            line.write(from + 1, " " + label + " ", look.label_color);
    }

    void draw_for_ever(Line& line, const Span& span) {
        const Look& look = look_of(span.activity);
        used_.insert(span.activity);
        for (int c = columns_; c < columns_ + tail; ++c)
            line.put(c, look.fill, look.color);
        const std::string label = without_control(label_of(span));
        const int from = std::max(column(span.begin), 0);
        line.put(columns_ + tail - 1, "▶", look.color);
        if (width_of(label) + 4 <= columns_ + tail - from)
            line.write(std::min(from + 1, columns_), " " + label + " ", look.label_color);
    }

    /// The locks that others waited for, under the thread that held them; nothing if that would be
    /// too fine to see.
    std::string holds_text(const Lane& lane) const {
        Line line(columns_ + (endless_ ? tail : 0));
        bool any = false;
        for (const auto& hold : lane.holds) {
            if (!hold.contended)
                continue;
            const int from = column(hold.begin);
            const int to = hold.for_ever && endless_ ? columns_ + tail : column(hold.end);
            if (to - from < 3 || !line.empty(from, std::min(to, columns_)))
                return "";
            any = true;
            line.put(from, "╰", "31");
            for (int c = from + 1; c < to - 1; ++c)
                line.put(c, "─", "31");
            line.put(to - 1, hold.for_ever ? "▶" : "╯", "31");
            const std::string label = " holds " + hold.lock + " ";
            if (width_of(label) + 2 <= to - from)
                line.write(from + 1, label, "31");
        }
        return any ? row("", line) : "";
    }

    std::string axis_text() const {
        Line line(columns_ + (endless_ ? tail : 2));
        for (const auto& tick : ticks_of(axis_, 1.0 / columns_)) {
            const int width = width_of(tick.text);
            const int at = static_cast<int>(std::lround(tick.at * columns_)) - width / 2;
            const int room = columns_ + (endless_ ? tail : 2) - width;
            line.write(std::clamp(at, 0, room), tick.text, "2");
        }
        return row("", line);
    }

    std::string legend() const {
        const std::string indent(static_cast<std::size_t>(names_ + 4), ' ');
        std::string text;
        int used = 0;
        const auto add = [&](const char* color, const std::string& sign, const char* meaning) {
            const int width = width_of(sign) + 1 + width_of(meaning);
            const bool fits = used > 0 && names_ + 4 + used + 3 + width <= options_.width;
            text += fits ? "   " : (used > 0 ? "\n" : "") + indent;
            used = fits ? used + 3 + width : width;
            text += paint(color, sign) + " " + meaning;
        };
        for (const auto& look : looks)
            if (used_.contains(look.activity))
                add(look.color, look.fill, look.meaning);
        if (!run_.race.empty())
            add("1;31", "R W", "the accesses that race");
        return text.empty() ? "" : text + "\n";
    }

    const Run& run_;
    Axis axis_;
    TextOptions options_;
    int names_ = 0;
    int columns_ = 0;
    bool endless_ = false;
    std::set<Activity> used_;
};

std::string heading_of(const Run& run, const TextOptions& options) {
    const auto paint = [&](const char* color, const std::string& text) {
        return options.color ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : text;
    };
    std::string text = "  " + (run.title.empty() ? "" : without_control(run.title) + ": ") +
                       (run.passed() ? "" : paint("31", run.verdict) + ", ") + measure_of(run) +
                       (run.schedule.empty() ? "" : ", schedule " + run.schedule) +
                       (run.complete ? "" : ", cut off: too many steps to draw") + "\n";
    if (!run.message.empty())
        text += "  " + paint("31", without_control(run.message)) + "\n";
    return text + "\n";
}

}  // namespace

std::string draw_text(const std::string& heading, const std::vector<Run>& runs,
                      const TextOptions& options) {
    std::string out = (options.color ? "\x1b[1m" + without_control(heading) + "\x1b[0m"
                                     : without_control(heading)) +
                      "\n";
    for (const auto& run : runs) {
        out += heading_of(run, options) + Drawing(run, runs, options).text();
        for (const auto& trouble : troubles_of(run))
            out += "  " + without_control(trouble) + "\n";
        out += "\n";
    }
    return out;
}

}  // namespace course::timeline
