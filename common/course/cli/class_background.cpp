// Gathers what a class report shows beside the results.
#include <course/cli/class_background.hpp>

#include <algorithm>
#include <iostream>

#include <course/diagnosis/signature_table.hpp>
#include <course/testing/probes.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;
using batch::Submission;
using namespace reports;

namespace {

/// Whether a student failed a case of \p lab: then it is worth knowing what the mistakes look like.
const Rubric* rubric_of_failed(const Lab& lab, const Rows& rows) {
    for (const auto& row : rows)
        for (const auto& result : row.labs)
            if (result.rubric.lab == lab.name && !diagnosis::symptoms_of(result).empty())
                return &result.rubric;
    return nullptr;
}

std::vector<diagnosis::Signature> signatures(const Session& session, const Lab& lab,
                                             const Rows& rows) {
    const Rubric* rubric = rubric_of_failed(lab, rows);
    if (!rubric || lab.mutants().empty())
        return {};
    const fs::path work = session.build() / "work" / lab.name;
    fs::create_directories(work);
    const FileLock lock(work / "lock");
    if (session.terminal)
        std::cerr << "looking at what the mistakes of " << lab.name << " look like …\n";
    return diagnosis::signatures_for(lab, *rubric, session.build(), session.jobs);
}

}  // namespace

HintsByLab hints_for(const std::vector<Submission>& submissions) {
    HintsByLab hints;
    for (const auto& submission : submissions)
        if (!hints.contains(submission.lab->name))
            hints[submission.lab->name] = read_hints(submission.lab->folder() / "hints.md");
    return hints;
}

ClassBackground background_of(const Session& session, const std::vector<Submission>& submissions,
                              const Rows& rows) {
    ClassBackground background;
    background.hints = hints_for(submissions);
    for (const auto& submission : submissions) {
        const Lab& lab = *submission.lab;
        if (!background.labs.contains(lab.name))
            background.labs[lab.name] = {testing::contents(lab.gap()),
                                         testing::contents(lab.solution() / lab.gap().filename()),
                                         signatures(session, lab, rows),
                                         {}};
        if (!submission.file.empty() && submission.problem.empty())
            background.labs[lab.name].sources[rows[submission.student].student] =
                testing::contents(submission.file);
    }
    return background;
}

}  // namespace course::cli
