// Repeats searches from other seeds, and longer ones.
#include <course/checking/searches.hpp>

#include <algorithm>
#include <list>

#include <course/checking/batch.hpp>

namespace course::checking {

namespace fs = std::filesystem;
using namespace grading;

namespace {

/// A mutant's item, with the cases of it that search.
struct Task {
    const LabProof* proof;
    std::vector<RubricCase> cases;
    SeedRow row;
    int found = 0;  // by the present search: schedules until the first case failed
};

/// What is to be repeated of \p proof: items that a mutant loses, and loses by a search alone.
void add_tasks(const LabProof& proof, std::list<Task>& tasks) {
    for (const auto& [mutant, result] : proof.matrix.rows)
        for (const auto& item : result.items) {
            if (mutant.loses.count(item.rubric.id) == 0)
                continue;
            Task task{&proof, {}, {proof.lab->number, mutant.name, item.rubric.id, 0, {}}};
            bool plain = false;
            for (const auto& one : item.cases) {
                if (one.verdict != Verdict::pass && one.schedules == 0)
                    plain = true;
                if (one.verdict != Verdict::pass && one.schedules > 0)
                    task.cases.push_back(one.rubric);
            }
            if (plain)
                task.cases.clear();
            tasks.push_back(std::move(task));
        }
}

}  // namespace

std::vector<SeedRow> find_from_other_seeds(const Proof& proof, const fs::path& tree, int jobs,
                                           int bases) {
    std::list<Task> tasks;
    for (const auto& lab : proof.labs())
        if (lab.simulated)
            add_tasks(lab, tasks);
    for (int base = 1; base <= bases; ++base) {
        Batch batch(tree, jobs, {.environment = {"COURSE_SEARCH_BASE=" + std::to_string(base)}});
        for (auto& task : tasks) {
            task.found = 0;
            for (const auto& one : task.cases)
                batch.repeat_case(
                    *task.proof, task.row.mutant, one, [&task](const CaseResult& result) {
                        if (result.verdict == Verdict::pass)
                            return;
                        const int schedules = std::max(result.schedules, 1);
                        task.found = task.found == 0 ? schedules : std::min(task.found, schedules);
                    });
        }
        batch.run();
        for (auto& task : tasks) {
            task.row.searches += task.cases.empty() ? 0 : 1;
            if (task.found > 0)
                task.row.schedules.push_back(task.found);
        }
    }
    std::vector<SeedRow> rows;
    for (auto& task : tasks) {
        std::sort(task.row.schedules.begin(), task.row.schedules.end());
        rows.push_back(std::move(task.row));
    }
    std::sort(rows.begin(), rows.end(), [](const SeedRow& a, const SeedRow& b) {
        return std::tie(a.item, a.mutant) < std::tie(b.item, b.mutant);
    });
    return rows;
}

std::vector<LongSearch> search_solutions(const Proof& proof, const fs::path& tree, int jobs,
                                         int schedules) {
    Batch batch(tree, jobs,
                {.environment = {"COURSE_SEARCH_SCHEDULES=" + std::to_string(schedules)},
                 .time = std::chrono::minutes(20)});
    std::vector<LongSearch> searches;
    for (const auto& lab : proof.labs())
        if (lab.simulated)
            batch.add_solution(lab, [&searches](const LabResult& result) {
                for (const auto& item : result.items)
                    for (const auto& one : item.cases)
                        searches.push_back({item.rubric.id + "  " + one.rubric.name, one});
            });
    batch.run();
    return searches;
}

}  // namespace course::checking
