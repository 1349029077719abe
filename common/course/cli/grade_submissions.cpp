// `course grade DIR`: what a class handed in, a row per student; and a cluster's part of it.
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <optional>
#include <stdexcept>

#include <course/batch/class_grading.hpp>
#include <course/batch/local_engine.hpp>
#include <course/batch/slurm_engine.hpp>
#include <course/cli/class_background.hpp>
#include <course/cli/commands.hpp>
#include <course/reports/clean_text.hpp>
#include <course/reports/formats.hpp>
#include <course/reports/report_folder.hpp>
#include <course/testing/probes.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;
using namespace batch;
using namespace reports;

namespace {

std::string overview(const std::vector<GradebookRow>& rows, const Paint& paint) {
    std::string text;
    int look_at = 0;
    int ungradable = 0;
    for (const auto& row : rows) {
        for (const auto& lab : row.labs) {
            const Verdict verdict = lab.verdict();
            look_at += verdict == Verdict::tamper ? 1 : 0;
            ungradable += counts(lab) ? 0 : 1;
            text +=
                fmt::format("{:<24} {:<24} {:>3}/{}  {}  {}\n", printable(row.student),
                            lab.rubric.lab, lab.score(), lab.points(),
                            paint.by(verdict, fmt::format("{:<12}", lab.verdict_name())),
                            lab.build == Verdict::pass ? "" : printable(first_error(lab.messages)));
        }
        if (!row.remark.empty())
            text += fmt::format(
                "{:<24} {}{}\n", printable(row.student), printable(row.remark),
                row.penalty() ? fmt::format(", {} points left", row.final_score()) : "");
    }
    return text + fmt::format(
                      "\n{} students; {} results could not be graded, {} are for you to look at "
                      "(TAMPER)\n",
                      rows.size(), ungradable, look_at);
}

/// The sandbox for what others wrote, with its limits printed; none if the caller wants none.
std::optional<sandbox::Sandbox> sandbox_for(const Session& session, const ClassOptions& options) {
    if (options.no_sandbox) {
        std::cerr << "note: --no-sandbox: submissions run as you, with your files and your network "
                     "in reach\n";
        return std::nullopt;
    }
    try {
        std::optional<sandbox::Sandbox> sandbox(session.sandbox());
        const Limits limits = case_limits(Recipe(session.build(), session.labs.front().name));
        std::cerr << "The sandbox of each case:\n"
                  << sandbox->describe({}) << limits.describe() << "\n\n";
        return sandbox;
    } catch (const sandbox::Unavailable& reason) {
        throw std::runtime_error(std::string("there is no sandbox for what others wrote: ") +
                                 reason.what() +
                                 ".\nNothing was graded. With --no-sandbox it is graded all the "
                                 "same, as you, with your files and "
                                 "your network in reach");
    }
}

/// A work folder that an ended process could not remove: the journal knows of it.
void remove_leftovers(Journal& journal, const fs::path& work) {
    const fs::path earlier = journal.note("work");
    std::error_code ignored;
    if (earlier.parent_path() == fs::temp_directory_path() &&
        earlier.filename().string().starts_with("course-"))
        fs::remove_all(earlier, ignored);
    journal.set_note("work", work.string());
}

/// \param sandbox  where what others wrote runs; nullptr: none.
MakeGrader graders_of(const Session& session, const sandbox::Sandbox* sandbox) {
    return [&session, sandbox](const Lab& lab, ProcessQueue& queue) {
        return session.grader(lab, queue, sandbox);
    };
}

/// One grading of a class, from its hand-ins to its rows.
class ClassCommand {
  public:
    ClassCommand(const Session& session, const ClassOptions& options,
                 const sandbox::Sandbox* sandbox, bool shows_progress)
        : session_(session),
          options_(options),
          sandbox_(sandbox),
          shows_progress_(shows_progress && session.terminal),
          journal_(options.report.empty() ? fs::path()
                                          : fs::path(options.report) / "journal.sqlite") {
        for (const auto& lab : session.labs)
            if (options.lab.empty() || &find_lab(session.labs, options.lab) == &lab)
                labs_.push_back(&lab);
        remove_leftovers(journal_, work_.path());
    }

    /// The rows, or nothing if it was stopped.
    std::optional<std::vector<GradebookRow>> run(const std::vector<fs::path>& places) {
        std::vector<HandIn> hand_ins = find_hand_ins(places);
        std::vector<GradebookRow> rows = rows_for(hand_ins, late_policy());
        submissions_ = find_submissions(hand_ins, labs_);
        for (const auto& submission : submissions_)
            add_basis(*submission.lab);
        const auto engine = make_engine();
        const StopSignals stop;
        ClassResults graded =
            grade_class(submissions_, bases_, *engine, journal_, stop.descriptor(),
                        [this](const ClassProgress& progress) { show(progress); });
        if (shows_progress_)
            std::cout << "\r\x1b[K" << std::flush;
        if (!graded.complete) {
            say_how_to_go_on(graded.progress);
            return std::nullopt;
        }
        for (std::size_t i = 0; i < submissions_.size(); ++i)
            rows[submissions_[i].student].labs.push_back(std::move(graded.results[i]));
        if (graded.progress.known > 0)
            std::cerr << fmt::format(
                "note: {} files and their tests are unchanged: not graded again\n",
                graded.progress.known);
        return rows;
    }

    /// The hints of the labs that were handed in.
    HintsByLab hints() const { return hints_for(submissions_); }

