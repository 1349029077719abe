// Draws results as text.
#include <course/reports/report_text.hpp>

#include <fmt/format.h>

#include <sstream>

#include <course/reports/clean_text.hpp>

namespace course::reports {

using namespace grading;

std::string Paint::by(Verdict verdict, const std::string& text) const {
    if (verdict == Verdict::pass)
        return good(text);
    return verdict == Verdict::missing ? open(text) : bad(text);
}

std::string progress_bar(int score, int points, int width) {
    const int full = points == 0 ? 0 : score * width / points;
    std::string bar;
    for (int i = 0; i < width; ++i)
        bar += i < full ? "█" : "░";
    return bar;
}

namespace {

/// \p text behind a label, each line of it in the same column, broken at words.
void labelled(std::string& out, const Paint& paint, const std::string& label,
              const std::string& text, int width) {
    if (text.empty())
        return;
    constexpr int indent = 18;
    const auto room = static_cast<std::size_t>(std::max(width - indent, 30));
    std::string head = fmt::format("      {:<12}", label);
    std::istringstream lines(printable(text));
    for (std::string line; std::getline(lines, line);) {
        do {
            std::size_t cut = line.size();
            if (line.size() > room) {
                cut = line.rfind(' ', room);
                if (cut == std::string::npos || cut == 0)
                    cut = line.size();
            }
            out += paint.dim(head) + line.substr(0, cut) + "\n";
            head.assign(indent, ' ');
            line.erase(0, cut);
            line.erase(0, line.find_first_not_of(' '));
        } while (!line.empty());
    }
}

/// Where line \p line of \p file in \p folder of the lab stands, from the course's root.
std::string place(const char* folder, const Rubric& rubric, const std::string& file, int line) {
    return line > 0 ? fmt::format("{}/{}/{}:{}", folder, rubric.lab, file, line) : "";
}

/// The story of a schedule, as it is drawn, without its first line: the summary says that already.
std::string indented_story(const std::string& story) {
    std::string out;
    std::istringstream lines(printable(story.substr(std::min(story.find('\n'), story.size()))));
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);)
        out += line.empty() ? "\n" : "      " + line + "\n";
    return out;
}

/// \p text as one word of a shell's command.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

/// The command that shows the failing schedule again.
std::string replay_command(const ItemResult& item, const CaseResult& failure) {
    return "./course replay " + item.rubric.id +
           (failure.schedule.empty() ? "" : " --schedule " + failure.schedule) +
           (item.cases.size() > 1 ? " --case " + quoted(failure.rubric.name) : "");
}

/// The hint for \p failure, a case of item \p item: the test's own, else the first of the item's.
std::string hint_for_case(const std::string& item, const CaseResult& failure, const Hints& hints) {
    if (!failure.hint.empty())
        return failure.hint;
    // The item's first hint is about its subject: it has nothing to say about what never ends or is
    // left over.
    if (failure.verdict == Verdict::hang || failure.verdict == Verdict::timeout ||
        failure.verdict == Verdict::crash || failure.verdict == Verdict::leak)
        return "";
    const auto found = hints.find(item);
    return found == hints.end() || found->second.empty() ? "" : found->second.front();
}

}  // namespace

std::string hint_for(const ItemResult& item, const Hints& hints) {
    static const CaseResult none;
    const CaseResult* failure = item.first_failure();
    return hint_for_case(item.rubric.id, failure ? *failure : none, hints);
}

std::string explanation(const ItemResult& item, const CaseResult& failure, const Rubric& rubric,
                        const Hints& hints, const TextStyle& style) {
    const Paint paint(style);
    std::string out;
    const auto say = [&](const std::string& label, const std::string& text) {
        labelled(out, paint, label, text, style.width);
    };
    say("case", failure.rubric.name);
    say("happened", failure.summary);
    say("expected", shortened(failure.expected));
    say("got", shortened(failure.got));
    say("note", shortened(failure.notes));
    out += indented_story(failure.story);
    if (!failure.story.empty())  // however long: it is to be copied and pasted
        out += paint.dim(fmt::format("      {:<12}", "see again")) +
               printable(replay_command(item, failure)) + "\n";
    say("test", failure.place.empty() ? "" : "tests/" + rubric.lab + "/" + failure.place);
    say("contract", place("labs", rubric, rubric.contract, item.rubric.contract_line));
    say("printed", first_lines(failure.printed, 8));
    say("hint", hint_for_case(item.rubric.id, failure, hints));
    return out;
}

namespace {

/// One item: its line, and what the student needs to know about the first case that did not pass.
std::string item_view(const ItemResult& item, const Rubric& rubric, const Hints& hints,
                      const TextStyle& style) {
    const Paint paint(style);
    const Verdict verdict = item.verdict();
    const char* mark = verdict == Verdict::pass ? "✓" : verdict == Verdict::missing ? "○" : "✗";
    std::string out =
        fmt::format("  {} {}  {}  {}/{}  {}", paint.by(verdict, mark), paint.strong(item.rubric.id),
                    item.rubric.title, item.score(), item.rubric.points(),
                    paint.by(verdict, overall_name(verdict, item.score(), item.rubric.points())));
    const CaseResult* failure = item.first_failure();
    if (!failure)
        return out + "\n";
    if (verdict == Verdict::missing && item.score() == 0)
        return out +
               paint.dim("  " + place("labs", rubric, rubric.contract, item.rubric.contract_line)) +
               "\n";
    out += "\n" + explanation(item, *failure, rubric, hints, style);
    for (const auto& other : item.cases)
        if (&other != failure && other.verdict != Verdict::pass)
            labelled(out, paint, "and also",
                     fmt::format("{}  {}", name(other.verdict), other.rubric.name), style.width);
    return out;
}

}  // namespace

std::string rubric_view(const LabResult& result, const Hints& hints, const TextStyle& style) {
    const Paint paint(style);
    const Rubric& rubric = result.rubric;
    std::string out =
        fmt::format("{}  {}  {}/{}  {}\n\n", paint.strong(rubric.lab), rubric.title, result.score(),
                    result.points(), paint.by(result.verdict(), result.verdict_name()));
    if (!result.messages.empty()) {
        out += paint.dim(result.build == Verdict::pass ? "  warnings of the compiler\n"
                                                       : "  the compiler says\n");
        std::istringstream lines(printable(first_lines(result.messages, 40)));
        for (std::string line; std::getline(lines, line);)
            out += "  " + line + "\n";
        out += "\n";
    }
    if (result.build != Verdict::pass)
        return out;
    for (const auto& item : result.items)
        out += item_view(item, rubric, hints, style);
    return out;
}

const Hints& hints_of(const std::string& lab, const HintsByLab& hints) {
    static const Hints none;
    const auto found = hints.find(lab);
    return found == hints.end() ? none : found->second;
}

std::string feedback(const GradebookRow& row, const HintsByLab& hints) {
    std::string text;
    for (const auto& lab : row.labs)
        text += rubric_view(lab, hints_of(lab.rubric.lab, hints), {}) + "\n";
    if (row.late.percent > 0)
        text += fmt::format("{} points earned, {} lost because it was late: {} of {}\n", row.score(),
                            row.penalty(), row.final_score(), row.points());
    return text;
}

}  // namespace course::reports
