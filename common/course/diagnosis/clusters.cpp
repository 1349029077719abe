// Puts students with the same likeness, the same symptoms or the same error together.
#include <course/diagnosis/clusters.hpp>

#include <algorithm>
#include <regex>
#include <tuple>

namespace course::diagnosis {

using namespace grading;

namespace {

/// \p error without line and column, which differ from file to file.
std::string without_place(const std::string& error) {
    static const std::regex place(R"(:\d+:\d+)");
    return std::regex_replace(error, place, "");
}

/// What is left of \p symptoms when the items that \p likenesses explain are taken out, item by item.
std::vector<Symptoms> unexplained(const Symptoms& symptoms,
                                  const std::vector<Likeness>& likenesses) {
    std::map<std::string, Symptoms> by_item;
    for (const auto& symptom : symptoms)
        by_item[symptom.item].insert(symptom);
    for (const auto& likeness : likenesses)
        for (const auto& symptom : likeness.explained)
            by_item.erase(symptom.item);
    std::vector<Symptoms> rest;
    for (auto& [item, left] : by_item)
        rest.push_back(std::move(left));
    return rest;
}

}  // namespace

std::vector<Cluster> clusters_in(const std::vector<GradebookRow>& rows,
                                 const std::map<std::string, std::vector<Signature>>& known) {
    std::map<std::tuple<std::string, Symptoms, std::string>, Cluster> clusters;
    const auto add = [&clusters](const GradebookRow& row, const std::string& lab,
                                 const Symptoms& symptoms, const std::string& error) -> Cluster& {
        Cluster& cluster = clusters[{lab, symptoms, error}];
        cluster.lab = lab;
        cluster.symptoms = symptoms;
        cluster.error = error;
        cluster.students.push_back(row.student);
        return cluster;
    };
    for (const auto& row : rows)
        for (const auto& result : row.labs) {
            const std::string& lab = result.rubric.lab;
            if (result.build == Verdict::compile)
                add(row, lab, {}, without_place(first_error(result.messages)));
            const auto table = known.find(lab);
            const std::vector<Likeness> likenesses =
                table == known.end() ? std::vector<Likeness>{} : diagnose(result, table->second);
            for (const auto& likeness : likenesses)
                add(row, lab, likeness.explained, "").mistakes = likeness.mistakes;
            for (const auto& rest : unexplained(symptoms_of(result), likenesses))
                add(row, lab, rest, "");
        }
    std::vector<Cluster> found;
    for (auto& [key, cluster] : clusters)
        found.push_back(std::move(cluster));
    std::sort(found.begin(), found.end(), [](const Cluster& a, const Cluster& b) {
        const auto rank = [](const Cluster& one) {
            return std::tie(one.lab, one.symptoms, one.error);
        };
        return a.students.size() != b.students.size() ? a.students.size() > b.students.size()
                                                      : rank(a) < rank(b);
    });
    return found;
}

}  // namespace course::diagnosis
