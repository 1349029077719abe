// Proof: grades starters, solutions and mutants of labs and notes which promises hold.
#pragma once

#include <course/checking/kill_matrix.hpp>
#include <course/checking/promises.hpp>
#include <course/grading/grader.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace course::checking {

/// One promise about a lab, and what does not hold of it.
struct Finding {
    /// The promise, as a sentence.
    std::string promise;
    /// What is wrong; empty if the promise holds.
    std::vector<std::string> problems;
};

/// What is to be proven about one lab, and what was found.
struct LabProof {
    /// The lab.
    const grading::Lab* lab = nullptr;
    /// Its rubric, measured with its solution.
    grading::Rubric rubric;
    /// Whether it is graded in the simulation.
    bool simulated = false;
    /// Its hints.
    Hints hints;
    /// The promises that were looked at.
    std::vector<Finding> findings;
    /// Its mutants.
    KillMatrix matrix;
};

/// How each run of a case came out when it was run many times.
struct StressCount {
    /// How often it ran.
    int runs = 0;
    /// How often it did not pass.
    int failures = 0;
    /// The most CPU time that a run used.
    std::chrono::microseconds slowest_cpu{0};
    /// The longest run on the clock.
    std::chrono::microseconds slowest_wall{0};
    /// What went wrong the first time.
    std::string first_failure;
};

/// Which mutants are graded.
enum class Mutants {
    all,
    one_for_each_item,  ///< so that every item fails once: what another Catch2 has to show
};

/// Proves the promises about some labs, in the build trees below one folder.
///
/// \thread_safety  none.
class Proof {
  public:
    /// \param trees  the folder with the build trees, by preset; what is graded must be built
    /// there. \param jobs   processes at once.
    /// \throws std::runtime_error  if a solution does not
    /// pass its own tests.
    Proof(const std::vector<const grading::Lab*>& labs, std::filesystem::path trees, int jobs);

    /// Names, headings, TODOs, tags, hints and slides agree.
    void files();
    /// Starter, solution and mutants of each lab, in the tree of \p preset.
    void verdicts(const std::string& preset = "dev", Mutants which = Mutants::all);
    /// The pictures of who ran when, made by the programs that `verdicts` has built.
    void pictures();
    /// The solutions under AddressSanitizer and UndefinedBehaviorSanitizer.
    void solutions_under_address_sanitizer();
    /// The same under ThreadSanitizer. Where the simulation grades, which is not possible there, the
    /// small program with the solution in it must run without a finding, on bare threads.
    void solutions_under_thread_sanitizer();
    /// The solutions pinned to one core, beside a busy process on each.
    void solutions_under_load();
    /// Each case of each solution \p runs times, the second half pinned beside busy neighbours.
    /// \return  by lab number, item and name of the case.
    std::map<std::string, StressCount> stress(int runs);

    /// What was found, lab by lab.
    const std::vector<LabProof>& labs() const { return labs_; }

  private:
    void solutions(const std::string& preset, const std::string& promise,
                   const std::vector<std::string>& environment,
                   const std::function<bool(const LabProof&)>& wanted);
    void programs(const std::string& preset, const std::string& promise,
                  const std::vector<std::string>& environment);

    std::filesystem::path tree(const std::string& preset) const { return trees_ / preset; }

    std::filesystem::path trees_;
    int jobs_;
    std::vector<LabProof> labs_;
};

}  // namespace course::checking
