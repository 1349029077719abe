// The difference between two texts, line by line.
#pragma once

#include <string>
#include <vector>

namespace course::reports {

/// A line of a difference.
struct DiffLine {
    /// ' ' in both, '-' only in the first, '+' only in the second, '~' stands for lines that are in both
    /// and far from any change.
    char kind = ' ';
    /// The line; for '~' how many lines.
    std::string text;
};

/// What must be done to \p before to get \p after: the fewest lines, with three unchanged ones around each
/// change. Line ends CRLF and LF are the same. Texts that differ in thousands of lines are given as all out
/// and all in.
std::vector<DiffLine> line_diff(const std::string& before, const std::string& after);

}  // namespace course::reports
