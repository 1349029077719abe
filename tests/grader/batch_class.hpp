// A small class for tests of batches: hand-ins of the lab of one function, and of a real one.
#pragma once

#include <course/batch/class_grading.hpp>
#include <course/batch/local_engine.hpp>
#include <course/grading/handout.hpp>
#include <course/reports/formats.hpp>
#include <course/testing/testing.hpp>
#include <fstream>
#include <regex>

namespace course::batch::tests {

/// What is graded, and by what.
class SmallClass {
  public:
    /// \param root   of the course that has the lab.
    /// \param files  handed in, a student's each; one more student handed in the first file, one nothing, one a link.
    SmallClass(grading::Lab lab, const std::filesystem::path& build,
               const std::vector<std::filesystem::path>& files)
        : lab_(std::move(lab)), recipe_(build, lab_.name) {
        grading::Rubric rubric = grading::rubric_for(lab_, recipe_, build);
        bases_.emplace(&lab_, LabBasis{rubric, Fingerprint(recipe_, rubric)});
        for (const auto& file : files)
            add(file);
        add(files.front());
        submissions_.push_back({students_++, &lab_, {}, ""});
        submissions_.push_back({students_++, &lab_, {}, "is a symbolic link"});
    }

    /// Makes graders, with little patience: nothing of the class takes long but what never ends.
    MakeGrader make_grader() const {
        return [this](const grading::Lab&, grading::ProcessQueue& queue) {
            grading::Limits limits = grading::case_limits(recipe_);
            limits.cpu = std::chrono::seconds(2);
            return grading::Grader(recipe_, bases_.at(&lab_).rubric, queue, {limits, {}});
        };
    }

    /// Grade all of it; \p stop and \p tell as in grade_class.
    ClassResults grade(GradingEngine& engine, Journal& journal, int stop,
                       const std::function<void(const ClassProgress&)>& tell = ignore) const {
        return grade_class(submissions_, bases_, engine, journal, stop, tell);
    }

    /// The bytes of every report on \p results but the times, which are different in each run.
    std::string reports(const ClassResults& results) const {
        std::vector<grading::GradebookRow> rows;
        std::string text;
        for (std::size_t i = 0; i < results.results.size(); ++i) {
            rows.push_back({"student " + std::to_string(i), {results.results[i]}});
            text += course::reports::feedback(rows.back(), {});
        }
        static const std::regex times("\"(cpu|wall)_seconds\": [0-9.e-]+");
        return text + course::reports::to_csv(rows) +
               std::regex_replace(course::reports::to_json(rows, {}), times, "");
    }

    /// How many different files there are.
    std::size_t different_files() const { return students_ - 3; }
    /// The lab.
    const grading::Lab& lab() const { return lab_; }
    /// Its rubric.
    const grading::Rubric& rubric() const { return bases_.at(&lab_).rubric; }

    /// Nobody wants to know how far it is.
    static void ignore(const ClassProgress&) {}

  private:
    void add(const std::filesystem::path& file) {
        submissions_.push_back({students_++, &lab_, file, ""});
    }

    grading::Lab lab_;
    grading::Recipe recipe_;
    std::map<const grading::Lab*, LabBasis> bases_;
    std::vector<Submission> submissions_;
    std::size_t students_ = 0;
};

/// Copies of \p file in \p folder that differ in a comment.
inline std::vector<std::filesystem::path> variants(const std::filesystem::path& file, int count,
                                                   const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < count; ++i) {
        files.push_back(folder / (std::to_string(i) + ".cpp"));
        std::ofstream(files.back()) << testing::contents(file) << "// " << i << "\n";
    }
    return files;
}

}  // namespace course::batch::tests
