// Submissions: what an instructor has in a folder, one student per sub-folder.
#pragma once

#include <course/grading/lab.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace course::grading {

/// One student's file for one lab, or the reason why there is none.
struct Submission {
    /// Name of the student's folder.
    std::string student;
    /// The lab it is for.
    const Lab* lab = nullptr;
    /// The file; empty if there is none.
    std::filesystem::path file;
    /// Why it can't be graded; empty if it can.
    std::string problem;
};

/// Look through \p folder: each sub-folder is a student and holds `NN-topic/gap.cpp` for each lab,
/// or just the files, at any depth. A student's folder with nothing for a lab that somebody else
/// handed in gives a Submission with a `problem`, so that there is a row for every student.
/// \param
/// only  the labs to look for.
/// \throws std::runtime_error  if \p folder has no sub-folder, or none
/// with a file of \p only.
std::vector<Submission> find_submissions(const std::filesystem::path& folder,
                                         const std::vector<const Lab*>& only);

}  // namespace course::grading
