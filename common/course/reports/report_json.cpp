// Writes results as JSON; text of a student is escaped, bad UTF-8 replaced.
#include <nlohmann/json.hpp>

#include <course/reports/formats.hpp>

namespace course::reports {

using namespace grading;
using nlohmann::json;

namespace {

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
    add("story", one.story);
    add("schedule", one.schedule);
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

}  // namespace

std::string to_json(const LabResult& result, const Hints& hints) {
    return dump(lab_json(result, hints));
}

std::string to_json(const Rows& rows, const HintsByLab& hints) {
    json students = json::array();
    for (const auto& row : rows) {
        json labs = json::array();
        for (const auto& lab : row.labs)
            labs.push_back(lab_json(lab, hints_of(lab.rubric.lab, hints)));
        students.push_back({{"student", row.student},
                            {"name", row.identity.name},
                            {"id", row.identity.id},
                            {"email", row.identity.email},
                            {"verdict", row.verdict_name()},
                            {"score", row.score()},
                            {"points", row.points()},
                            {"handed_in", row.late.handed_in},
                            {"late_seconds", row.late.by.count()},
                            {"lost_by_lateness", row.penalty()},
                            {"final_score", row.final_score()},
                            {"note", row.note()},
                            {"labs", labs}});
    }
    return dump({{"students", students}});
}

}  // namespace course::reports