    /// What the page shows beside \p rows.
    ClassBackground background(const std::vector<GradebookRow>& rows) const {
        return background_of(session_, submissions_, rows);
    }

  private:
    std::vector<HandIn> find_hand_ins(const std::vector<fs::path>& places) {
        CollectOptions how{work_.path() / "unpacked", {}};
        if (!options_.names.empty())
            how.names.emplace(options_.names);
        for (const Lab* lab : labs_)
            how.wanted.insert(lab->gap().filename().string());
        Collection collection = collect(places, how);
        for (const auto& note : collection.notes)
            std::cerr << "note: " << printable(note) << "\n";
        if (!options_.roster.empty())
            enrol(collection.hand_ins, Roster(options_.roster));
        return std::move(collection.hand_ins);
    }

    LatePolicy late_policy() const {
        LatePolicy policy;
        if (!options_.deadline.empty())
            policy.deadline = parse_moment(options_.deadline);
        if (!options_.late.empty())
            policy.set_penalty(options_.late);
        policy.grace = std::chrono::minutes(options_.grace);
        return policy;
    }

    void add_basis(const Lab& lab) {
        if (bases_.contains(&lab))
            return;
        session_.make({"lab-" + lab.number});
        const Recipe recipe(session_.build(), lab.name);
        const Rubric rubric = rubric_for(lab, recipe, session_.build());
        bases_.emplace(&lab, LabBasis{rubric, Fingerprint(recipe, rubric)});
    }

    std::unique_ptr<GradingEngine> make_engine() const {
        if (options_.engine == "local")
            return std::make_unique<LocalEngine>(graders_of(session_, sandbox_), session_.jobs,
                                                 work_.path() / "graded");
        if (options_.report.empty() && options_.shared.empty())
            throw std::invalid_argument(
                "--engine slurm needs --report FOLDER or --shared FOLDER: a folder that all nodes "
                "see");
        SlurmOptions how;
        how.folder.path =
            fs::absolute(options_.shared.empty() ? fs::path(options_.report) / "cluster"
                                                 : fs::path(options_.shared));
        how.worker = {fs::read_symlink("/proc/self/exe").string(), "--jobs",
                      std::to_string(session_.jobs), "grade-chunk"};
        if (!sandbox_)
            how.worker.push_back("--no-sandbox");
        how.environment = {"COURSE_ROOT=" + session_.root.string()};
        how.cores = session_.jobs;
        how.chunk = options_.chunk;
        how.more = options_.sbatch;
        std::map<const Lab*, const Rubric*> rubrics;
        for (const auto& [lab, basis] : bases_)
            rubrics.emplace(lab, &basis.rubric);
        return std::make_unique<SlurmEngine>(
            how, rubrics, [this](const std::vector<std::string>& command) -> ToolOutcome {
                const Finished finished = execute(command, session_.root);
                return {finished.status, finished.output};
            });
    }

    void show(const ClassProgress& progress) const {
        if (!shows_progress_)
            return;
        std::cout << fmt::format("\r{} {}/{}  {}\x1b[K",
                                 progress_bar(static_cast<int>(progress.finished),
                                              static_cast<int>(progress.all), 30),
                                 progress.finished, progress.all, progress.estimate())
                  << std::flush;
    }

    void say_how_to_go_on(const ClassProgress& progress) const {
        std::cerr << fmt::format("Stopped: {} of {} results are there. ", progress.finished,
                                 progress.all)
                  << (options_.report.empty()
                          ? "Nothing was kept: with --report FOLDER it could go on.\n"
                          : fmt::format(
                                "They are kept in {}; the same command goes on from there.\n",
                                (fs::path(options_.report) / "journal.sqlite").string()));
    }

    const Session& session_;
    const ClassOptions& options_;
    const sandbox::Sandbox* sandbox_;
    bool shows_progress_;
    Journal journal_;
    testing::TemporaryFolder work_;
    std::vector<const Lab*> labs_;
    std::map<const Lab*, LabBasis> bases_;
    std::vector<Submission> submissions_;
};

}  // namespace

int grade_submissions(const Session& session, const std::vector<fs::path>& places,
                      const ClassOptions& options, const std::string& format) {
    if (!options.report.empty())
        prepare_reports(options.report);
    const auto sandbox = sandbox_for(session, options);
    ClassCommand command(session, options, sandbox ? &*sandbox : nullptr, format.empty());
    const auto rows = command.run(places);
    if (!rows)
        return failure;
    std::cout << (format.empty() ? overview(*rows, Paint(session.style))
                                 : formatted(format, *rows, command.hints()));
    if (!options.report.empty()) {
        write_reports(options.report, *rows, command.background(*rows));
        if (format.empty())
            std::cout << fmt::format("Written to {}: {}, journal.sqlite\n", options.report,
                                     report_files);
    }
    const bool full = std::all_of(rows->begin(), rows->end(), [](const GradebookRow& row) {
        return row.verdict() == Verdict::pass;
    });
    return full ? success : not_all_well;
}

int grade_chunk(const Session& session, const std::string& folder, const std::string& chunk,
                bool no_sandbox) {
    ClassOptions options;
    options.no_sandbox = no_sandbox;
    const auto sandbox = sandbox_for(session, options);
    const testing::TemporaryFolder work;
    LocalEngine engine(graders_of(session, sandbox ? &*sandbox : nullptr), session.jobs,
                       work.path());
    const StopSignals stop;
    return batch::grade_chunk({folder}, chunk, session.labs, engine, stop.descriptor()) ? success
                                                                                        : failure;
}

}  // namespace course::cli
