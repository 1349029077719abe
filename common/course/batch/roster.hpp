// Roster: who is in the class, from a CSV file.
#pragma once

#include <course/grading/gradebook.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace course::batch {

/// One line of a roster; a field that the file doesn't have is empty.
struct RosterEntry {
    /// Who it is.
    grading::Identity identity;
    /// What the student logs in with.
    std::string login;
    /// A deadline of the student's own, which counts instead of the class's.
    std::string deadline;
    /// When the student handed in, where the export doesn't say so.
    std::string handed_in;
};

/// The class.
class Roster {
  public:
    /// Nobody: no roster is kept.
    Roster() = default;
    /// Read the CSV file \p file. Its first line names the columns: `name`, or `first name` and `last name`; `id`, `login`,
    /// `email`, `deadline`, `handed in`; each also by the names that Moodle, Canvas and Gradescope give it. Fields are parted
    /// by commas, semicolons or tabs; what the first line is parted by.
    /// \throws std::runtime_error  if it can't be read, or has no column that says who somebody is.
    explicit Roster(const std::filesystem::path& file);

    /// Everybody, in the order of the file.
    const std::vector<RosterEntry>& entries() const { return entries_; }
    /// The entry that means \p who: the same id, address or login, else the same name in whatever order and case; nullptr
    /// if there is none, or more than one.
    const RosterEntry* find(const grading::Identity& who) const;

  private:
    std::vector<RosterEntry> entries_;
};

/// The fields of CSV text (RFC 4180), line by line; lines without any text are left out.
std::vector<std::vector<std::string>> read_csv(const std::string& text);

}  // namespace course::batch
