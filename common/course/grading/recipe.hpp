// Recipe: how any version of a lab's graded file is compiled and linked with the lab's tests.
#pragma once

#include <course/grading/contained_process.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace course::grading {

/// The compile and link commands of one lab, written by CMake (`course_lab`) into the build tree.
class Recipe {
  public:
    /// Read `recipe.json` of lab \p name in the tree \p build (such as build/dev).
    /// \throws std::runtime_error  if it is not there; the message says what to build.
    Recipe(const std::filesystem::path& build, const std::string& name);

    /// Folder name of the lab, such as "02-join-pitfalls".
    const std::string& lab() const { return lab_; }
    /// Name of the file that a student edits, such as "downloads.cpp".
    const std::string& gap() const { return gap_; }
    /// Whether the tree is built with a sanitizer.
    bool sanitized() const { return sanitized_; }
    /// Whether the lab is graded in the simulation.
    bool simulated() const { return simulated_; }
    /// The compiler.
    std::filesystem::path compiler() const { return compile_.front(); }
    /// The two commands as they are written, one argument after the other.
    std::vector<std::string> arguments() const;
    /// The files that a graded program is made from besides the graded one: the compiler, the precompiled header and what
    /// is linked.
    std::vector<std::filesystem::path> inputs() const;
    /// Where its headers are looked for.
    std::vector<std::filesystem::path> include_folders() const;
    /// Newest modification time of the recipe, the compiler, the precompiled header, the lab's headers and what a
    /// graded program is linked with.
    std::filesystem::file_time_type newest_input() const;
    /// Whether \p program is there and newer than \p source and every other input.
    bool is_fresh(const std::filesystem::path& program, const std::filesystem::path& source) const;

    /// Compile \p source to \p object. In a sandbox it sees the compiler, the precompiled header, the course's
    /// headers, the lab's folder and \p source, and can write beside \p object.
    Command compile(const std::filesystem::path& source, const std::filesystem::path& object) const;
    /// Link \p object with the lab's tests to \p program. In a sandbox it sees the linker and what it links, and
    /// can write beside \p program.
    Command link(const std::filesystem::path& object, const std::filesystem::path& program) const;

  private:
    std::string lab_;
    std::string gap_;
    bool sanitized_ = false;
    bool simulated_ = false;
    std::filesystem::file_time_type written_;
    std::vector<std::string> compile_;
    std::vector<std::string> link_;
    std::vector<std::string> libraries_;
};

}  // namespace course::grading
