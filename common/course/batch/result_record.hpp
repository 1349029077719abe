// Result record: one lab's result as text, and back: what the journal keeps and what a cluster sends.
#pragma once

#include <course/grading/grader.hpp>
#include <functional>
#include <string>

namespace course::batch {

/// \p result as JSON, without what the rubric says. Bytes that are no UTF-8 come back as they were.
std::string to_record(const grading::LabResult& result);

/// What `to_record` wrote of a result by \p rubric.
/// \throws std::runtime_error  if it is not such a text, or is of another rubric.
grading::LabResult from_record(const std::string& record, const grading::Rubric& rubric);

/// Change each text of \p result, the compiler's and the student's.
void for_each_text(grading::LabResult& result, const std::function<void(std::string&)>& change);

/// A result by \p rubric for what was not run: \p verdict, because of \p why.
grading::LabResult not_run(const grading::Rubric& rubric, grading::Verdict verdict,
                           const std::string& why);

}  // namespace course::batch
