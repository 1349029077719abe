// The folder that `./course grade DIR --report` writes.
#pragma once

#include <course/reports/html_page.hpp>
#include <filesystem>

namespace course::reports {

/// Whether a report can be written into \p folder at all, before hours of grading; makes it.
/// \throws std::runtime_error  if not.
void prepare_reports(const std::filesystem::path& folder);

/// Write `report.html`, `gradebook.csv`, `report.json`, `junit.xml` and `feedback/STUDENT.txt` into \p folder,
/// each whole or not at all.
/// \throws std::runtime_error  if one can't be written.
void write_reports(const std::filesystem::path& folder, const Rows& rows,
                   const ClassBackground& background);

/// What `write_reports` writes, in words.
inline constexpr const char* report_files =
    "report.html, gradebook.csv, report.json, junit.xml, feedback/STUDENT.txt";

}  // namespace course::reports
