// Gradebook: the results of a class, a row per student whatever happened.
#pragma once

#include <course/grading/grader.hpp>
#include <string>
#include <vector>

namespace course::grading {

/// Who a student is, as far as the roster or the export says so; each field may be empty.
struct Identity {
    /// Name, as the roster writes it.
    std::string name = {};
    /// Number at the school, or of the platform that the export is from.
    std::string id = {};
    /// Address.
    std::string email = {};
};

/// How late a student was, and what that costs.
struct Lateness {
    /// When it was handed in, ISO 8601 in UTC; empty if nobody knows.
    std::string handed_in = {};
    /// Time past the deadline; zero: in time, or within the grace.
    std::chrono::seconds by{0};
    /// Of the points earned, how many of a hundred are lost.
    int percent = 0;
};

/// One row of a gradebook.
struct GradebookRow {
    /// What the student is called here and in file names: unique in a gradebook.
    std::string student;
    /// The results, one for each lab that was handed in by anybody.
    std::vector<LabResult> labs;
    /// Who it is.
    Identity identity = {};
    /// How late it was.
    Lateness late = {};
    /// What the instructor should know about the row itself, such as `not in the roster`; empty if nothing.
    std::string remark = {};

    /// Points earned, before what lateness costs.
    int score() const;
    /// Points lost by lateness, rounded in the student's favour.
    int penalty() const { return score() * late.percent / 100; }
    /// What counts: the points earned without the penalty.
    int final_score() const { return score() - penalty(); }
    /// Points that could be earned: those of what could not be graded don't count.
    int points() const;
    /// The most severe verdict of all that was handed in.
    Verdict verdict() const;
    /// What the row is called: PASS, PARTIAL or the verdict.
    std::string verdict_name() const { return overall_name(verdict(), score(), points()); }
    /// The remark, and why points are missing, in one line: `02.1 LEAK: the result is right, but ...`.
    std::string note() const;
};

/// Whether \p result counts: UNGRADABLE and GRADER_ERROR cost no points.
bool counts(const LabResult& result);

/// The first error of a compiler in \p messages, without the folders of its file.
std::string first_error(const std::string& messages);

}  // namespace course::grading
