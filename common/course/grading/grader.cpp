// Grades a file: a chain of compile, link and cases.
#include <course/grading/grader.hpp>

#include <algorithm>
#include <memory>

#include <course/testing/report_channel.hpp>

namespace course::grading {

namespace fs = std::filesystem;

int ItemResult::score() const {
    int sum = 0;
    for (const auto& one : cases)
        sum += one.score();
    return sum;
}

Verdict ItemResult::verdict() const {
    Verdict worst = Verdict::pass;
    for (const auto& one : cases)
        worst = std::max(worst, one.verdict);
    return worst;
}

const CaseResult* ItemResult::first_failure() const {
    for (const auto& one : cases)
        if (one.verdict != Verdict::pass)
            return &one;
    return nullptr;
}

int LabResult::score() const {
    int sum = 0;
    for (const auto& item : items)
        sum += item.score();
    return sum;
}

Verdict LabResult::verdict() const {
    Verdict worst = build;
    for (const auto& item : items)
        worst = std::max(worst, item.verdict());
    return worst;
}

/// One file on its way.
struct Grader::Job {
    fs::path work;
    std::function<void(LabResult)> done;
    LabResult result;
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
    std::size_t cases_left = 0;

    fs::path program() const { return work / "program"; }
    fs::path object() const { return work / "graded.o"; }

    void finish() {
        result.wall += std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - started);
        done(std::move(result));
    }
};

namespace {
/// Whether there is too little room to compile in \p folder: then no failure says anything about the file.
bool disk_is_full(const fs::path& folder) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    return !error && space.available < (std::uintmax_t{8} << 20);
}
}  // namespace

Grader::Grader(Recipe recipe, Rubric rubric, ProcessQueue& queue, GraderOptions options)
    : recipe_(std::move(recipe)),
      rubric_(std::move(rubric)),
      queue_(queue),
      options_(std::move(options)) {}

void Grader::grade(const fs::path& source, const fs::path& work,
                   std::function<void(LabResult)> done) {
    build(source, work, [this, work, done = std::move(done)](LabResult built) {
        if (built.build != Verdict::pass)
            return done(std::move(built));
        const auto job = std::make_shared<Job>();
        job->work = work;
        job->done = done;
        job->result = std::move(built);
        start_cases(job);
    });
}

void Grader::grade_again(const fs::path& source, const fs::path& work,
                         std::function<void(LabResult)> done) {
    if (recipe_.is_fresh(work / "program", source))
        run_cases(work, std::move(done));
    else
        grade(source, work, std::move(done));
}

void Grader::build(const fs::path& source, const fs::path& work,
                   std::function<void(LabResult)> done) {
    fs::create_directories(work);
    const auto job = std::make_shared<Job>();
    job->work = work;
    job->done = std::move(done);
    job->result.rubric = rubric_;
    for (const fs::path& old : {job->object(), job->program()})
        fs::remove(old);  // it may be of another user of the sandbox, who alone could write to it
    submit_build(recipe_.compile(source, job->object()), [this, job](const Outcome& outcome) {
        job->result.messages = outcome.error;
        outcome.succeeded() ? link(job) : finish_build(job, outcome, "the compiler");
    });
}

void Grader::run_cases(const fs::path& work, std::function<void(LabResult)> done) {
    const auto job = std::make_shared<Job>();
    job->work = work;
    job->done = std::move(done);
    job->result.rubric = rubric_;
    start_cases(job);
}

void Grader::link(const std::shared_ptr<Job>& job) {
    submit_build(recipe_.link(job->object(), job->program()), [this, job](const Outcome& outcome) {
        if (outcome.succeeded())
            return job->finish();
        job->result.messages +=
            outcome.error + "\nThe file compiles, but something that " + rubric_.contract +
            " declares is not defined in it, or is defined twice: compare the signatures.\n";
        finish_build(job, outcome, "the linker");
    });
}

void Grader::submit(Command command, std::function<void(const Outcome&)> done) {
    command.sandbox = options_.sandbox;
    queue_.submit(std::move(command), std::move(done));
}

void Grader::submit_build(Command command, std::function<void(const Outcome&)> done) {
    if (options_.build_limits)
        command.limits = *options_.build_limits;
    submit(std::move(command), std::move(done));
}

void Grader::finish_build(const std::shared_ptr<Job>& job, const Outcome& outcome,
                          const std::string& what) {
    const bool full = disk_is_full(job->work);
    job->result.build = full || outcome.is_our_failure() ? Verdict::grader_error : Verdict::compile;
    if (full)  // what the compiler says of it is no help
        job->result.messages = "the disk is full: make room in " +
                               job->work.parent_path().string() + ", or set TMPDIR\n";
    if (outcome.end != Outcome::End::exited)
        job->result.messages += what + " " + outcome.describe() + "\n";
    for (const auto& item : rubric_.items)
        job->result.items.push_back({item, {}});
    job->finish();
}

void Grader::start_cases(const std::shared_ptr<Job>& job) {
    for (const auto& item : rubric_.items) {
        job->result.items.push_back({item, std::vector<CaseResult>(item.cases.size())});
        job->cases_left += item.cases.size();
    }
    int number = 0;
    for (auto& item : job->result.items)
        for (std::size_t k = 0; k < item.cases.size(); ++k)
            start_case(job->work, item.rubric.cases[k], ++number,
                       [job, &result = item.cases[k]](CaseResult finished) {
                           result = std::move(finished);
                           if (--job->cases_left == 0)
                               job->finish();
                       });
}

