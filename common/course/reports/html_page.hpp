// The page for people: one HTML file with the whole class in it, which needs no network and no server.
#pragma once

#include <course/diagnosis/signature.hpp>
#include <course/reports/formats.hpp>
#include <map>
#include <string>
#include <vector>

namespace course::reports {

/// What the page shows of a lab besides the results.
struct LabBackground {
    /// The starter's text, which each file is held against.
    std::string starter;
    /// The solution's text; empty where there is none.
    std::string solution;
    /// What the known mistakes look like.
    std::vector<diagnosis::Signature> signatures;
    /// What was handed in, by student.
    std::map<std::string, std::string> sources;
};

/// What the page shows of a class besides the results.
struct ClassBackground {
    /// The hints of each lab.
    HintsByLab hints;
    /// The labs by name; one that is missing has no differences and no clusters with a name.
    std::map<std::string, LabBackground> labs;
};

/// The page. The results are JSON in it, which its script shows as text and never as HTML: no byte of a
/// student can become a tag.
std::string to_html(const Rows& rows, const ClassBackground& background);

}  // namespace course::reports
