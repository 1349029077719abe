// The published tree: the course without solutions and mutants, for students and for platforms.
#pragma once

#include <course/cli/session.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace course::cli {

/// Whether the cases in `tests/NN-topic/hidden` are in the tree.
enum class HiddenTests {
    left_out,  ///< for students: not even their names
    included,  ///< for a platform that grades
};

/// The labs that \p only names; all of them if it names none.
/// \throws grading::UnknownLab  if one is not there.
std::vector<const grading::Lab*> labs_named(const Session& session,
                                            const std::vector<std::string>& only);

/// \throws std::runtime_error  if \p folder is there and anything is in it.
void must_be_new(const std::filesystem::path& folder);

/// Write the tree with \p labs in it to \p to.
/// \throws std::runtime_error  if a starter has been solved.
void write_tree(const Session& session, const std::filesystem::path& to,
                const std::vector<const grading::Lab*>& labs, HiddenTests hidden);

}  // namespace course::cli
