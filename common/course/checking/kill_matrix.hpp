// KillMatrix: which mutant loses which item.
#pragma once

#include <course/diagnosis/mutant.hpp>
#include <course/grading/grader.hpp>
#include <course/reports/report_text.hpp>
#include <string>
#include <vector>

namespace course::checking {

/// The mutants of one lab and how they were graded.
struct KillMatrix {
    /// One mutant and its result.
    struct Row {
        /// The mutant.
        diagnosis::Mutant mutant;
        /// How it came out.
        grading::LabResult result;
    };
    /// The rows, in the order in which grading finished.
    std::vector<Row> rows;

    /// The matrix as a table, by name of the mutant: ✗ where an item catches it as it must, ALIVE
    /// where it should have, EXTRA where it should not have.
    std::string text(const grading::Rubric& rubric, const reports::Paint& paint) const;
};

}  // namespace course::checking
