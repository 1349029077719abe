// Class grading: everybody's results, from the journal or else from an engine.
//
//     submissions --fingerprint--> journal has it? --yes------------------------> results
//                                        |                                            ^
//                                        no --> engine --> journal keeps it ----------+
#pragma once

#include <chrono>
#include <course/batch/fingerprint.hpp>
#include <course/batch/grading_engine.hpp>
#include <course/batch/journal.hpp>
#include <course/batch/submissions.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace course::batch {

/// What a lab is graded by.
struct LabBasis {
    /// Its rubric.
    grading::Rubric rubric;
    /// What its grades depend on.
    Fingerprint fingerprint;
};

/// How far a grading is.
struct ClassProgress {
    /// Results that are there.
    std::size_t finished = 0;
    /// Results in all.
    std::size_t all = 0;
    /// Results that the journal had.
    std::size_t known = 0;
    /// Results that this run had to grade, as far as it is.
    std::size_t graded = 0;
    /// Results that this run has to grade.
    std::size_t to_grade = 0;
    /// Time since the first file was given to the engine.
    std::chrono::steady_clock::duration elapsed{0};

    /// How much longer it will take, in words, such as `about 3 minutes left`; empty while too little is known.
    std::string estimate() const;
};

/// The results of a class.
struct ClassResults {
    /// One for each submission, in their order; those that are missing after a stop are empty.
    std::vector<grading::LabResult> results;
    /// Whether all are there; otherwise it was stopped.
    bool complete = true;
    /// How far it came.
    ClassProgress progress;
};

/// Grade \p submissions: what \p journal has is taken from it, each other file is graded once by \p engine, even if several
/// students handed it in, and kept. GRADER_ERROR is not kept: the next run tries again.
/// \param bases  one for each lab of the submissions.
/// \param stop   see GradingEngine::run.
/// \param tell   called after each change with how far it is.
/// \throws std::runtime_error  if the journal can't be written.
ClassResults grade_class(const std::vector<Submission>& submissions,
                         const std::map<const grading::Lab*, LabBasis>& bases,
                         GradingEngine& engine, Journal& journal, int stop,
                         const std::function<void(const ClassProgress&)>& tell);

}  // namespace course::batch
