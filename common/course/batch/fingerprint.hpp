// Fingerprint: all that a grade depends on, in 64 letters. What has the same fingerprint need not be graded again.
#pragma once

#include <course/grading/recipe.hpp>
#include <course/grading/rubric.hpp>
#include <filesystem>
#include <string>

namespace course::batch {

/// What the grades of one lab depend on, besides what was handed in: its tests, as they are compiled and linked; headers;
/// rubric; compiler and flags.
class Fingerprint {
  public:
    /// Reads every file that \p recipe names. Of the compiler, name, size and date stand for the rest.
    Fingerprint(const grading::Recipe& recipe, const grading::Rubric& rubric);

    /// The fingerprint of \p file, graded so: a SHA-256 in hexadecimal. It depends on the bytes of the file, not on its
    /// name or on whose it is.
    /// \throws std::runtime_error  if it can't be read.
    std::string of(const std::filesystem::path& file) const;

  private:
    std::string lab_;
};

}  // namespace course::batch
