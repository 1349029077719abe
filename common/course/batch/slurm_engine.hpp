// Slurm engine: grades on a cluster, in job arrays.
//
//     master --sbatch--> array of tasks, a chunk of files each --> results in a shared folder --> master
//        |                      |
//        +-- squeue, now and then: a task that is gone without its results is submitted again
//
// The master alone calls `done`: the journal is written by one process, on one machine.
#pragma once

#include <chrono>
#include <course/batch/cluster_chunk.hpp>
#include <map>
#include <optional>
#include <set>

namespace course::batch {

/// What a tool said, and how it ended.
struct ToolOutcome {
    /// Exit status.
    int status = 0;
    /// What it printed, errors too.
    std::string output;
};

/// Runs one of Slurm's tools and waits for it.
using RunTool = std::function<ToolOutcome(const std::vector<std::string>& command)>;

/// How a batch is cut and submitted.
struct SlurmOptions {
    /// The folder that all nodes see; made if needed, and removed when all is graded.
    ClusterFolder folder;
    /// What a worker is started with; the folder and the name of a chunk are added.
    std::vector<std::string> worker;
    /// Variables that it needs, such as `COURSE_ROOT=/home/course`.
    std::vector<std::string> environment;
    /// Files of one task; more if there would be over 1000 tasks.
    std::size_t chunk = 50;
    /// Cores of one task.
    int cores = 1;
    /// More options for `sbatch`, such as `--partition=short`.
    std::vector<std::string> more = {};
    /// How often to look for results.
    std::chrono::milliseconds interval{1000};
    /// How long results may take to be seen here after their task has ended.
    std::chrono::milliseconds settling = std::chrono::seconds(10);
};

/// What one task of an array has to do.
struct ClusterTask {
    /// `JOB_INDEX`, as squeue says it.
    std::string task;
    /// Of the files whose results are still to come.
    std::vector<std::string> fingerprints;
    /// How many files it was given.
    std::size_t size = 0;
    /// How often these files have been submitted.
    int attempt = 1;
    /// Since when Slurm knows nothing of it any more.
    std::optional<std::chrono::steady_clock::time_point> gone_since;
};

/// Grades in job arrays.
///
/// A chunk whose task failed or vanished is submitted again, cut smaller each time, up to three times; what has no result
/// then is a GRADER_ERROR. Results that an earlier run has left in the folder are taken first, its tasks cancelled.
/// \thread_safety  none; one grading at a time has the folder.
class SlurmEngine : public GradingEngine {
  public:
    /// \param rubrics  of each lab that tasks are for; they must outlive the engine.
    SlurmEngine(SlurmOptions options, std::map<const grading::Lab*, const grading::Rubric*> rubrics,
                RunTool run_tool);

    /// \throws std::runtime_error  if Slurm takes no jobs, with what it says.
    bool run(const std::vector<Task>& tasks, int stop, const TaskDone& done) override;

  private:
    void submit(const std::vector<Task>& tasks, std::size_t size, int attempt);
    void take_results(const TaskDone& done);
    void replace_lost(const TaskDone& done);
    std::set<std::string> tasks_alive(bool& known) const;
    void cancel(const std::string& job_name) const;
    void clean_up() const;

    SlurmOptions options_;
    std::map<const grading::Lab*, const grading::Rubric*> rubrics_;
    RunTool run_tool_;
    std::string job_name_;
    std::map<std::string, Task> pending_;
    std::vector<ClusterTask> chunks_;
    int rounds_ = 0;
};

}  // namespace course::batch
