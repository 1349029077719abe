// Grades mutants for what they look like.
#include <course/diagnosis/signature_table.hpp>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include <course/diagnosis/mutant.hpp>

namespace course::diagnosis {

namespace fs = std::filesystem;
using namespace grading;
using nlohmann::json;

namespace {

std::vector<Signature> measure(const Lab& lab, const Recipe& recipe, const Rubric& rubric,
                               const fs::path& build, int jobs) {
    // A mutant that hangs only waits, so there may be more jobs than processors.
    ProcessQueue queue(jobs + 2);
    Grader grader(recipe, rubric, queue, {case_limits(recipe), {}});
    std::vector<Signature> signatures;
    for (const auto& file : lab.mutants()) {
        const Mutant mutant = read_mutant(file);
        // The folder in which `check` grades it: whoever comes second finds the program there.
        grader.grade_again(file, build / "work" / lab.name / "check" / mutant.name,
                           [&signatures, mutant](const LabResult& result) {
                               if (Symptoms symptoms = symptoms_of(result); !symptoms.empty())
                                   signatures.push_back({mutant.name, mutant.mistake, mutant.hint,
                                                         std::move(symptoms)});
                           });
    }
    queue.run();
    std::sort(signatures.begin(), signatures.end(),
              [](const Signature& a, const Signature& b) { return a.mutant < b.mutant; });
    return signatures;
}

void save(const std::vector<Signature>& signatures, const fs::path& file) {
    json whole = json::array();
    for (const auto& signature : signatures) {
        json symptoms = json::array();
        for (const auto& symptom : signature.symptoms)
            symptoms.push_back({{"item", symptom.item},
                                {"case", symptom.test_case},
                                {"verdict", name(symptom.verdict)},
                                {"place", symptom.place}});
        whole.push_back({{"mutant", signature.mutant},
                         {"mistake", signature.mistake},
                         {"hint", signature.hint},
                         {"symptoms", symptoms}});
    }
    write_whole(file, whole.dump(2) + "\n");
}

std::vector<Signature> load(const fs::path& file) {
    std::ifstream in(file);
    std::vector<Signature> signatures;
    for (const auto& one : json::parse(in)) {
        Signature signature{one.at("mutant"), one.at("mistake"), one.at("hint"), {}};
        for (const auto& symptom : one.at("symptoms"))
            signature.symptoms.insert({symptom.at("item"), symptom.at("case"),
                                       verdict_named(symptom.at("verdict").get<std::string>()),
                                       symptom.at("place")});
        signatures.push_back(std::move(signature));
    }
    return signatures;
}

/// Whether \p file is there and newer than \p recipe, the rubric and each of \p mutants. A mutant that was taken
/// away makes its folder newer.
bool is_fresh(const fs::path& file, const Recipe& recipe, const Lab& lab) {
    if (!fs::exists(file))
        return false;
    auto newest = std::max(recipe.newest_input(), fs::last_write_time(lab.tests() / "mutants"));
    for (const auto& mutant : lab.mutants())
        newest = std::max(newest, fs::last_write_time(mutant));
    return fs::last_write_time(file) > newest;
}

}  // namespace

std::vector<Signature> signatures_for(const Lab& lab, const Rubric& rubric, const fs::path& build,
                                      int jobs) {
    if (lab.mutants().empty())
        return {};
    const Recipe recipe(build, lab.name);
    const fs::path kept = build / "labs" / lab.name / "signatures.json";
    if (is_fresh(kept, recipe, lab))
        return load(kept);
    const std::vector<Signature> signatures = measure(lab, recipe, rubric, build, jobs);
    save(signatures, kept);
    return signatures;
}

}  // namespace course::diagnosis
