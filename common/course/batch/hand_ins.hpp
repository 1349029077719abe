// Hand-ins: who handed in what, found in folders, archives and the exports of platforms.
#pragma once

#include <course/batch/layouts.hpp>
#include <course/grading/gradebook.hpp>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace course::batch {

/// One file of a student.
struct HandedFile {
    /// Its path as the student sees it.
    std::filesystem::path name;
    /// Where it is now.
    std::filesystem::path place;
};

/// What one student handed in.
struct HandIn {
    /// What the student is called in reports: unique, and fit to be the name of a file.
    std::string student;
    /// Who it is, by the export and then by the roster.
    grading::Identity identity = {};
    /// Whether the platform says that it was late.
    bool marked_late = false;
    /// When it was handed in, as whoever knows it writes it; empty if nobody does.
    std::string handed_in = {};
    /// The student's own deadline; empty if the class's counts.
    std::string deadline = {};
    /// What the instructor should know, such as `not in the roster`.
    std::string remark = {};
    /// Why none of it can be graded; empty if it can.
    std::string problem = {};
    /// The files that a lab could mean.
    std::vector<HandedFile> files = {};
};

/// Everything that was handed in.
struct Collection {
    /// One for each student, by name.
    std::vector<HandIn> hand_ins;
    /// What belongs to nobody, and is left out.
    std::vector<std::string> notes;
};

/// How to look.
struct CollectOptions {
    /// Where archives are unpacked; it must be there and empty.
    std::filesystem::path work;
    /// Names of the files that labs ask for.
    std::set<std::string> wanted;
    /// How folders and files are named, where it is neither a student's name nor a platform's layout.
    std::optional<NamePattern> names = std::nullopt;
};

/// Look through \p places: one folder or archive with something for each student, or several, each a student's.
///
/// A student's part is a folder, an archive, or files named by Canvas; in it, archives are opened, but not those that are in
/// archives of the student's own. `__MACOSX` and what begins with a dot is nobody's.
/// \throws std::runtime_error  if there is nobody in it, or an archive of a whole class can't be read.
Collection collect(const std::vector<std::filesystem::path>& places, const CollectOptions& options);

}  // namespace course::batch
