// Puts the results of a class into the page.
#include <course/reports/html_page.hpp>

#include <nlohmann/json.hpp>

#include <course/diagnosis/clusters.hpp>
#include <course/diagnosis/fingerprints.hpp>
#include <course/reports/clean_text.hpp>
#include <course/reports/line_diff.hpp>
#include <course/reports/page_parts.hpp>

namespace course::reports {

using namespace grading;
using nlohmann::json;

namespace {

json labs_json(const Rows& rows) {
    std::map<std::string, const Rubric*> rubrics;
    for (const auto& row : rows)
        for (const auto& lab : row.labs)
            rubrics.emplace(lab.rubric.lab, &lab.rubric);
    json labs = json::array();
    for (const auto& [name, rubric] : rubrics) {
        json items = json::array();
        for (const auto& item : rubric->items)
            items.push_back({{"id", item.id}, {"title", item.title}, {"points", item.points()}});
        labs.push_back({{"name", name},
                        {"title", rubric->title},
                        {"points", rubric->points()},
                        {"items", items}});
    }
    return labs;
}

json diff_json(const std::string& before, const std::string& after) {
    json lines = json::array();
    for (const auto& line : line_diff(before, after))
        lines.push_back({std::string(1, line.kind), line.text});
    return lines;
}

/// The rows as `report.json` has them, and for each lab whether it counts and how it differs from the starter.
json students_json(const Rows& rows, const ClassBackground& background) {
    json students = json::parse(to_json(rows, background.hints)).at("students");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        students[i]["student"] = rows[i].student;  // the same text as in the clusters, byte by byte
        for (std::size_t k = 0; k < rows[i].labs.size(); ++k) {
            json& lab = students[i]["labs"][k];
            lab["counts"] = counts(rows[i].labs[k]);
            const auto known = background.labs.find(rows[i].labs[k].rubric.lab);
            if (known == background.labs.end())
                continue;
            const auto source = known->second.sources.find(rows[i].student);
            if (source != known->second.sources.end())
                lab["diff"] = diff_json(known->second.starter, source->second);
        }
    }
    return students;
}

json clusters_json(const Rows& rows, const ClassBackground& background) {
    std::map<std::string, std::vector<diagnosis::Signature>> known;
    for (const auto& [name, lab] : background.labs)
        known[name] = lab.signatures;
    json clusters = json::array();
    for (const auto& cluster : diagnosis::clusters_in(rows, known)) {
        json mistakes = json::array();
        for (const auto& one : cluster.mistakes)
            mistakes.push_back(
                {{"mutant", one.mutant}, {"mistake", one.mistake}, {"hint", one.hint}});
        json symptoms = json::array();
        for (const auto& one : cluster.symptoms)
            symptoms.push_back({{"item", one.item},
                                {"case", one.test_case},
                                {"verdict", name(one.verdict)},
                                {"place", one.place}});
        clusters.push_back({{"lab", cluster.lab},
                            {"mistakes", mistakes},
                            {"symptoms", symptoms},
                            {"error", cluster.error},
                            {"students", cluster.students}});
    }
    return clusters;
}

json look_alikes_json(const ClassBackground& background) {
    json pairs = json::array();
    for (const auto& [name, lab] : background.labs)
        for (const auto& pair : diagnosis::look_alikes(lab.sources, {lab.starter, lab.solution}))
            pairs.push_back({{"lab", name},
                             {"first", pair.first},
                             {"second", pair.second},
                             {"shared", pair.shared}});
    return pairs;
}

/// Make every text in \p value printable.
void clean(json& value) {
    if (value.is_string())
        value = printable(value.get<std::string>());
    else if (value.is_structured())
        for (auto& part : value)
            clean(part);
}

/// \p value for a script element: without a `<` nothing can end it.
std::string within_script(json value) {
    clean(value);
    std::string out;
    for (const char c : value.dump())
        out += c == '<' ? std::string("\\u003c") : std::string(1, c);
    return out;
}

}  // namespace

std::string to_html(const Rows& rows, const ClassBackground& background) {
    const std::string data = within_script({{"labs", labs_json(rows)},
                                            {"students", students_json(rows, background)},
                                            {"clusters", clusters_json(rows, background)},
                                            {"lookAlikes", look_alikes_json(background)}});
    const std::map<std::string, std::string> parts{
        {"css", page_css}, {"js", page_js}, {"data", data}};
    const std::string page = page_html;
    std::string out;
    std::size_t at = 0;
    for (std::size_t mark; (mark = page.find("{{", at)) != std::string::npos;) {
        const std::size_t end = page.find("}}", mark);
        out += page.substr(at, mark - at) + parts.at(page.substr(mark + 2, end - mark - 2));
        at = end + 2;
    }
    return out + page.substr(at);
}

}  // namespace course::reports
