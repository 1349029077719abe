// How reliably the searches of the simulated labs find what they must, and nothing else.
#pragma once

#include <course/checking/proof.hpp>
#include <string>
#include <vector>

namespace course::checking {

/// How often, and how soon, one item found one mutant when its searches began at other seeds.
struct SeedRow {
    /// Number of the lab.
    std::string lab;
    /// The mutant.
    std::string mutant;
    /// The item that it must lose.
    std::string item;
    /// How many searches were made, each from other seeds; 0 if the plain order shows the mistake.
    int searches = 0;
    /// How many of them found it, each in so many schedules.
    std::vector<int> schedules;
};

/// How one case of a solution came out in a long search.
struct LongSearch {
    /// Item and name of the case.
    std::string test_case;
    /// How it came out.
    grading::CaseResult result;
};

/// Let each item look for each mutant of the simulated labs again, from \p bases independent seeds.
///
/// The verdicts of \p proof must have been found before: what they show without a search is not
/// repeated.
std::vector<SeedRow> find_from_other_seeds(const Proof& proof, const std::filesystem::path& tree,
                                           int jobs, int bases);

/// Run each case of the solutions of the simulated labs in \p schedules schedules.
std::vector<LongSearch> search_solutions(const Proof& proof, const std::filesystem::path& tree,
                                         int jobs, int schedules);

}  // namespace course::checking
