// Submissions: of each student, the one file that is graded for each lab, or why there is none.
#pragma once

#include <course/batch/hand_ins.hpp>
#include <course/batch/late_policy.hpp>
#include <course/batch/roster.hpp>
#include <course/grading/lab.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace course::batch {

/// One student's file for one lab, or the reason why there is none.
struct Submission {
    /// Whose it is: the place among the hand-ins.
    std::size_t student = 0;
    /// The lab it is for.
    const grading::Lab* lab = nullptr;
    /// The file; empty if nothing was handed in.
    std::filesystem::path file;
    /// Why it can't be graded; empty if it can.
    std::string problem;
};

/// For each student a submission for each lab that anybody handed in, or for the one lab of \p only: without a file and
/// a problem if nothing was handed in. In the order of the hand-ins.
/// \param only  the labs to look for.
/// \throws std::runtime_error  if nobody has a file of \p only.
std::vector<Submission> find_submissions(const std::vector<HandIn>& hand_ins,
                                         const std::vector<const grading::Lab*>& only);

/// Tell each of \p hand_ins who it is by \p roster, and add those of the roster who handed in nothing. Without anybody in
/// the roster, nothing changes.
void enrol(std::vector<HandIn>& hand_ins, const Roster& roster);

/// Rows for \p hand_ins, without results: who it is, how late by \p policy, what is to be remarked.
/// \throws std::invalid_argument  if somebody's time or deadline can't be read; says whose.
std::vector<grading::GradebookRow> rows_for(const std::vector<HandIn>& hand_ins,
                                            const LatePolicy& policy);

}  // namespace course::batch
