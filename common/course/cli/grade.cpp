// `course grade`: the student's own work.
#include <fmt/format.h>

#include <iostream>
#include <stdexcept>

#include <course/batch/archive.hpp>
#include <course/cli/commands.hpp>
#include <course/grading/handout.hpp>
#include <course/grading/report_json.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;

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
            "--report, --lab, --roster and the like go with a folder or an archive of submissions");
    if (!options.file.empty() && !one_lab)
        throw std::invalid_argument(
            "--file goes with a lab, such as ./course grade 01 --file FILE");
    for (const auto& what : options.what)
        if (fs::is_regular_file(what) && !batch::is_archive(what))
            throw std::invalid_argument(
                "to grade one file, name its lab: ./course grade 01 --file " + what);
    if (submissions)
        return grade_submissions(session, {options.what.begin(), options.what.end()},
                                 options.class_options);
    if (options.what.empty())
        return grade_all(session);
    return grade_lab(session, find_lab(session.labs, options.what.front()), options.file);
}

}  // namespace course::cli
