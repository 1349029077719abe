// Adds up a class, and writes it down.
#include <course/grading/gradebook.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include <course/grading/report_json.hpp>
#include <course/grading/report_text.hpp>

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

namespace {

/// Quoted where it must be; a field that a spreadsheet would run as a formula is made text.
std::string csv_field(const std::string& text) {
    std::string field = text;
    if (!field.empty() && std::string("=+-@").find(field.front()) != std::string::npos)
        field.insert(0, "'");
    if (field.find_first_of(",\"\r\n") == std::string::npos)
        return field;
    std::string quoted = "\"";
    for (const char c : field)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

/// The rubrics of all labs in \p rows, by name.
std::map<std::string, const Rubric*> rubrics_in(const std::vector<GradebookRow>& rows) {
    std::map<std::string, const Rubric*> rubrics;
    for (const auto& row : rows)
        for (const auto& lab : row.labs)
            rubrics.emplace(lab.rubric.lab, &lab.rubric);
    return rubrics;
}

}  // namespace

std::string to_csv(const std::vector<GradebookRow>& rows) {
    const auto rubrics = rubrics_in(rows);
    std::string csv = "student,score,points,verdict";
    std::string most = "(points),,,";
    for (const auto& [lab, rubric] : rubrics) {
        csv += "," + lab + "," + lab + " verdict";
        most += "," + std::to_string(rubric->points()) + ",";
        for (const auto& item : rubric->items) {
            csv += "," + item.id;
            most += "," + std::to_string(item.points());
        }
    }
    csv += ",note\r\n" + most + ",\r\n";
    for (const auto& row : rows) {
        csv += csv_field(printable(row.student)) + "," + std::to_string(row.score()) + "," +
               std::to_string(row.points()) + "," + row.verdict_name();
        for (const auto& [name, rubric] : rubrics) {
            const auto lab =
                std::find_if(row.labs.begin(), row.labs.end(),
                             [&](const LabResult& one) { return one.rubric.lab == name; });
            const bool has_score = lab != row.labs.end() && counts(*lab);
            csv += "," + (has_score ? std::to_string(lab->score()) : "") + "," +
                   (lab == row.labs.end() ? "" : lab->verdict_name());
            for (std::size_t i = 0; i < rubric->items.size(); ++i)
                csv += "," + (has_score ? std::to_string(lab->items[i].score()) : "");
        }
        csv += "," + csv_field(printable(row.note())) + "\r\n";
    }
    return csv;
}

std::string to_json(const std::vector<GradebookRow>& rows, const HintsByLab& hints) {
    using nlohmann::json;
    json students = json::array();
    for (const auto& row : rows) {
        json labs = json::array();
        for (const auto& lab : row.labs) {
            const auto found = hints.find(lab.rubric.lab);
            labs.push_back(json::parse(
                to_json(lab, found == hints.end() ? HintsByLab::mapped_type() : found->second)));
        }
        students.push_back({{"student", row.student},
                            {"verdict", row.verdict_name()},
                            {"score", row.score()},
                            {"points", row.points()},
                            {"note", row.note()},
                            {"labs", labs}});
    }
    return json{{"students", students}}.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string feedback(const GradebookRow& row, const HintsByLab& hints) {
    std::string text;
    for (const auto& lab : row.labs) {
        const auto found = hints.find(lab.rubric.lab);
        text +=
            rubric_view(lab, found == hints.end() ? HintsByLab::mapped_type() : found->second, {}) +
            "\n";
    }
    return text;
}

}  // namespace course::grading
