// Verdict: the one word that says how a test case, a rubric item or a submission came out.
#pragma once

#include <string>
#include <string_view>

namespace course::grading {

/// How something that was graded came out. The order is the order of severity: the verdict of an
/// item is the most severe one of its cases.
enum class Verdict {
    pass,          ///< all that was asked holds
    missing,       ///< the starter's `NotImplemented` was thrown: not done yet
    wrong,         ///< an assertion failed
    output,        ///< wrote more than the limit to standard output or standard error
    leak,          ///< right, but left threads, children or descriptors behind
    race,          ///< two threads access the same memory, and nothing orders them
    deadlock,      ///< threads wait for each other, or for what never comes
    crash,         ///< ended by a signal
    timeout,       ///< used up its CPU time
    hang,          ///< reached the wall time limit while waiting
    memory,        ///< allocated more than the limit
    incomplete,    ///< ended before its report, with whatever exit code
    compile,       ///< did not compile or link
    nothing,       ///< nothing was handed in
    ungradable,    ///< the submission can't be read; costs no points
    grader_error,  ///< our fault; never a zero
    tamper,        ///< something wrote to the grader's channel: for a person to look at
};

/// The verdict as it is printed: `PASS`, `TODO`, `WRONG`, …
std::string_view name(Verdict verdict);

/// The verdict with that name.
/// \throws std::invalid_argument  if there is none.
Verdict verdict_named(std::string_view name);

/// `PASS` for full marks, `PARTIAL` for some, otherwise the verdict itself: what a row of several
/// items or cases is called.
std::string overall_name(Verdict worst, int score, int points);

}  // namespace course::grading
