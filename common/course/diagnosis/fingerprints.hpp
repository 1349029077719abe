// Fingerprints: which files of a class look like each other, whatever their names and comments.
//
// A file is reduced to tokens (all names are one token, so are all numbers and texts), each run of tokens is
// hashed, and of each window of hashes the smallest is kept. What the starter and the solution have as well is
// taken out. What is left and shared is a hint for a person: a lab has few right answers.
/// \file
/// \source  Schleimer, Wilkerson, Aiken: Winnowing, local algorithms for document fingerprinting (SIGMOD 2003).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace course::diagnosis {

/// The fingerprints of one file.
using Fingerprints = std::set<std::uint64_t>;

/// The fingerprints of the C++ in \p source: equal code of 16 tokens and more is found.
Fingerprints fingerprints_of(const std::string& source);

/// Two files that share much.
struct LookAlike {
    /// Whose the one is.
    std::string first;
    /// Whose the other is.
    std::string second;
    /// How much of the shorter one's own code is in the other, from 0 to 1.
    double shared = 0;
};

/// The pairs in \p sources, by student, that share at least \p least of their own code, the most alike first.
/// \param given  texts that everybody had, such as the starter, or may have found alone, such as the solution.
std::vector<LookAlike> look_alikes(const std::map<std::string, std::string>& sources,
                                   const std::vector<std::string>& given, double least = 0.8);

}  // namespace course::diagnosis
