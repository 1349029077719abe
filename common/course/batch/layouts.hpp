// Layouts: how platforms name what they export, and who is meant.
#pragma once

#include <filesystem>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace course::batch {

/// Who handed something in, by what a platform made of the name.
struct Named {
    /// The student's name, as the platform writes it.
    std::string name;
    /// The platform's number for the student; empty if there is none.
    std::string id = {};
    /// The student's address; empty if it isn't told.
    std::string email = {};
    /// Whether the platform says that it was late, without saying by how much.
    bool late = false;
    /// When it was handed in, as the platform writes it; empty if it doesn't.
    std::string handed_in = {};
    /// Of a file: its own name, without what the platform put in front of it.
    std::string file = {};
};

/// A pattern for names of folders or files, such as `{name}_{id}_assignsubmission_file`.
///
/// `{name}` is anything, `{login}` anything without an underscore, `{id}` and `{number}` are digits, `{email}` has an @ in
/// it, `{late}` is `LATE_` or nothing, `{file}` is a file's own name, `*` is anything that nobody needs; all else stands
/// for itself.
class NamePattern {
  public:
    /// \throws std::invalid_argument  if \p pattern has an unknown field, or none of name, login, id and email.
    explicit NamePattern(std::string_view pattern);

    /// What \p name says, or nothing if it is not of this pattern.
    std::optional<Named> match(const std::string& name) const;

  private:
    std::vector<std::string> fields_;
    std::regex regex_;
};

/// Whose the folder called \p name is, by Moodle's layout.
std::optional<Named> named_by_folder(const std::string& name);

/// Whose the file called \p name is, which lies beside those of others, by Canvas' and Moodle's layouts. Canvas' count
/// of attempts (`answer-2.cpp`) is taken off.
std::optional<Named> named_by_file(const std::string& name);

/// What Gradescope's `submission_metadata.yml` says: for each folder, such as `submission_98765`, its submitters.
/// \throws std::runtime_error  if the file is not of that kind.
std::vector<std::pair<std::string, std::vector<Named>>> gradescope_submitters(
    const std::filesystem::path& metadata);

}  // namespace course::batch
