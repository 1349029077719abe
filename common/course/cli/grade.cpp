// `course grade`: the student's own work, or a folder of submissions.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>

#include <course/cli/commands.hpp>
#include <course/grading/handout.hpp>
#include <course/grading/report_files.hpp>
#include <course/grading/submissions.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;

namespace {

Grader make_grader(const Session& session, const Lab& lab, ProcessQueue& queue) {
    Recipe recipe(session.build(), lab.name);
    Rubric rubric = rubric_for(lab, recipe, session.build());
    const GraderOptions options{case_limits(recipe), {}};
    return Grader(std::move(recipe), std::move(rubric), queue, options);
}

std::vector<std::string> lab_targets(const std::vector<const Lab*>& labs) {
    std::vector<std::string> targets;
    for (const Lab* lab : labs)
        targets.push_back("lab-" + lab->number);
    return targets;
}

LabResult grade_file(const Session& session, const Lab& lab, const fs::path& file) {
    session.make(lab_targets({&lab}));
    ProcessQueue queue(session.jobs);
    Grader grader = make_grader(session, lab, queue);
    LabResult result;
    grader.grade(fs::absolute(file), session.build() / "work" / lab.name / "own",
                 [&result](LabResult finished) { result = std::move(finished); });
    queue.run();
    return result;
}

/// Grade the file in labs/, and keep the result for the scoreboard.
LabResult grade_own(const Session& session, const Lab& lab) {
    LabResult result = grade_file(session, lab, lab.gap());
    write_whole(session.result_file(lab), to_json(result, read_hints(lab.folder() / "hints.md")));
    return result;
}

int grade_lab(const Session& session, const Lab& lab, const std::string& file) {
    const LabResult result =
        file.empty() ? grade_own(session, lab) : grade_file(session, lab, file);
    const auto hints = read_hints(lab.folder() / "hints.md");
    std::cout << (session.json ? to_json(result, hints)
                               : rubric_view(result, hints, session.style));
    return result.score() == result.points() ? success : not_all_well;
}

int grade_all(const Session& session) {
    bool full = true;
    for (const auto& lab : session.labs) {
        if (session.terminal)
            std::cout << "\rgrading " << lab.name << " …\x1b[K" << std::flush;
        const LabResult result = grade_own(session, lab);
        full = full && result.score() == result.points();
    }
    if (session.terminal)
        std::cout << "\r\x1b[K";
    list(session);
    return full ? success : not_all_well;
}

/// What can't be compiled becomes a result all the same: a row per student, always.
LabResult ungradable(const Rubric& rubric, const std::string& why) {
    LabResult result;
    result.rubric = rubric;
    result.build = Verdict::ungradable;
    result.messages = why;
    for (const auto& item : rubric.items)
        result.items.push_back({item, {}});
    return result;
}

/// A name that can be a folder's, whatever the student's folder is called.
std::string work_name(std::size_t index) {
    return fmt::format("submission-{:05}", index);
}

int grade_folder(const Session& session, const GradeOptions& options) {
    std::vector<const Lab*> labs;
    for (const auto& lab : session.labs)
        if (options.lab.empty() || &find_lab(session.labs, options.lab) == &lab)
            labs.push_back(&lab);
    const std::vector<Submission> submissions = find_submissions(options.what, labs);

    std::map<const Lab*, Grader> graders;
    ProcessQueue queue(session.jobs);
    for (const auto& submission : submissions)
        if (!graders.contains(submission.lab)) {
            session.make(lab_targets({submission.lab}));
            graders.emplace(submission.lab, make_grader(session, *submission.lab, queue));
        }

    std::vector<LabResult> results(submissions.size());
    std::size_t finished = 0;
    const auto finish = [&](std::size_t index, LabResult result) {
        results[index] = std::move(result);
        ++finished;
        if (session.terminal && !session.json)
            std::cout << fmt::format("\r{} {}/{}\x1b[K",
                                     progress_bar(static_cast<int>(finished),
                                                  static_cast<int>(results.size()), 30),
                                     finished, results.size())
                      << std::flush;
    };
    const fs::path work = session.build() / "work" / "submissions";
    fs::remove_all(work);
    for (std::size_t i = 0; i < submissions.size(); ++i) {
        const Submission& submission = submissions[i];
        Grader& grader = graders.at(submission.lab);
        if (!submission.problem.empty()) {
            finish(i, ungradable(grader.rubric(), submission.problem));
            continue;
        }
        // The file alone, under its proper name: nothing beside it can stand in for a header of the
        // course.
        const fs::path folder = work / work_name(i);
        fs::create_directories(folder);
        const fs::path source = folder / submission.lab->gap().filename();
        fs::copy_file(submission.file, source);
        grader.grade(source, folder, [&finish, i, folder](LabResult result) {
            std::error_code ignored;
            fs::remove_all(folder, ignored);
            finish(i, std::move(result));
        });
    }
    queue.run();
    if (session.terminal && !session.json)
        std::cout << "\r\x1b[K";

    std::vector<GradebookRow> rows;
    for (std::size_t i = 0; i < submissions.size(); ++i) {
        if (rows.empty() || rows.back().student != submissions[i].student)
            rows.push_back({submissions[i].student, {}});
        rows.back().labs.push_back(std::move(results[i]));
    }
    bool full = true;
    const Paint paint(session.style);
    std::string text;
    for (const auto& row : rows)
        for (const auto& result : row.labs) {
            full = full && result.score() == result.points();
            text += fmt::format(
                "{:<24} {:<24} {:>3}/{}  {}  {}\n", printable(row.student), result.rubric.lab,
                result.score(), result.points(),
                paint.by(result.verdict(), fmt::format("{:<12}", result.verdict_name())),
                result.build == Verdict::ungradable ? result.messages : "");
        }
    std::cout << (session.json ? to_json(rows) : text);
    if (!options.report.empty()) {
        write_whole(fs::path(options.report) / "gradebook.csv", to_csv(rows));
        write_whole(fs::path(options.report) / "report.json", to_json(rows));
        if (!session.json)
            std::cout << fmt::format(
                "\n{} rows in {}/gradebook.csv, everything in {}/report.json\n", rows.size(),
                options.report, options.report);
    }
    return full ? success : not_all_well;
}

}  // namespace

int grade(const Session& session, const GradeOptions& options) {
    if (options.what.empty())
        return grade_all(session);
    // A path is a folder of submissions, whatever it is called; all else must be a lab.
    const bool path = options.what.find('/') != std::string::npos || fs::is_directory(options.what);
    if (path)
        return grade_folder(session, options);
    return grade_lab(session, find_lab(session.labs, options.what), options.file);
}

}  // namespace course::cli
