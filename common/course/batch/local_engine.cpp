// Keeps the queue of processes filled, but not more: a class may have 100,000 files.
#include <course/batch/local_engine.hpp>

#include <fmt/format.h>

#include <course/batch/result_record.hpp>

namespace course::batch {

namespace fs = std::filesystem;
using namespace grading;

namespace {

/// \p result as if it had been graded where it has no folder: the same wherever it was.
LabResult without_place(LabResult result, const fs::path& folder) {
    const std::string inside = folder.string() + "/";
    for_each_text(result, [&inside](std::string& text) {
        for (auto at = text.find(inside); at != std::string::npos; at = text.find(inside, at))
            text.erase(at, inside.size());
    });
    return result;
}

}  // namespace

LocalEngine::LocalEngine(MakeGrader make_grader, int jobs, fs::path work)
    : make_grader_(std::move(make_grader)), work_(std::move(work)), jobs_(jobs), queue_(jobs) {}

bool LocalEngine::run(const std::vector<Task>& tasks, int stop, const TaskDone& done) {
    tasks_ = &tasks;
    done_ = &done;
    next_ = 0;
    // One more than there are processes: when a file's last case runs, the next one is compiled.
    for (int i = 0; i <= jobs_; ++i)
        start_next();
    return queue_.run_unless(stop);
}

Grader& LocalEngine::grader(const Lab& lab) {
    auto found = graders_.find(&lab);
    if (found == graders_.end())
        found = graders_.emplace(&lab, make_grader_(lab, queue_)).first;
    return found->second;
}

void LocalEngine::start_next() {
    if (next_ == tasks_->size())
        return;
    const std::size_t number = next_++;
    const Task& task = (*tasks_)[number];
    const fs::path folder = work_ / fmt::format("submission-{:06}", number);
    fs::create_directories(folder);
    Grader& grader = this->grader(*task.lab);
    const fs::path source = folder / grader.gap();
    fs::copy_file(task.file, source, fs::copy_options::overwrite_existing);
    grader.grade(source, folder, [this, &task, folder](LabResult result) {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
        (*done_)(task, without_place(std::move(result), folder));
        start_next();
    });
}

}  // namespace course::batch
