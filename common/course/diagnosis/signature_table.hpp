// The signatures of a lab's mutants: measured by grading them, and kept until they are stale.
#pragma once

#include <course/diagnosis/signature.hpp>
#include <course/grading/recipe.hpp>
#include <filesystem>
#include <vector>

namespace course::diagnosis {

/// The signatures of the mutants of \p lab. They are measured in the tree \p build, which must be built, and
/// kept there as `labs/NN-topic/signatures.json` until a mutant, a test or what they are linked with changes.
/// \param rubric  the lab's.
/// \param jobs    processes at once.
/// \return  by name of the mutant; empty where there are no mutants, as in a student repository.
/// \thread_safety  none; two processes must not measure one lab at once.
std::vector<Signature> signatures_for(const grading::Lab& lab, const grading::Rubric& rubric,
                                      const std::filesystem::path& build, int jobs);

}  // namespace course::diagnosis
