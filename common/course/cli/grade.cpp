// `course grade`: the student's own work.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <course/batch/archive.hpp>
#include <course/cli/commands.hpp>
#include <course/grading/handout.hpp>
#include <course/reports/formats.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;
using namespace reports;

namespace {

LabResult grade_file(const Session& session, const Lab& lab, const fs::path& file) {
    session.make({"lab-" + lab.number});
    const fs::path work = session.build() / "work" / lab.name;
    fs::create_directories(work);
    const FileLock lock(work / "lock");  // two calls at once would share the program
    ProcessQueue queue(session.jobs);
    Grader grader = session.grader(lab, queue);
    LabResult result;
    grader.grade(fs::absolute(file), work / "own",
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

/// \p results as rows of a gradebook say it: one row, of the one who works here.
void print_formatted(const std::string& format, const Session& session,
                     std::vector<LabResult> results) {
    HintsByLab hints;
    for (const auto& lab : session.labs)
        hints[lab.name] = read_hints(lab.folder() / "hints.md");
    const Rows rows{{"", std::move(results)}};
    std::cout << formatted(format, rows, hints);
    // GitHub shows what is in this file as the summary of the job.
    const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
    if (format == "github" && summary &&
        !(std::ofstream(summary, std::ios::app) << to_github_summary(rows.front(), hints)))
        throw std::runtime_error(std::string("cannot write the job summary to ") + summary);
}

int grade_lab(const Session& session, const Lab& lab, const GradeOptions& options) {
    const LabResult result =
        options.file.empty() ? grade_own(session, lab) : grade_file(session, lab, options.file);
    const auto hints = read_hints(lab.folder() / "hints.md");
    if (options.format == "json")
        std::cout << to_json(result, hints);
    else if (options.format.empty())
        std::cout << rubric_view(result, hints, session.style);
    else
        print_formatted(options.format, session, {result});
    return result.score() == result.points() ? success : not_all_well;
}

int grade_all(const Session& session, const std::string& format) {
    bool full = true;
    std::vector<LabResult> results;
    for (const auto& lab : session.labs) {
        if (session.terminal)
            std::cout << "\rgrading " << lab.name << " …\x1b[K" << std::flush;
        results.push_back(grade_own(session, lab));
        full = full && results.back().score() == results.back().points();
    }
    if (session.terminal)
        std::cout << "\r\x1b[K";
    if (format.empty() || session.json)
        list(session);
    else
        print_formatted(format, session, std::move(results));
    return full ? success : not_all_well;
}

}  // namespace

int grade(const Session& session, const GradeOptions& options) {
    // A path is somebody's submission, whatever it is called; all else must be a lab.
    const auto is_path = [](const std::string& what) {
        return what.find('/') != std::string::npos || fs::is_directory(what) ||
               (fs::exists(what) && batch::is_archive(what));
    };
    const bool one_lab = options.what.size() == 1 && !is_path(options.what.front());
    if (options.what.size() > 1)
        for (const auto& what : options.what)
            if (!is_path(what))
                throw std::invalid_argument(
                    what + " is neither a folder nor an archive: grade one lab at a time");
    const bool submissions = !options.what.empty() && !one_lab;
    if (!submissions && options.has_class_options)
        throw std::invalid_argument(
            "--report, --lab, --no-sandbox and the like go with a folder or an archive of submissions");
    if (!options.file.empty() && !one_lab)
        throw std::invalid_argument(
            "--file goes with a lab, such as ./course grade 01 --file FILE");
    for (const auto& what : options.what)
        if (fs::is_regular_file(what) && !batch::is_archive(what))
            throw std::invalid_argument(
                "to grade one file, name its lab: ./course grade 01 --file " + what);
    if (submissions)
        return grade_submissions(session, {options.what.begin(), options.what.end()},
                                 options.class_options, options.format);
    if (options.what.empty())
        return grade_all(session, options.format);
    return grade_lab(session, find_lab(session.labs, options.what.front()), options);
}

}  // namespace course::cli
