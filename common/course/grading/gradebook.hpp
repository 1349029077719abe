// Gradebook: the results of a class, a row per student whatever happened, as CSV, JSON and feedback.
#pragma once

#include <course/grading/grader.hpp>
#include <map>
#include <string>
#include <vector>

namespace course::grading {

/// The hints of each lab, by item; by name of the lab.
using HintsByLab = std::map<std::string, std::map<std::string, std::vector<std::string>>>;

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

/// The gradebook as CSV (RFC 4180): for each lab its score, its verdict and a column per item. The row
/// of a result that does not count has no numbers in that lab.
std::string to_csv(const std::vector<GradebookRow>& rows);

/// The gradebook as JSON, with everything that a person needs to look into a grade.
std::string to_json(const std::vector<GradebookRow>& rows, const HintsByLab& hints);

/// What can be handed back to a student: the rubric view of each lab, as plain text.
std::string feedback(const GradebookRow& row, const HintsByLab& hints);

}  // namespace course::grading
