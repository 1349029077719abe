// Reports for programs: JSON and CSV.
#pragma once

#include <course/grading/grader.hpp>
#include <map>
#include <string>
#include <vector>

namespace course::grading {

/// All that is known about one result, as a JSON object.
/// \param hints  the lab's hints by item.
std::string to_json(const LabResult& result,
                    const std::map<std::string, std::vector<std::string>>& hints);

/// One row of a gradebook.
struct GradebookRow {
    /// Name of the student's folder.
    std::string student;
    /// The results, one for each lab that was handed in by anybody.
    std::vector<LabResult> labs;
};

/// The gradebook as CSV (RFC 4180): a row per student, a column per rubric item.
std::string to_csv(const std::vector<GradebookRow>& rows);

/// The gradebook as JSON, with everything that a person needs to look into a grade.
std::string to_json(const std::vector<GradebookRow>& rows);

}  // namespace course::grading
