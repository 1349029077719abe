// Adds up a class.
#include <course/grading/gradebook.hpp>

#include <algorithm>
#include <sstream>

namespace course::grading {

bool counts(const LabResult& result) {
    if (result.build == Verdict::ungradable || result.build == Verdict::grader_error)
        return false;
    return std::none_of(result.items.begin(), result.items.end(), [](const ItemResult& item) {
        return item.verdict() == Verdict::grader_error;
    });
}

int GradebookRow::score() const {
    int sum = 0;
    for (const auto& lab : labs)
        sum += counts(lab) ? lab.score() : 0;
    return sum;
}

int GradebookRow::points() const {
    int sum = 0;
    for (const auto& lab : labs)
        sum += counts(lab) ? lab.points() : 0;
    return sum;
}

Verdict GradebookRow::verdict() const {
    Verdict worst = Verdict::pass;
    bool all_nothing = true;
    for (const auto& lab : labs) {
        if (lab.build == Verdict::nothing)
            continue;
        all_nothing = false;
        worst = std::max(worst, lab.verdict());
    }
    return all_nothing ? Verdict::nothing : worst;
}

namespace {

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// Why points of \p item are missing.
std::string note_on(const ItemResult& item) {
    const CaseResult* failure = item.first_failure();
    if (!failure)
        return "";
    std::string text = item.rubric.id + " " + std::string(name(failure->verdict));
    if (failure->verdict != Verdict::wrong && failure->verdict != Verdict::missing)
        text += ": " + first_line(failure->summary);
    return text;
}

}  // namespace

std::string first_error(const std::string& messages) {
    std::istringstream lines(messages);
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find("error:");
        if (at == std::string::npos)
            continue;
        const auto folder = line.rfind('/', at);
        return folder == std::string::npos ? line : line.substr(folder + 1);
    }
    return first_line(messages);
}

std::string GradebookRow::note() const {
    std::string text;
    const auto add = [&text](const std::string& note) {
        if (!note.empty())
            text += (text.empty() ? "" : "; ") + note;
    };
    add(remark);
    for (const auto& lab : labs)
        if (lab.build != Verdict::pass)
            add(lab.rubric.lab + " " + std::string(name(lab.build)) +
                (lab.messages.empty() ? "" : ": " + first_error(lab.messages)));
        else
            for (const auto& item : lab.items)
                add(note_on(item));
    return text;
}

}  // namespace course::grading
