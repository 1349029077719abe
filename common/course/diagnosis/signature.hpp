// Signature: what a mistake looks like from outside, and which mistake a result looks like.
//
// A mutant is graded like a submission; the cases that it fails, with verdict and place, are its
// signature. A submission that fails the same cases in the same way looks like that mutant. It may do so
// for another reason: a likeness is a hint for a person, and never a part of a grade.
#pragma once

#include <compare>
#include <course/grading/grader.hpp>
#include <set>
#include <string>
#include <vector>

namespace course::diagnosis {

/// One case that did not pass.
struct Symptom {
    /// The item, such as "02.1".
    std::string item;
    /// Name of the case.
    std::string test_case;
    /// How it came out.
    grading::Verdict verdict = grading::Verdict::pass;
    /// Where the assertion that failed stands: file and line; empty if none did.
    std::string place;

    /// By item, case, verdict and place.
    friend auto operator<=>(const Symptom&, const Symptom&) = default;
};

/// The symptoms of one result.
using Symptoms = std::set<Symptom>;

/// What \p result fails; what is not implemented yet, and what is our own fault, is no symptom.
Symptoms symptoms_of(const grading::LabResult& result);

/// A known mistake, and what it looks like.
struct Signature {
    /// Name of the mutant.
    std::string mutant;
    /// The mistake, in a sentence.
    std::string mistake;
    /// The hint for who makes it.
    std::string hint;
    /// What it fails.
    Symptoms symptoms;
};

/// Mistakes that look the same, and what of a result they explain.
struct Likeness {
    /// The symptoms that are explained.
    Symptoms explained;
    /// The mistakes, by name: more than one if the tests can't tell them apart.
    std::vector<Signature> mistakes;
};

/// The mistakes that \p result looks like: it shows all that the mistake shows, and in the items of the
/// mistake nothing else. Cases that are not implemented yet speak neither for nor against. Of two mistakes
/// the one that explains more is taken, so a result can look like several only if they are in different items.
/// \return  empty for a solution, and for what is like no known mistake.
std::vector<Likeness> diagnose(const grading::LabResult& result,
                               const std::vector<Signature>& known);

}  // namespace course::diagnosis
