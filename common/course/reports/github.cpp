// Writes one student's result for GitHub Actions: annotations, and the job summary.
#include <fmt/format.h>

#include <regex>

#include <course/reports/clean_text.hpp>
#include <course/reports/formats.hpp>

namespace course::reports {

using namespace grading;

namespace {

/// \p text as the value of a workflow command: a line end in it would end the command, and what follows
/// would be the next one.
std::string escaped(const std::string& text, bool property) {
    std::string out;
    for (const char c : printable(text)) {
        const bool must = c == '%' || c == '\n' || (property && (c == ':' || c == ','));
        out += must ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
    return out;
}

std::string annotation(const std::string& file, const std::string& line, const std::string& title,
                       const std::string& message) {
    return fmt::format("::error file={},line={},title={}::{}\n", escaped(file, true),
                       escaped(line, true), escaped(title, true), escaped(message, false));
}

/// The annotation for a file that did not compile: at the first error, if it has a line.
std::string build_annotation(const LabResult& lab) {
    static const std::regex place(R"(([^/:\s]+\.cpp):(\d+):.*)");
    const std::string error = first_error(lab.messages);
    std::smatch match;
    const bool found = std::regex_match(error, match, place);
    return annotation(
        "labs/" + lab.rubric.lab + "/" + (found ? match[1].str() : lab.rubric.contract),
        found ? match[2].str() : "1", lab.rubric.lab + " " + std::string(name(lab.build)), error);
}

/// The annotation for a case: at the assertion that failed, or where the case begins.
std::string case_annotation(const LabResult& lab, const ItemResult& item, const CaseResult& one,
                            const std::string& hint) {
    const auto colon = one.place.rfind(':');
    const bool placed = colon != std::string::npos;
    std::string message = one.rubric.name + "\n" + one.summary;
    for (const auto& more : {one.expected, one.got, hint})
        if (!more.empty())
            message += "\n" + shortened(more);
    return annotation(
        "tests/" + lab.rubric.lab + "/" + (placed ? one.place.substr(0, colon) : one.rubric.file),
        placed ? one.place.substr(colon + 1) : std::to_string(one.rubric.line),
        item.rubric.id + " " + std::string(name(one.verdict)), message);
}

}  // namespace

std::string to_github_annotations(const GradebookRow& row, const HintsByLab& hints) {
    std::string out;
    for (const auto& lab : row.labs) {
        if (lab.build != Verdict::pass)
            out += build_annotation(lab);
        for (const auto& item : lab.items)
            for (const auto& one : item.cases)
                if (one.verdict != Verdict::pass && one.verdict != Verdict::missing)
                    out += case_annotation(lab, item, one,
                                           hint_for(item, hints_of(lab.rubric.lab, hints)));
    }
    return out + fmt::format("::notice title=Three Kitchens::{} of {} points\n", row.score(),
                             row.points());
}

std::string to_github_summary(const GradebookRow& row, const HintsByLab& hints) {
    std::string out = fmt::format("# {} of {} points\n", row.score(), row.points());
    for (const auto& lab : row.labs) {
        out += fmt::format("\n## {} · {} of {} · {}\n\n", html_text(lab.rubric.title), lab.score(),
                           lab.points(), lab.verdict_name());
        out += "| item | | points | |\n| --- | --- | ---: | --- |\n";
        for (const auto& item : lab.items)
            out +=
                fmt::format("| {} | {} | {}/{} | {} |\n", item.rubric.id,
                            html_text(item.rubric.title), item.score(), item.rubric.points(),
                            lab.build == Verdict::pass
                                ? overall_name(item.verdict(), item.score(), item.rubric.points())
                                : lab.verdict_name());
        // An empty line would end the element for Markdown, and its text would be Markdown again.
        std::string view = html_text(rubric_view(lab, hints_of(lab.rubric.lab, hints), {}));
        static const std::regex line_end("\n");
        view = std::regex_replace(view, line_end, "&#10;");
        out += "\n<details><summary>Item by item</summary><pre>" + view + "</pre></details>\n";
    }
    return out;
}

}  // namespace course::reports
