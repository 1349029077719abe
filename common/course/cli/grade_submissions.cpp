// `course grade DIR`: a folder of submissions, a row per student.
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <optional>
#include <stdexcept>

#include <course/cli/class_background.hpp>
#include <course/cli/commands.hpp>
#include <course/grading/submissions.hpp>
#include <course/reports/clean_text.hpp>
#include <course/reports/formats.hpp>
#include <course/reports/report_folder.hpp>
#include <course/testing/probes.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;
using namespace reports;

namespace {

/// What has nothing to compile becomes a result all the same: a row per student, always.
LabResult without_file(const Rubric& rubric, const std::string& problem) {
    LabResult result;
    result.rubric = rubric;
    result.build = problem.empty() ? Verdict::nothing : Verdict::ungradable;
    result.messages = problem;
    for (const auto& item : rubric.items)
        result.items.push_back({item, {}});
    return result;
}

/// Grades all of \p submissions, in folders outside of the course that are removed afterwards.
class ClassGrading {
  public:
    /// \param sandbox  where what they wrote runs; nullptr: none.
    ClassGrading(const Session& session, const std::vector<Submission>& submissions,
                 const sandbox::Sandbox* sandbox)
        : session_(session),
          submissions_(submissions),
          results_(submissions.size()),
          queue_(session.jobs) {
        for (const auto& submission : submissions)
            if (!graders_.contains(submission.lab)) {
                session.make({"lab-" + submission.lab->number});
                graders_.emplace(submission.lab, session.grader(*submission.lab, queue_, sandbox));
            }
    }

    std::vector<GradebookRow> run() {
        for (std::size_t i = 0; i < submissions_.size(); ++i)
            start(i);
        queue_.run();
        if (shows_progress())
            std::cout << "\r\x1b[K";
        std::vector<GradebookRow> rows;
        for (std::size_t i = 0; i < submissions_.size(); ++i) {
            if (rows.empty() || rows.back().student != submissions_[i].student)
                rows.push_back({submissions_[i].student, {}});
            rows.back().labs.push_back(std::move(results_[i]));
        }
        return rows;
    }

  private:
    bool shows_progress() const { return session_.terminal; }

    void start(std::size_t index) {
        const Submission& submission = submissions_[index];
        Grader& grader = graders_.at(submission.lab);
        if (submission.file.empty() || !submission.problem.empty())
            return finish(index, without_file(grader.rubric(), submission.problem));
        // The file alone, under its proper name: nothing beside it can stand in for a header of ours.
        const fs::path folder = work_.path() / fmt::format("submission-{:05}", index);
        fs::create_directories(folder);
        const fs::path source = folder / submission.lab->gap().filename();
        fs::copy_file(submission.file, source);
        grader.grade(source, folder, [this, index, folder](LabResult result) {
            std::error_code ignored;
            fs::remove_all(folder, ignored);
            finish(index, std::move(result));
        });
    }

    void finish(std::size_t index, LabResult result) {
        results_[index] = std::move(result);
        ++finished_;
        if (shows_progress())
            std::cout << fmt::format("\r{} {}/{}\x1b[K",
                                     progress_bar(static_cast<int>(finished_),
                                                  static_cast<int>(results_.size()), 30),
                                     finished_, results_.size())
                      << std::flush;
    }

    const Session& session_;
    const std::vector<Submission>& submissions_;
    std::vector<LabResult> results_;
    std::size_t finished_ = 0;
    testing::TemporaryFolder work_;
    ProcessQueue queue_;
    std::map<const Lab*, Grader> graders_;
};

std::string overview(const std::vector<GradebookRow>& rows, const Paint& paint) {
    std::string text;
    int look_at = 0;
    int ungradable = 0;
    for (const auto& row : rows)
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
    return text + fmt::format(
                      "\n{} students; {} results could not be graded, {} are for you to look at "
                      "(TAMPER)\n",
                      rows.size(), ungradable, look_at);
}

/// The sandbox for what others wrote, with its limits printed; none if the caller wants none.
std::optional<sandbox::Sandbox> sandbox_for(const Session& session, const GradeOptions& options) {
    if (options.no_sandbox) {
        std::cerr << "note: --no-sandbox: submissions run as you, with your files and your network in reach\n";
        return std::nullopt;
    }
    try {
        std::optional<sandbox::Sandbox> sandbox(session.sandbox());
        const Limits limits = case_limits(Recipe(session.build(), session.labs.front().name));
        std::cerr << "The sandbox of each case:\n" << sandbox->describe({}) << limits.describe() << "\n\n";
        return sandbox;
    } catch (const sandbox::Unavailable& reason) {
        throw std::runtime_error(
            std::string("there is no sandbox for what others wrote: ") + reason.what() +
            ".\nNothing was graded. With --no-sandbox it is graded all the same, as you, with your files and "
            "your network in reach");
    }
}

}  // namespace

int grade_submissions(const Session& session, const GradeOptions& options) {
    std::vector<const Lab*> labs;
    for (const auto& lab : session.labs)
        if (options.lab.empty() || &find_lab(session.labs, options.lab) == &lab)
            labs.push_back(&lab);
    const std::vector<Submission> submissions = find_submissions(options.what, labs);
    for (const auto& file : loose_files(options.what))
        std::cerr << "note: " << file.filename().string()
                  << " lies beside the students' folders and is nobody's\n";
    if (!options.report.empty())
        prepare_reports(options.report);

    const auto sandbox = sandbox_for(session, options);
    const std::vector<GradebookRow> rows =
        ClassGrading(session, submissions, sandbox ? &*sandbox : nullptr).run();
    std::cout << (options.format.empty() ? overview(rows, Paint(session.style))
                                         : formatted(options.format, rows, hints_for(submissions)));
    if (!options.report.empty()) {
        write_reports(options.report, rows, background_of(session, submissions, rows));
        if (options.format.empty())
            std::cout << fmt::format("Written to {}: {}\n", options.report, report_files);
    }
    const bool full = std::all_of(rows.begin(), rows.end(), [](const GradebookRow& row) {
        return row.verdict() == Verdict::pass;
    });
    return full ? success : not_all_well;
}

}  // namespace course::cli
