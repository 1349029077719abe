// Mutant: a wrong solution that people really write, with the item that must catch it and the hint
// to read.
//
// A mutant opens with three lines of comment; a long hint goes on in lines that start with `// `:
//     // Mistake: the second descriptor is made with dup, which shares the offset.
//     // Loses:   08.2
//     // Hint:    dup gives a second number for the same open file; open gives a new offset.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace course::diagnosis {

/// What a mutant says about itself.
struct Mutant {
    /// File name without `.cpp`.
    std::string name;
    /// The file.
    std::filesystem::path file;
    /// The mistake, in a sentence.
    std::string mistake;
    /// The items that it must lose.
    std::set<std::string> loses;
    /// The hint that a student who makes the mistake must be shown.
    std::string hint;
};

/// Read the head of \p file.
/// \throws std::runtime_error  if a line is missing, with what it should look like.
Mutant read_mutant(const std::filesystem::path& file);

}  // namespace course::diagnosis
