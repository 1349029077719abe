// What a class report shows beside the results: texts, hints, and what the known mistakes look like.
#pragma once

#include <course/batch/submissions.hpp>
#include <course/cli/session.hpp>
#include <course/reports/html_page.hpp>
#include <vector>

namespace course::cli {

/// The hints of the labs that \p submissions are for.
reports::HintsByLab hints_for(const std::vector<batch::Submission>& submissions);

/// All that the page needs. The mutants of a lab are graded for it, once, if anybody lost points in it.
reports::ClassBackground background_of(const Session& session,
                                       const std::vector<batch::Submission>& submissions,
                                       const reports::Rows& rows);

}  // namespace course::cli
