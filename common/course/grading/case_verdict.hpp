// From how a case's process ended and what it reported to a verdict.
#pragma once

#include <course/grading/contained_process.hpp>
#include <course/grading/rubric.hpp>
#include <course/grading/verdict.hpp>
#include <string>

namespace course::grading {

/// How one case came out, and what the student should read about it.
struct CaseResult {
    /// The case in the rubric.
    RubricCase rubric;
    /// Its verdict.
    Verdict verdict = Verdict::grader_error;
    /// One sentence about what happened, such as `was ended by SIGSEGV`; empty if it passed.
    std::string summary;
    /// The assertion that failed, as written in the test; empty if none did.
    std::string expected;
    /// The same with the values it had.
    std::string got;
    /// What the test says about it.
    std::string notes;
    /// Where the assertion stands: file name and line.
    std::string place;
    /// What the simulation tells about the schedule that failed; empty without one.
    std::string story;
    /// The name of that schedule for `./course replay`; empty if the test knows only the plain order.
    std::string schedule;
    /// How many schedules were searched until it was found; 0 without a search.
    int schedules = 0;
    /// The hint in force when it failed; empty if the test gave none.
    std::string hint;
    /// What the student's code printed (both streams), capped.
    std::string printed;
    /// CPU time used.
    std::chrono::microseconds cpu{0};
    /// Time on the clock.
    std::chrono::microseconds wall{0};

    /// The points it earns.
    int score() const { return verdict == Verdict::pass ? rubric.points : 0; }
};

/// Judge the case \p rubric by \p outcome. PASS needs all of: exit status 0, one complete report
/// with the nonce, the exact name, no failure, and exactly the number of assertions that our own
/// build made.
CaseResult judge(const RubricCase& rubric, const Outcome& outcome);

}  // namespace course::grading
