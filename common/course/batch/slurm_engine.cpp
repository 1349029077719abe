// The master's side of a cluster.
#include <course/batch/slurm_engine.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include <course/batch/result_record.hpp>
#include <course/testing/probes.hpp>

namespace course::batch {

namespace fs = std::filesystem;
using grading::Verdict;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int attempts = 3;
/// Slurm's default of MaxArraySize is 1001.
constexpr std::size_t longest_array = 1000;

std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

/// What was handed in, on the nodes under its fingerprint.
void share(const fs::path& file, const fs::path& as) {
    if (!fs::exists(as))
        grading::write_whole(as, testing::contents(file));
}

bool is_readable(int descriptor, std::chrono::milliseconds timeout) {
    pollfd waited{descriptor, POLLIN, 0};
    return poll(&waited, 1, static_cast<int>(timeout.count())) > 0;
}

}  // namespace

SlurmEngine::SlurmEngine(SlurmOptions options,
                         std::map<const grading::Lab*, const grading::Rubric*> rubrics,
                         RunTool run_tool)
    : options_(std::move(options)), rubrics_(std::move(rubrics)), run_tool_(std::move(run_tool)) {}

bool SlurmEngine::run(const std::vector<Task>& tasks, int stop, const TaskDone& done) {
    const ClusterFolder& folder = options_.folder;
    for (const auto& part : {folder.files(), folder.chunks(), folder.results(), folder.logs()})
        fs::create_directories(part);
    for (const auto& task : tasks)
        pending_.emplace(task.fingerprint, task);
    const fs::path name_file = folder.path / "job-name";
    if (const std::string earlier = testing::contents(name_file); !earlier.empty())
        cancel(earlier);
    job_name_ = fmt::format("grading-{}-{:x}", getpid(),
                            std::chrono::system_clock::now().time_since_epoch().count());
    grading::write_whole(name_file, job_name_);

    take_results(done);
    std::vector<Task> left;
    for (const auto& [fingerprint, task] : pending_) {
        share(task.file, folder.files() / fingerprint);
        left.push_back(task);
    }
    submit(left, std::max(options_.chunk, (left.size() + longest_array - 1) / longest_array), 1);
    while (!pending_.empty()) {
        if (is_readable(stop, options_.interval)) {
            cancel(job_name_);
            return false;
        }
        take_results(done);
        replace_lost(done);
    }
    clean_up();
    return true;
}

void SlurmEngine::submit(const std::vector<Task>& tasks, std::size_t size, int attempt) {
    if (tasks.empty())
        return;
    const std::string round = fmt::format("{}-{}", job_name_, ++rounds_);
    const std::size_t count = (tasks.size() + size - 1) / size;
    std::vector<ClusterTask> submitted;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t end = std::min(tasks.size(), (i + 1) * size);
        const std::vector<Task> part(tasks.begin() + static_cast<std::ptrdiff_t>(i * size),
                                     tasks.begin() + static_cast<std::ptrdiff_t>(end));
        write_chunk(options_.folder, fmt::format("{}-{}", round, i), part);
        submitted.push_back({"", {}, size, attempt, std::nullopt});
        for (const auto& task : part)
            submitted.back().fingerprints.push_back(task.fingerprint);
    }
    std::string script;
    for (const auto& variable : options_.environment)
        script += "export " + quoted(variable) + "\n";
    script += "exec";
    for (const auto& word : options_.worker)
        script += " " + quoted(word);
    script += " " + quoted(options_.folder.path.string()) + " " + quoted(round + "-") +
              "$SLURM_ARRAY_TASK_ID";
    std::vector<std::string> command{"sbatch",
                                     "--parsable",
                                     "--no-requeue",
                                     "--job-name=" + job_name_,
                                     fmt::format("--array=0-{}", count - 1),
                                     fmt::format("--cpus-per-task={}", options_.cores),
                                     "--output=" + (options_.folder.logs() / "%A_%a.txt").string(),
                                     "--chdir=" + options_.folder.path.string()};
    command.insert(command.end(), options_.more.begin(), options_.more.end());
    command.push_back("--wrap=" + script);
    const ToolOutcome said = run_tool_(command);
    if (said.status != 0)
        throw std::runtime_error("Slurm does not take the jobs: " + said.output);
    // JOB or JOB;CLUSTER, after whatever warnings there are.
    std::istringstream lines(said.output);
    std::string job;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty() && std::isdigit(static_cast<unsigned char>(line.front())))
            job = line.substr(0, line.find(';'));
    for (std::size_t i = 0; i < count; ++i)
        submitted[i].task = fmt::format("{}_{}", job, i);
    std::move(submitted.begin(), submitted.end(), std::back_inserter(chunks_));
}

