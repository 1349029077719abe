// Writes a gradebook as CSV.
#include <algorithm>
#include <map>

#include <course/reports/clean_text.hpp>
#include <course/reports/formats.hpp>

namespace course::reports {

using namespace grading;

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
std::map<std::string, const Rubric*> rubrics_in(const Rows& rows) {
    std::map<std::string, const Rubric*> rubrics;
    for (const auto& row : rows)
        for (const auto& lab : row.labs)
            rubrics.emplace(lab.rubric.lab, &lab.rubric);
    return rubrics;
}

/// Columns that are there only if anybody has something in them.
struct Column {
    const char* title;
    std::string (*text)(const GradebookRow& row);
};

constexpr Column identity[] = {
    {"name",
     [](const GradebookRow& row) {
         return row.identity.name == row.student ? "" : row.identity.name;
     }},
    {"id", [](const GradebookRow& row) { return row.identity.id; }},
    {"email", [](const GradebookRow& row) { return row.identity.email; }},
    {"handed in", [](const GradebookRow& row) { return row.late.handed_in; }},
};

bool anybody_is_late(const Rows& rows) {
    return std::any_of(rows.begin(), rows.end(),
                       [](const GradebookRow& row) { return row.late.percent > 0; });
}

}  // namespace

std::string to_csv(const Rows& rows) {
    const auto rubrics = rubrics_in(rows);
    const bool late = anybody_is_late(rows);
    std::vector<Column> columns;
    for (const auto& column : identity)
        if (std::any_of(rows.begin(), rows.end(),
                        [&](const GradebookRow& row) { return !column.text(row).empty(); }))
            columns.push_back(column);
    std::string csv = "student,score,points,verdict";
    std::string most = "(points),,,";
    if (late) {
        csv += ",lost by lateness,final";
        most += ",,";
    }
    for (const auto& column : columns) {
        csv += std::string(",") + column.title;
        most += ",";
    }
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
        if (late)
            csv += "," + std::to_string(row.penalty()) + "," + std::to_string(row.final_score());
        for (const auto& column : columns)
            csv += "," + csv_field(printable(column.text(row)));
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

}  // namespace course::reports
