// The promises about what grading says: of a starter, of a solution, of a mutant.
#pragma once

#include <course/diagnosis/mutant.hpp>
#include <course/grading/grader.hpp>
#include <course/grading/handout.hpp>
#include <map>
#include <string>
#include <vector>

namespace course::checking {

using grading::Hints;

/// A starter builds without a warning, earns nothing, and fails each case because it is not
/// implemented.
/// \return  what does not hold, in sentences; empty if all does. The same for the
/// functions below.
std::vector<std::string> problems_with_starter(const grading::LabResult& result);

/// A solution builds without a warning and has full marks.
std::vector<std::string> problems_with_solution(const grading::LabResult& result);

/// A mutant builds, loses exactly the items that it names, and its author is shown its hint.
std::vector<std::string> problems_with_mutant(const diagnosis::Mutant& mutant,
                                              const grading::LabResult& result, const Hints& hints);

}  // namespace course::checking
