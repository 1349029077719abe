// Draws results as text.
#include <course/grading/report_text.hpp>

#include <fmt/format.h>

#include <sstream>

namespace course::grading {

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

/// Length of the UTF-8 sequence at \p at, 0 if it is none.
std::size_t sequence_length(const std::string& text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t length = byte(at) < 0x80                       ? 1
                               : byte(at) >= 0xc2 && byte(at) < 0xe0 ? 2
                               : byte(at) >= 0xe0 && byte(at) < 0xf0 ? 3
                               : byte(at) >= 0xf0 && byte(at) < 0xf5 ? 4
                                                                     : 0;
    if (length == 0 || at + length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(at + i) & 0xc0) != 0x80)
            return 0;
    return length;
}

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

/// \p text, cut where nobody reads on.
std::string shortened(const std::string& text, std::size_t most = 600) {
    return text.size() <= most ? text
                               : text.substr(0, most) + fmt::format("… ({} bytes)", text.size());
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

/// The first \p count lines of \p text.
std::string first_lines(const std::string& text, int count) {
    std::size_t at = 0;
    while (count-- > 0 && at != std::string::npos)
        at = text.find('\n', at == 0 ? 0 : at + 1);
    return at == std::string::npos ? text : text.substr(0, at) + "\n…";
}

}  // namespace

std::string printable(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequence_length(text, at);
        const auto byte = static_cast<unsigned char>(text[at]);
        if (length == 0 || (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
            out += fmt::format("\\x{:02x}", byte), ++at;
        else
            out += text.substr(at, length), at += length;
    }
    return out;
}

std::string hint_for(const ItemResult& item,
                     const std::map<std::string, std::vector<std::string>>& hints) {
    const CaseResult* failure = item.first_failure();
    if (failure && !failure->hint.empty())
        return failure->hint;
    // The item's first hint is about its subject: it has nothing to say about what never ends or is
    // left over.
    if (failure && (failure->verdict == Verdict::hang || failure->verdict == Verdict::timeout ||
                    failure->verdict == Verdict::crash || failure->verdict == Verdict::leak))
        return "";
    const auto found = hints.find(item.rubric.id);
    return found == hints.end() || found->second.empty() ? "" : found->second.front();
}

namespace {

/// One item: its line, and what the student needs to know about the first case that did not pass.
std::string item_view(const ItemResult& item, const Rubric& rubric,
                      const std::map<std::string, std::vector<std::string>>& hints,
                      const TextStyle& style) {
    const Paint paint(style);
    const Verdict verdict = item.verdict();
    const char* mark = verdict == Verdict::pass ? "✓" : verdict == Verdict::missing ? "○" : "✗";
    std::string out =
        fmt::format("  {} {}  {}  {}/{}  {}", paint.by(verdict, mark), paint.strong(item.rubric.id),
                    item.rubric.title, item.score(), item.rubric.points(),
                    paint.by(verdict, overall_name(verdict, item.score(), item.rubric.points())));
    const std::string contract = place("labs", rubric, rubric.contract, item.rubric.contract_line);
    const CaseResult* failure = item.first_failure();
    if (!failure)
        return out + "\n";
    if (verdict == Verdict::missing && item.score() == 0)
        return out + paint.dim("  " + contract) + "\n";
    out += "\n";
    const auto say = [&](const std::string& label, const std::string& text) {
        labelled(out, paint, label, text, style.width);
    };
    say("case", failure->rubric.name);
    say("happened", failure->summary);
    say("expected", shortened(failure->expected));
    say("got", shortened(failure->got));
    say("note", shortened(failure->notes));
    out += indented_story(failure->story);
    if (!failure->story.empty())  // however long: it is to be copied and pasted
        out += paint.dim(fmt::format("      {:<12}", "see again")) +
               printable(replay_command(item, *failure)) + "\n";
    say("test", failure->place.empty() ? "" : "tests/" + rubric.lab + "/" + failure->place);
    say("contract", contract);
    say("printed", first_lines(failure->printed, 8));
    say("hint", hint_for(item, hints));
    for (const auto& other : item.cases)
        if (&other != failure && other.verdict != Verdict::pass)
            say("and also", fmt::format("{}  {}", name(other.verdict), other.rubric.name));
    return out;
}

}  // namespace

std::string rubric_view(const LabResult& result,
                        const std::map<std::string, std::vector<std::string>>& hints,
                        const TextStyle& style) {
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

}  // namespace course::grading