void SlurmEngine::take_results(const TaskDone& done) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(options_.folder.results()))
        if (pending_.contains(entry.path().filename().string()))
            found.push_back(entry.path());
    for (const auto& file : found) {
        const auto pending = pending_.find(file.filename().string());
        const Task task = pending->second;
        done(task, from_record(testing::contents(file), *rubrics_.at(task.lab)));
        pending_.erase(pending);
        fs::remove(file);
    }
}

void SlurmEngine::replace_lost(const TaskDone& done) {
    for (auto& chunk : chunks_)
        std::erase_if(chunk.fingerprints,
                      [this](const std::string& one) { return !pending_.contains(one); });
    std::erase_if(chunks_, [](const ClusterTask& chunk) { return chunk.fingerprints.empty(); });
    if (chunks_.empty())
        return;
    bool known = true;
    const auto alive = tasks_alive(known);
    if (!known)
        return;  // the controller does not answer: it says nothing about the tasks
    const auto now = Clock::now();
    std::vector<ClusterTask> lost;
    std::vector<ClusterTask> kept;
    for (auto& chunk : chunks_) {
        if (alive.contains(chunk.task))
            chunk.gone_since.reset();
        else if (!chunk.gone_since)
            chunk.gone_since = now;
        const bool is_lost = chunk.gone_since && now - *chunk.gone_since >= options_.settling;
        (is_lost ? lost : kept).push_back(std::move(chunk));
    }
    chunks_ = std::move(kept);
    for (const auto& chunk : lost) {
        std::vector<Task> tasks;
        for (const auto& fingerprint : chunk.fingerprints)
            tasks.push_back(pending_.at(fingerprint));
        if (chunk.attempt < attempts) {
            submit(tasks, std::max<std::size_t>(1, chunk.size / 4), chunk.attempt + 1);
            continue;
        }
        for (const auto& task : tasks) {
            pending_.erase(task.fingerprint);
            done(task, not_run(*rubrics_.at(task.lab), Verdict::grader_error,
                               fmt::format(
                                   "its Slurm task ended {} times without a result; see {}/{}.txt",
                                   attempts, options_.folder.logs().string(), chunk.task)));
        }
    }
}

std::set<std::string> SlurmEngine::tasks_alive(bool& known) const {
    const ToolOutcome said =
        run_tool_({"squeue", "--noheader", "--array", "--name=" + job_name_, "--format=%i"});
    known = said.status == 0;
    std::set<std::string> alive;
    std::istringstream words(said.output);
    for (std::string word; words >> word;)
        alive.insert(word);
    return alive;
}

void SlurmEngine::cancel(const std::string& job_name) const {
    run_tool_({"scancel", "--quiet", "--name=" + job_name});
}

/// Logs stay if there was something to look into.
void SlurmEngine::clean_up() const {
    const ClusterFolder& folder = options_.folder;
    fs::remove(folder.path / "job-name");
    for (const auto& part : {folder.files(), folder.chunks(), folder.results()})
        fs::remove_all(part);
    if (rounds_ <= 1)
        fs::remove_all(folder.logs());
    std::error_code not_empty;
    fs::remove(folder.path, not_empty);
}

}  // namespace course::batch
