// Gradebook: the results of a class, a row per student whatever happened.
#pragma once

#include <course/grading/grader.hpp>
#include <string>
#include <vector>

namespace course::grading {

/// One row of a gradebook.
struct GradebookRow {
    /// Name of the student's folder.
    std::string student;
    /// The results, one for each lab that was handed in by anybody.
    std::vector<LabResult> labs;

    /// Points earned.
    int score() const;
    /// Points that could be earned: those of what could not be graded don't count.
    int points() const;
    /// The most severe verdict of all that was handed in.
    Verdict verdict() const;
    /// What the row is called: PASS, PARTIAL or the verdict.
    std::string verdict_name() const { return overall_name(verdict(), score(), points()); }
    /// Why points are missing, in one line: `02.1 LEAK: the result is right, but ...`.
    std::string note() const;
};

/// Whether \p result counts: UNGRADABLE and GRADER_ERROR cost no points.
bool counts(const LabResult& result);

/// The first error of a compiler in \p messages, without the folders of its file.
std::string first_error(const std::string& messages);

}  // namespace course::grading
