// Formats: the rows of a gradebook as other programs read them, a source file for each.
#pragma once

#include <course/reports/report_text.hpp>
#include <string>
#include <vector>

namespace course::reports {

/// The rows of a class, in the order in which they are shown.
using Rows = std::vector<grading::GradebookRow>;

/// CSV (RFC 4180): for each lab its score, its verdict and a column per item. The row of a result that
/// does not count has no numbers in that lab.
std::string to_csv(const Rows& rows);

/// JSON, with everything that a person needs to look into a grade; bad UTF-8 is replaced.
std::string to_json(const Rows& rows, const HintsByLab& hints);

/// JSON of the one result \p result.
std::string to_json(const grading::LabResult& result, const grading::Hints& hints);

/// JUnit XML: a suite for each student and lab, a test for each case. What was lost is a failure, what
/// could not be graded is skipped, our own fault is an error.
/// \source  the JUnit schema of Jenkins' xUnit plugin.
std::string to_junit(const Rows& rows, const HintsByLab& hints);

/// Gradescope's `results.json` for the one student of \p row. Hidden cases are shown after the grades
/// are published. What could not be graded is one test of 0 points that says why: Gradescope knows no
/// other way.
/// \source  https://gradescope-autograders.readthedocs.io/en/latest/specs/
std::string to_gradescope(const grading::GradebookRow& row, const HintsByLab& hints);

/// The last line that Autolab reads, for the one student of \p row: a score for each item, which are the
/// problems of the assessment, and the sum on its scoreboard.
/// \source  https://docs.autolabproject.com/lab/
std::string to_autolab(const grading::GradebookRow& row);

/// Annotations for GitHub Actions, a line each: at the assertion that failed, or at the compiler's error.
/// Text of a student is escaped in them and can't give a command to the runner.
/// \source  GitHub's "Workflow commands for GitHub Actions".
std::string to_github_annotations(const grading::GradebookRow& row, const HintsByLab& hints);

/// The job summary for GitHub Actions: Markdown, a table for each lab and the rubric view.
std::string to_github_summary(const grading::GradebookRow& row, const HintsByLab& hints);

/// Names of the formats that `formatted` knows.
const std::vector<std::string>& format_names();

/// \p rows in the format called \p name.
/// \throws std::invalid_argument  if the format is for one student and \p rows has more.
std::string formatted(const std::string& name, const Rows& rows, const HintsByLab& hints);

}  // namespace course::reports
