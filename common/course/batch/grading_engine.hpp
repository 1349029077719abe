// Grading engine: what grades a list of files, wherever that happens.
#pragma once

#include <course/grading/grader.hpp>
#include <course/grading/lab.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace course::batch {

/// One file to grade.
struct Task {
    /// All that the result depends on.
    std::string fingerprint;
    /// The lab it is for.
    const grading::Lab* lab = nullptr;
    /// The file, whatever it is called.
    std::filesystem::path file;
};

/// What is called with a task's result, when it is there.
using TaskDone = std::function<void(const Task&, grading::LabResult)>;

/// Grades tasks. An engine keeps nothing: who calls it keeps the results.
class GradingEngine {
  public:
    virtual ~GradingEngine() = default;
    /// Grade \p tasks, in whatever order, and call \p done once for each, in the calling thread.
    /// \param stop  a descriptor; as soon as it can be read from, what runs is ended.
    /// \return  whether all were graded; otherwise it was stopped, and for the others `done` was not called.
    virtual bool run(const std::vector<Task>& tasks, int stop, const TaskDone& done) = 0;
};

/// Ctrl-C as a descriptor: as long as this lives, SIGINT, SIGTERM and SIGHUP end nothing, but can be read from it.
///
/// \thread_safety  one at a time, in a program of one thread.
class StopSignals {
  public:
    /// \throws std::system_error  if there are no descriptors left.
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    /// What can be read from as soon as a signal has come.
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

}  // namespace course::batch
