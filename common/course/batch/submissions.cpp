// Chooses files, and who they are from.
#include <course/batch/submissions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

namespace course::batch {

namespace fs = std::filesystem;
using grading::Lab;

namespace {

/// Why \p file can't be given to a compiler, or nothing.
std::string problem_with(const fs::path& file) {
    std::error_code error;
    const auto status = fs::symlink_status(file, error);
    if (error)
        return "can't be read: " + error.message();
    if (fs::is_symlink(status))
        return "is a symbolic link: hand in the file itself";
    if (!fs::is_regular_file(status))
        return "is not a regular file";
    if (fs::file_size(file, error) > (std::uintmax_t{1} << 20) || error)
        return "is larger than 1 MiB";
    return "";
}

/// What \p hand_in has for \p lab, whose file is called \p name.
Submission choose(const HandIn& hand_in, const Lab& lab, const fs::path& name) {
    Submission submission{0, &lab, {}, hand_in.problem};
    std::vector<fs::path> files;
    std::vector<fs::path> meant;
    for (const auto& file : hand_in.files)
        if (file.name.filename() == name) {
            files.push_back(file.place);
            // A file in a folder of the lab's name is meant before a file that just has the right name.
            if (file.name.parent_path().filename() == lab.name)
                meant.push_back(file.place);
        }
    if (meant.empty())
        meant = files;
    if (!submission.problem.empty() || meant.empty())
        return submission;
    submission.file = meant.front();
    submission.problem = meant.size() == 1 ? problem_with(submission.file)
                                           : std::to_string(meant.size()) + " files are called " +
                                                 name.string() + ": which one counts?";
    return submission;
}

}  // namespace

std::vector<Submission> find_submissions(const std::vector<HandIn>& hand_ins,
                                         const std::vector<const Lab*>& only) {
    std::vector<std::pair<const Lab*, fs::path>> looked_for;
    for (const Lab* lab : only) {
        const fs::path name = lab->gap().filename();
        const bool by_anybody =
            std::any_of(hand_ins.begin(), hand_ins.end(), [&name](const HandIn& one) {
                return std::any_of(
                    one.files.begin(), one.files.end(),
                    [&name](const HandedFile& file) { return file.name.filename() == name; });
            });
        if (by_anybody || only.size() == 1)
            looked_for.emplace_back(lab, name);
    }
    if (looked_for.empty())
        throw std::runtime_error("nobody handed in a file of any lab, such as " +
                                 only.front()->gap().filename().string());
    std::vector<Submission> submissions;
    for (std::size_t student = 0; student < hand_ins.size(); ++student)
        for (const auto& [lab, name] : looked_for) {
            submissions.push_back(choose(hand_ins[student], *lab, name));
            submissions.back().student = student;
        }
    return submissions;
}

void enrol(std::vector<HandIn>& hand_ins, const Roster& roster) {
    if (roster.entries().empty())
        return;
    std::map<const RosterEntry*, std::string> enrolled;
    for (auto& hand_in : hand_ins) {
        grading::Identity who = hand_in.identity;
        if (who.name.empty())
            who.name = hand_in.student;
        const RosterEntry* entry = roster.find(who);
        if (!entry) {
            hand_in.remark = "not in the roster";
            continue;
        }
        if (const auto [other, is_first] = enrolled.emplace(entry, hand_in.student); !is_first)
            hand_in.remark = "the same person as " + other->second;
        hand_in.identity = entry->identity;
        hand_in.deadline = entry->deadline;
        if (hand_in.handed_in.empty())
            hand_in.handed_in = entry->handed_in;
    }
    std::set<std::string> taken;
    for (const auto& hand_in : hand_ins)
        taken.insert(hand_in.student);
    for (const auto& entry : roster.entries()) {
        if (enrolled.contains(&entry))
            continue;
        HandIn nothing{entry.identity.name, entry.identity};
        std::replace(nothing.student.begin(), nothing.student.end(), '/', '_');
        for (int more = 2; !taken.insert(nothing.student).second; ++more)
            nothing.student = fmt::format("{} ({})", entry.identity.name, more);
        hand_ins.push_back(std::move(nothing));
    }
    std::sort(hand_ins.begin(), hand_ins.end(),
              [](const HandIn& a, const HandIn& b) { return a.student < b.student; });
}

std::vector<grading::GradebookRow> rows_for(const std::vector<HandIn>& hand_ins,
                                            const LatePolicy& policy) {
    std::vector<grading::GradebookRow> rows;
    for (const auto& hand_in : hand_ins)
        try {
            grading::GradebookRow row{hand_in.student, {}};
            row.identity = hand_in.identity;
            row.remark = hand_in.remark;
            std::optional<Moment> due = policy.deadline;
            if (!hand_in.deadline.empty())
                due = parse_moment(hand_in.deadline);
            if (!hand_in.handed_in.empty() && due)
                row.late = policy.lateness(parse_moment(hand_in.handed_in), *due);
            else if (!hand_in.handed_in.empty())
                row.late.handed_in = iso(parse_moment(hand_in.handed_in));
            else if (hand_in.marked_late && hand_in.deadline.empty())
                row.late = policy.late_without_time();
            if (row.late.by > std::chrono::seconds(0))
                row.remark += fmt::format(
                    "{}late{}{}", row.remark.empty() ? "" : "; ",
                    row.late.handed_in.empty() ? "" : " by " + in_words(row.late.by),
                    row.late.percent ? fmt::format(": {} % off", row.late.percent) : "");
            rows.push_back(std::move(row));
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(hand_in.student + ": " + error.what());
        }
    return rows;
}

}  // namespace course::batch
