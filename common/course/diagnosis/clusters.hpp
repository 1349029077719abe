// Clusters: the students of a class who lost points in the same way.
#pragma once

#include <course/diagnosis/signature.hpp>
#include <course/grading/gradebook.hpp>
#include <map>
#include <string>
#include <vector>

namespace course::diagnosis {

/// Students who look like the same known mistake, fail the same cases in the same way, or stopped at the same
/// error of the compiler.
struct Cluster {
    /// Folder name of the lab.
    std::string lab;
    /// The mistakes that it looks like, by name; empty if none is known.
    std::vector<Signature> mistakes;
    /// What all of them fail; empty if their files did not compile.
    Symptoms symptoms;
    /// The compiler's first error; empty if their files compile.
    std::string error;
    /// Who, in the order of the rows.
    std::vector<std::string> students;
};

/// The clusters in \p rows, the largest first. A student is in several if several mistakes are made; a student
/// whose failure is like nobody's and like no known mistake is a cluster of one.
/// \param known  the signatures of each lab, by its name.
std::vector<Cluster> clusters_in(const std::vector<grading::GradebookRow>& rows,
                                 const std::map<std::string, std::vector<Signature>>& known);

}  // namespace course::diagnosis
