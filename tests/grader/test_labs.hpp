// The labs that the grader is tested with, and the table of what their submissions must get.
#pragma once

#include <course/grading/grader.hpp>
#include <course/sandbox/sandbox.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace grader_tests {

/// One row of hostile.md.
struct Row {
    /// Number in the list of 35; 0 if it is none of them.
    int number = 0;
    /// The submission, from the folder of hostile.md on; or the test whose case it is.
    std::string file;
    /// The verdict of each item, by its id.
    std::map<std::string, std::string> verdicts;
    /// A text that the report must contain; empty if any will do.
    std::string says;
};

/// The rows of hostile.md. \throws std::runtime_error  if one can't be read.
std::vector<Row> hostile_table();

/// The folder of these tests.
std::filesystem::path grader_folder();

/// The sandbox of these tests.
/// \throws course::sandbox::Unavailable  where there is none: then they fail, with what to do.
const course::sandbox::Sandbox& walls();

/// A variable that all processes of these tests' cases have in their environment, and no others.
std::string run_marker();

/// Grades files for a lab of the tests, in the sandbox, within limits that are low.
class TestLabGrader {
  public:
    /// \param lab   00-answer, or 00-counter, which is graded in the simulation.
    /// \param jobs  how many processes at once.
    /// \param part  name of the folder to work in.
    TestLabGrader(const std::string& lab, int jobs, const std::string& part);

    /// Grade \p file in `run`, in the folder \p name, then call \p done.
    void add(const std::filesystem::path& file, const std::string& name,
             std::function<void(course::grading::LabResult)> done);
    /// Grade what was added.
    void run() { queue_.run(); }

  private:
    std::filesystem::path work_;
    course::grading::Recipe recipe_;
    course::grading::ProcessQueue queue_;
    course::grading::Grader grader_;
};

/// What the gradebook calls the outcome of \p item.
std::string verdict_of(const course::grading::LabResult& result,
                       const course::grading::ItemResult& item);

}  // namespace grader_tests
