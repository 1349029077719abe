// Divides the submissions into known and new ones, and has the new ones graded.
#include <course/batch/class_grading.hpp>

#include <fmt/format.h>

#include <course/batch/result_record.hpp>

namespace course::batch {

using namespace grading;

namespace {

class ClassGrading {
  public:
    ClassGrading(const std::vector<Submission>& submissions,
                 const std::map<const Lab*, LabBasis>& bases, Journal& journal,
                 const std::function<void(const ClassProgress&)>& tell)
        : submissions_(submissions), bases_(bases), journal_(journal), tell_(tell) {
        class_.results.resize(submissions.size());
        class_.progress.all = submissions.size();
    }

    ClassResults run(GradingEngine& engine, int stop) {
        for (std::size_t i = 0; i < submissions_.size(); ++i)
            look_up(i);
        class_.progress.to_grade = tasks_.size();
        tell_(class_.progress);
        const auto started = std::chrono::steady_clock::now();
        const auto done = [&](const Task& task, LabResult result) {
            if (counts(result))
                journal_.keep(task.fingerprint, task.lab->name, to_record(result));
            for (const std::size_t index : wanted_by_.at(task.fingerprint))
                finish(index, result);
            ++class_.progress.graded;
            class_.progress.elapsed = std::chrono::steady_clock::now() - started;
            tell_(class_.progress);
        };
        if (!tasks_.empty())
            class_.complete = engine.run(tasks_, stop, done);
        return std::move(class_);
    }

  private:
    void look_up(std::size_t index) {
        const Submission& submission = submissions_[index];
        const LabBasis& basis = bases_.at(submission.lab);
        if (submission.file.empty() && submission.problem.empty())
            return finish(index, not_run(basis.rubric, Verdict::nothing, ""));
        if (!submission.problem.empty())
            return finish(index, not_run(basis.rubric, Verdict::ungradable, submission.problem));
        const std::string fingerprint = basis.fingerprint.of(submission.file);
        auto& wanted_by = wanted_by_[fingerprint];
        wanted_by.push_back(index);
        if (wanted_by.size() > 1 && !class_.results[wanted_by.front()].items.empty())
            return finish(index, class_.results[wanted_by.front()]);
        if (const auto record = journal_.find(fingerprint)) {
            ++class_.progress.known;
            finish(index, from_record(*record, basis.rubric));
        } else if (wanted_by.size() == 1) {
            tasks_.push_back({fingerprint, submission.lab, submission.file});
        }
    }

    void finish(std::size_t index, LabResult result) {
        class_.results[index] = std::move(result);
        ++class_.progress.finished;
    }

    const std::vector<Submission>& submissions_;
    const std::map<const Lab*, LabBasis>& bases_;
    Journal& journal_;
    const std::function<void(const ClassProgress&)>& tell_;
    ClassResults class_;
    std::vector<Task> tasks_;
    std::map<std::string, std::vector<std::size_t>> wanted_by_;
};

}  // namespace

std::string ClassProgress::estimate() const {
    if (graded < 3 || graded == to_grade)
        return "";
    const auto each = std::chrono::duration<double>(elapsed) / static_cast<double>(graded);
    const auto left =
        std::chrono::ceil<std::chrono::seconds>(each * static_cast<double>(to_grade - graded));
    if (left < std::chrono::minutes(1))
        return "less than a minute left";
    return "about " + in_words(left) + " left";
}

ClassResults grade_class(const std::vector<Submission>& submissions,
                         const std::map<const Lab*, LabBasis>& bases, GradingEngine& engine,
                         Journal& journal, int stop,
                         const std::function<void(const ClassProgress&)>& tell) {
    return ClassGrading(submissions, bases, journal, tell).run(engine, stop);
}

}  // namespace course::batch
