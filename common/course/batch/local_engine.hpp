// Local engine: grades on this machine, so many processes at a time.
#pragma once

#include <course/batch/grading_engine.hpp>
#include <course/grading/process_queue.hpp>
#include <map>

namespace course::batch {

/// Makes the grader of a lab, whose commands go to the queue.
using MakeGrader =
    std::function<grading::Grader(const grading::Lab& lab, grading::ProcessQueue& queue)>;

/// Grades in processes of this machine.
///
/// Each file is copied alone, under its proper name, into a folder outside of the course that is removed afterwards:
/// nothing beside it can stand in for a header of ours. Where that folder was, no result tells.
/// \thread_safety  none; the program must have one thread, because it forks.
class LocalEngine : public GradingEngine {
  public:
    /// \param jobs  processes at once.
    /// \param work  an empty folder, for what is compiled and run.
    LocalEngine(MakeGrader make_grader, int jobs, std::filesystem::path work);

    bool run(const std::vector<Task>& tasks, int stop, const TaskDone& done) override;

  private:
    void start_next();
    grading::Grader& grader(const grading::Lab& lab);

    MakeGrader make_grader_;
    std::filesystem::path work_;
    int jobs_;
    grading::ProcessQueue queue_;
    std::map<const grading::Lab*, grading::Grader> graders_;
    const std::vector<Task>* tasks_ = nullptr;
    const TaskDone* done_ = nullptr;
    std::size_t next_ = 0;
};

}  // namespace course::batch
