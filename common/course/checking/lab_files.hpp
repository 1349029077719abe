// The promises about a lab's files: names, headings, TODOs, tags, hints and slides agree; nothing
// is stray.
#pragma once

#include <course/grading/lab.hpp>
#include <course/grading/rubric.hpp>
#include <string>
#include <vector>

namespace course::checking {

/// What is wrong with the files of \p lab, in sentences; empty if nothing is.
std::vector<std::string> problems_with_files(const grading::Lab& lab,
                                             const grading::Rubric& rubric);

/// Whether \p file, in the folder of \p lab in labs/, is one that a lab has there.
bool belongs_to_lab(const grading::Lab& lab, const std::filesystem::path& file);

}  // namespace course::checking