void Grader::run_case(const fs::path& work, const RubricCase& rubric_case,
                      std::function<void(CaseResult)> done) {
    start_case(work, rubric_case, 0, std::move(done));
}

void Grader::start_case(const fs::path& work, const RubricCase& rubric_case, int number,
                        std::function<void(CaseResult)> done, int attempts_left) {
    const fs::path folder = work / ("case-" + std::to_string(number));
    const fs::path program = work / "program";
    fs::remove_all(folder);
    Command command;
    command.arguments = {program.string(), "--case", rubric_case.name};
    command.environment = options_.environment;
    command.limits = options_.limits;
    command.with_channel = true;
    if (options_.sandbox) {  // its /tmp is empty, and nobody else's
        command.room.readable = {{program, "/program"}};
        command.arguments.front() = "/program";
    } else {
        fs::create_directories(folder);
        command.folder = folder.string();
        command.environment.push_back("TMPDIR=" + folder.string());
    }
    submit(std::move(command), [=, this](const Outcome& outcome) {
        CaseResult result = judge(rubric_case, outcome);
        // Our own failure to start it says nothing about the student: once more, then GRADER_ERROR
        // stands.
        if (result.verdict == Verdict::grader_error && attempts_left > 0)
            return start_case(work, rubric_case, number, done, attempts_left - 1);
        std::error_code ignored;
        fs::remove_all(folder, ignored);
        done(std::move(result));
    });
}

Limits case_limits(const Recipe& recipe) {
    Limits limits;
    limits.cpu = std::chrono::seconds(recipe.sanitized() ? 20 : 5);
    limits.wall = std::chrono::seconds(recipe.sanitized() ? 40 : 10);
    limits.file_size = rlim_t{64} << 20;
    limits.tree_memory = std::uint64_t{2} << 30;
    if (recipe.sanitized())
        limits.memory.reset();
    return limits;
}

namespace {

/// Run \p program as its own list of cases, then each case, and count the assertions that pass.
Rubric measure(const Lab& lab, const Recipe& recipe, const fs::path& work) {
    ProcessQueue queue(2);
    fs::create_directories(work);
    const fs::path source = lab.solution() / recipe.gap();
    const fs::path program = work / "program";
    Outcome last;
    const auto step = [&](Command command, const std::string& what) {
        queue.submit(std::move(command), [&last](Outcome outcome) { last = std::move(outcome); });
        queue.run();
        if (!last.succeeded())
            throw std::runtime_error("the solution of lab " + lab.name + " " + what + ":\n" +
                                     last.error);
    };
    step(recipe.compile(source, work / "graded.o"), "does not compile");
    step(recipe.link(work / "graded.o", program), "does not link");
    Command list;
    list.arguments = {program.string(), "--list"};
    step(std::move(list), "can't list its cases");
    Rubric rubric = make_rubric(last.output, lab.folder());
    int number = 0;
    for (auto& item : rubric.items)
        for (auto& one : item.cases) {
            Command command;
            command.arguments = {program.string(), "--case", one.name};
            const fs::path folder = work / ("case-" + std::to_string(++number));
            fs::remove_all(folder);
            fs::create_directories(folder);
            command.folder = folder.string();
            command.limits = case_limits(recipe);
            command.with_channel = true;
            queue.submit(std::move(command), [&one, &lab](const Outcome& outcome) {
                for (const auto& record : testing::decode(outcome.report, outcome.nonce).records)
                    if (record.kind == "end")
                        one.assertions = std::atoi(record.field(0).c_str());
                const CaseResult result = judge(one, outcome);
                if (result.verdict != Verdict::pass || one.assertions == 0)
                    throw std::runtime_error("the solution of lab " + lab.name + " fails \"" +
                                             one.name + "\": " + std::string(name(result.verdict)) +
                                             " " + result.summary + "\n" + result.place + " " +
                                             result.expected + "\n" + result.got + "\n" +
                                             result.notes);
            });
        }
    queue.run();
    return rubric;
}

}  // namespace

Rubric rubric_for(const Lab& lab, const Recipe& recipe, const fs::path& build) {
    const fs::path published = lab.tests() / "rubric.json";
    if (fs::exists(published))
        return load_rubric(published);
    const fs::path kept = build / "labs" / lab.name / "rubric.json";
    if (fs::exists(kept)) {
        auto newest = recipe.newest_input();
        for (const fs::path& source : {lab.solution() / recipe.gap(), lab.folder() / "README.md"})
            if (fs::exists(source))
                newest = std::max(newest, fs::last_write_time(source));
        if (fs::last_write_time(kept) > newest)
            return load_rubric(kept);
    }
    if (!fs::exists(lab.solution() / recipe.gap()))
        throw std::runtime_error("lab " + lab.name + " has neither tests/" + lab.name +
                                 "/rubric.json nor a solution to measure it with");
    const Rubric rubric = measure(lab, recipe, build / "work" / lab.name / "rubric");
    save(rubric, kept);
    return rubric;
}

}  // namespace course::grading
