// Lab: where the parts of one lab stand in the tree.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace course::grading {

/// One lab of the course.
struct Lab {
    /// Two digits, such as "02".
    std::string number;
    /// Folder name in labs, solutions and tests, such as "02-join-pitfalls".
    std::string name;
    /// Root of the course.
    std::filesystem::path root;

    /// Handout, contract, starter and program.
    std::filesystem::path folder() const { return root / "labs" / name; }
    /// The reference solution; absent from a student repository.
    std::filesystem::path solution() const { return root / "solutions" / name; }
    /// The rubric.
    std::filesystem::path tests() const { return root / "tests" / name; }
    /// The file that a student edits.
    /// \throws std::runtime_error  if there isn't exactly one .cpp beside main.cpp.
    std::filesystem::path gap() const;
    /// The mutants, by name; absent from a student repository.
    std::vector<std::filesystem::path> mutants() const;
};

/// The labs of the course at \p root, by number.
std::vector<Lab> find_labs(const std::filesystem::path& root);

/// No lab is meant by what a person typed; says which one might be.
class UnknownLab : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

/// The lab that \p wanted means: its number (2 or 02), its folder name, or its topic.
/// \throws UnknownLab  with the nearest lab in the message.
const Lab& find_lab(const std::vector<Lab>& labs, const std::string& wanted);

}  // namespace course::grading
