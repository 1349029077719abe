// Writes one student's result as Gradescope's results.json.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <course/reports/clean_text.hpp>
#include <course/reports/formats.hpp>

namespace course::reports {

using namespace grading;
using nlohmann::json;

namespace {

/// NUL is valid JSON, but not for the data base behind it: everything unusual is made visible.
json text(const std::string& raw) {
    return printable(raw);
}

json test_json(const ItemResult& item, const RubricCase& one, bool passed,
               const std::string& output) {
    json test{{"number", item.rubric.id},
              {"name", text(item.rubric.id + " " + one.name)},
              {"score", passed ? one.points : 0},
              {"max_score", one.points},
              {"status", passed ? "passed" : "failed"},
              {"tags", {item.rubric.id}},
              {"visibility", one.hidden ? "after_published" : "visible"}};
    if (!output.empty())
        test["output"] = text(output);
    return test;
}

void add_tests(json& tests, const LabResult& lab, const Hints& hints) {
    for (const auto& item : lab.items) {
        if (lab.build != Verdict::pass)
            for (const auto& one : item.rubric.cases)
                tests.push_back(test_json(item, one, false, std::string(name(lab.build))));
        for (const auto& one : item.cases)
            tests.push_back(test_json(item, one.rubric, one.verdict == Verdict::pass,
                                      one.verdict == Verdict::pass
                                          ? ""
                                          : fmt::format("{}\n", name(one.verdict)) +
                                                explanation(item, one, lab.rubric, hints, {})));
    }
}

}  // namespace

std::string to_gradescope(const GradebookRow& row, const HintsByLab& hints) {
    json tests = json::array();
    std::string output;
    double seconds = 0;
    for (const auto& lab : row.labs) {
        output += fmt::format("{}  {}/{}  {}\n", lab.rubric.lab, lab.score(), lab.points(),
                              lab.verdict_name());
        if (!lab.messages.empty())
            output += first_lines(lab.messages, 40) + "\n";
        seconds += static_cast<double>(lab.wall.count()) / 1e6;
        if (counts(lab))
            add_tests(tests, lab, hints_of(lab.rubric.lab, hints));
        else
            tests.push_back({{"name", text(lab.rubric.lab + " could not be graded")},
                             {"score", 0},
                             {"max_score", 0},
                             {"status", "failed"},
                             {"output", text(row.note())}});
    }
    const json whole{
        {"score", row.score()},    {"execution_time", seconds},     {"output", text(output)},
        {"output_format", "text"}, {"test_output_format", "text"},  {"test_name_format", "text"},
        {"visibility", "visible"}, {"stdout_visibility", "hidden"}, {"tests", tests}};
    return whole.dump(2) + "\n";
}

}  // namespace course::reports
