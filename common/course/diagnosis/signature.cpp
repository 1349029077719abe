// Holds a result against the signatures of known mistakes.
#include <course/diagnosis/signature.hpp>

#include <algorithm>
#include <map>

namespace course::diagnosis {

using namespace grading;

namespace {

/// The cases of \p result that say nothing, by name.
std::set<std::string> silent_cases(const LabResult& result) {
    std::set<std::string> names;
    for (const auto& item : result.items)
        for (const auto& one : item.cases)
            if (one.verdict == Verdict::missing || one.verdict == Verdict::grader_error)
                names.insert(one.rubric.name);
    return names;
}

std::set<std::string> items_of(const Symptoms& symptoms) {
    std::set<std::string> items;
    for (const auto& symptom : symptoms)
        items.insert(symptom.item);
    return items;
}

/// What \p mistake explains of \p shown; empty if it does not fit.
Symptoms explained_by(const Signature& mistake, const Symptoms& shown,
                      const std::set<std::string>& silent) {
    Symptoms expected;
    for (const auto& symptom : mistake.symptoms)
        if (!silent.contains(symptom.test_case))
            expected.insert(symptom);
    const std::set<std::string> items = items_of(expected);
    Symptoms there;
    for (const auto& symptom : shown)
        if (items.contains(symptom.item))
            there.insert(symptom);
    return there == expected ? expected : Symptoms{};
}

}  // namespace

Symptoms symptoms_of(const LabResult& result) {
    Symptoms symptoms;
    for (const auto& item : result.items)
        for (const auto& one : item.cases)
            if (one.verdict != Verdict::pass && one.verdict != Verdict::missing &&
                one.verdict != Verdict::grader_error)
                symptoms.insert({item.rubric.id, one.rubric.name, one.verdict, one.place});
    return symptoms;
}

std::vector<Likeness> diagnose(const LabResult& result, const std::vector<Signature>& known) {
    const Symptoms shown = symptoms_of(result);
    const std::set<std::string> silent = silent_cases(result);
    std::map<Symptoms, std::vector<Signature>> fitting;
    for (const auto& mistake : known)
        if (const Symptoms explained = explained_by(mistake, shown, silent); !explained.empty())
            fitting[explained].push_back(mistake);
    std::vector<Likeness> likenesses;
    for (auto& [explained, mistakes] : fitting) {
        const bool less_than_another =
            std::any_of(fitting.begin(), fitting.end(), [&less = explained](const auto& other) {
                const Symptoms& more = other.first;
                return more.size() > less.size() &&
                       std::includes(more.begin(), more.end(), less.begin(), less.end());
            });
        if (!less_than_another)
            likenesses.push_back({explained, mistakes});
    }
    return likenesses;
}

}  // namespace course::diagnosis
