// Writes one student's result as the line that Autolab reads.
#include <nlohmann/json.hpp>

#include <course/reports/formats.hpp>

namespace course::reports {

std::string to_autolab(const grading::GradebookRow& row) {
    using nlohmann::json;
    // Only numbers: Autolab's parser rewrites `word:` within texts.
    json scores = json::object();
    for (const auto& lab : row.labs)
        for (const auto& item : lab.items)
            if (grading::counts(lab))
                scores[item.rubric.id] = item.score();
    return json{{"scores", scores}, {"scoreboard", {row.score()}}}.dump() + "\n";
}

}  // namespace course::reports
