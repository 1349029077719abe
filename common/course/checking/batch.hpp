// Batch: what is graded in one build tree at once, for the proofs.
#pragma once

#include <chrono>
#include <course/checking/proof.hpp>
#include <course/grading/process_queue.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace course::checking {

/// What is different from how a student's file is graded.
struct BatchOptions {
    /// Variables set for each case.
    std::vector<std::string> environment = {};
    /// The one processor to run on.
    std::optional<int> processor = std::nullopt;
    /// CPU time and time on the clock that a case may use, instead of the lab's own limits.
    std::optional<std::chrono::seconds> time = std::nullopt;
};

/// Grades files of some labs in one tree. Each has a work folder by its name, where its program stays.
///
/// \thread_safety  none; everything happens in `run`.
class Batch {
  public:
    /// \param tree  the build tree, which must be built.
    /// \param jobs  processes at once.
    Batch(std::filesystem::path tree, int jobs, BatchOptions options = {});

    /// Grade \p source as \p work, then call \p done. It is built only if something has changed.
    void add(const LabProof& proof, const std::filesystem::path& source, const std::string& work,
             std::function<void(grading::LabResult)> done);
    /// Grade the lab's solution, then call \p done.
    void add_solution(const LabProof& proof, std::function<void(grading::LabResult)> done);
    /// The cases of the solution that `add_solution` has built, once more.
    void repeat_solution(const LabProof& proof, std::function<void(grading::LabResult)> done);
    /// One case of what was graded as \p work, once more.
    void repeat_case(const LabProof& proof, const std::string& work,
                     const grading::RubricCase& rubric_case,
                     std::function<void(grading::CaseResult)> done);
    /// Do it all.
    void run() { queue_.run(); }

  private:
    grading::Grader& grader(const LabProof& proof);
    std::filesystem::path folder(const LabProof& proof, const std::string& work) const;

    std::filesystem::path tree_;
    BatchOptions options_;
    grading::ProcessQueue queue_;
    std::map<std::string, std::unique_ptr<grading::Grader>> graders_;
};

}  // namespace course::checking
