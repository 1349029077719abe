// Writes results as JSON and CSV; text of a student is escaped, bad UTF-8 replaced.
#include <course/grading/report_files.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include <course/grading/report_text.hpp>

namespace course::grading {

namespace {

using nlohmann::json;
using Hints = std::map<std::string, std::vector<std::string>>;

std::string dump(const json& value) {
    return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

json case_json(const CaseResult& one) {
    json value{{"name", one.rubric.name},
               {"verdict", name(one.verdict)},
               {"score", one.score()},
               {"points", one.rubric.points},
               {"cpu_seconds", static_cast<double>(one.cpu.count()) / 1e6},
               {"wall_seconds", static_cast<double>(one.wall.count()) / 1e6}};
    const auto add = [&value](const char* key, const std::string& text) {
        if (!text.empty())
            value[key] = text;
    };
    add("summary", one.summary);
    add("expected", one.expected);
    add("got", one.got);
    add("notes", one.notes);
    add("place", one.place);
    add("printed", one.printed);
    return value;
}

json lab_json(const LabResult& result, const Hints& hints) {
    json items = json::array();
    for (const auto& item : result.items) {
        json cases = json::array();
        for (const auto& one : item.cases)
            cases.push_back(case_json(one));
        json value{
            {"id", item.rubric.id},
            {"title", item.rubric.title},
            {"score", item.score()},
            {"points", item.rubric.points()},
            {"verdict", overall_name(result.build == Verdict::pass ? item.verdict() : result.build,
                                     item.score(), item.rubric.points())},
            {"cases", cases}};
        if (const std::string hint = item.first_failure() ? hint_for(item, hints) : "";
            !hint.empty())
            value["hint"] = hint;
        items.push_back(std::move(value));
    }
    return {{"lab", result.rubric.lab},
            {"title", result.rubric.title},
            {"verdict", result.verdict_name()},
            {"score", result.score()},
            {"points", result.points()},
            {"messages", result.messages},
            {"wall_seconds", static_cast<double>(result.wall.count()) / 1e6},
            {"items", items}};
}

/// What could not be graded costs no points: it has no score, and its points don't count.
bool counts(const LabResult& lab) {
    return lab.verdict() < Verdict::ungradable;
}

int score_of(const GradebookRow& row) {
    int sum = 0;
    for (const auto& lab : row.labs)
        sum += counts(lab) ? lab.score() : 0;
    return sum;
}

int points_of(const GradebookRow& row) {
    int sum = 0;
    for (const auto& lab : row.labs)
        sum += counts(lab) ? lab.points() : 0;
    return sum;
}

std::string verdict_of(const GradebookRow& row) {
    Verdict worst = Verdict::pass;
    for (const auto& lab : row.labs)
        worst = std::max(worst, lab.verdict());
    return overall_name(worst, score_of(row), points_of(row));
}

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

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

std::string to_json(const LabResult& result, const Hints& hints) {
    return dump(lab_json(result, hints));
}

std::string to_json(const std::vector<GradebookRow>& rows) {
    json students = json::array();
    for (const auto& row : rows) {
        json labs = json::array();
        for (const auto& lab : row.labs)
            labs.push_back(lab_json(lab, {}));
        students.push_back({{"student", row.student},
                            {"verdict", verdict_of(row)},
                            {"score", score_of(row)},
                            {"points", points_of(row)},
                            {"labs", labs}});
    }
    return dump({{"students", students}});
}

std::string to_csv(const std::vector<GradebookRow>& rows) {
    std::set<std::string> items;
    for (const auto& row : rows)
        for (const auto& lab : row.labs)
            for (const auto& item : lab.rubric.items)
                items.insert(item.id);
    std::string csv = "student,score,points,verdict";
    for (const auto& item : items)
        csv += "," + item;
    csv += ",note\r\n";
    for (const auto& row : rows) {
        std::map<std::string, int> scores;
        std::string note;
        for (const auto& lab : row.labs) {
            if (counts(lab))
                for (const auto& item : lab.items)
                    scores[item.rubric.id] = item.score();
            if (lab.build != Verdict::pass)
                note += (note.empty() ? "" : "; ") + lab.rubric.lab + ": " +
                        std::string(name(lab.build)) + " " + first_line(lab.messages);
        }
        csv += csv_field(printable(row.student)) + "," + std::to_string(score_of(row)) + "," +
               std::to_string(points_of(row)) + "," + verdict_of(row);
        for (const auto& item : items)
            csv += "," + (scores.contains(item) ? std::to_string(scores[item]) : std::string());
        csv += "," + csv_field(printable(note)) + "\r\n";
    }
    return csv;
}

}  // namespace course::grading
