// Grader: compiles one file, links it with a lab's tests, runs each case in its own process, and
// judges.
//
//     source --compile--> object --link--> program --+--> case 1 --judge--+
//                                                    +--> case 2 --judge--+--> LabResult
//                                                    +--> ...    --judge--+
#pragma once

#include <course/grading/case_verdict.hpp>
#include <course/grading/lab.hpp>
#include <course/grading/process_queue.hpp>
#include <course/grading/recipe.hpp>
#include <course/grading/rubric.hpp>
#include <course/grading/verdict.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace course::grading {

/// How one rubric item came out.
struct ItemResult {
    /// The item in the rubric.
    RubricItem rubric;
    /// Its cases in order; empty if the file did not compile.
    std::vector<CaseResult> cases;

    /// Points earned.
    int score() const;
    /// The most severe verdict of its cases.
    Verdict verdict() const;
    /// The first case that did not pass, or nullptr.
    const CaseResult* first_failure() const;
};

/// How one file came out for one lab.
struct LabResult {
    /// What it was graded by.
    Rubric rubric;
    /// The verdict if there was nothing to run: COMPILE, UNGRADABLE, GRADER_ERROR; otherwise PASS.
    Verdict build = Verdict::pass;
    /// Errors and warnings of the compiler, or why there is nothing to grade.
    std::string messages;
    /// The items in order.
    std::vector<ItemResult> items;
    /// Time on the clock from the start of the compiler to the last case.
    std::chrono::microseconds wall{0};

    /// Points earned.
    int score() const;
    /// Points that can be earned.
    int points() const { return rubric.points(); }
    /// The most severe verdict.
    Verdict verdict() const;
    /// What the row is called: PASS, PARTIAL or the verdict.
    std::string verdict_name() const { return overall_name(verdict(), score(), points()); }
};

/// How a grader runs cases.
struct GraderOptions {
    /// Limits of each case.
    Limits limits;
    /// Variables set for each case.
    std::vector<std::string> environment;
    /// Limits of the compiler and of the linker; none: the recipe's.
    std::optional<Limits> build_limits = std::nullopt;
    /// The sandbox in which everything runs, the compiler too; it must outlive the grader. nullptr: none.
    const sandbox::Sandbox* sandbox = nullptr;
};

/// Grades any number of files for one lab.
///
/// \thread_safety  none; everything happens in `ProcessQueue::run`.
class Grader {
  public:
    /// \param queue  where the commands go; it must outlive the grader.
    Grader(Recipe recipe, Rubric rubric, ProcessQueue& queue, GraderOptions options = {});

    /// Grade \p source in the folder \p work (made if needed; the program stays there), then call
    /// \p done.
    void grade(const std::filesystem::path& source, const std::filesystem::path& work,
               std::function<void(LabResult)> done);
    /// The same, but build only if the program in \p work is older than something that it is made of.
    void grade_again(const std::filesystem::path& source, const std::filesystem::path& work,
                     std::function<void(LabResult)> done);
    /// Run the cases of the program that is already in \p work, then call \p done.
    void run_cases(const std::filesystem::path& work, std::function<void(LabResult)> done);
    /// Run one of them, then call \p done.
    void run_case(const std::filesystem::path& work, const RubricCase& rubric_case,
                  std::function<void(CaseResult)> done);
    /// Compile and link \p source in the folder \p work, as `grade` does, but run no case.
    void build(const std::filesystem::path& source, const std::filesystem::path& work,
               std::function<void(LabResult)> done);

    /// The rubric it judges by.
    const Rubric& rubric() const { return rubric_; }
    /// What the graded file is called.
    const std::string& gap() const { return recipe_.gap(); }

  private:
    struct Job;
    void link(const std::shared_ptr<Job>& job);
    void start_cases(const std::shared_ptr<Job>& job);
    void start_case(const std::filesystem::path& work, const RubricCase& rubric_case, int number,
                    std::function<void(CaseResult)> done, int attempts_left = 2);
    void finish_build(const std::shared_ptr<Job>& job, const Outcome& outcome,
                      const std::string& what);
    void submit(Command command, std::function<void(const Outcome&)> done);
    void submit_build(Command command, std::function<void(const Outcome&)> done);

    Recipe recipe_;
    Rubric rubric_;
    ProcessQueue& queue_;
    GraderOptions options_;
};

/// The limits of a graded case: far above what a right solution needs, near enough not to keep a
/// student.
Limits case_limits(const Recipe& recipe);

/// The rubric of \p lab: the one that was published with its tests, or, where the solution is at
/// hand, the one measured by running the solution with recipe \p recipe (kept in the build tree
/// until it is stale).
/// \throws std::runtime_error  if the solution doesn't pass its own tests, with
/// what failed.
Rubric rubric_for(const Lab& lab, const Recipe& recipe, const std::filesystem::path& build);

}  // namespace course::grading
