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
    /// The file; empty if nothing was handed in.
    std::filesystem::path file;
    /// Why it can't be graded; empty if it can.
    std::string problem;
};

/// Look through \p folder: each sub-folder is a student and holds `NN-topic/gap.cpp` for each lab,
/// or just the files, at any depth. Every student has a Submission for each lab that anybody handed
/// in, or for the one lab of \p only: without a file and a problem if nothing was handed in.
/// \param only  the labs to look for.
/// \throws std::runtime_error  if \p folder has no sub-folder, or none with a file of \p only.
std::vector<Submission> find_submissions(const std::filesystem::path& folder,
                                         const std::vector<const Lab*>& only);

/// The files directly in \p folder, which belong to no student.
std::vector<std::filesystem::path> loose_files(const std::filesystem::path& folder);

}  // namespace course::grading
