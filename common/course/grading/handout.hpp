// Handout: title, headings and hints of a lab's README.md and hints.md.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace course::grading {

/// What a handout says about its lab. Headings of items look like `## 02.1 Start all and then join
/// all`.
class Handout {
  public:
    /// Read the Markdown file \p readme.
    /// \throws std::runtime_error  if it can't be read or has no title.
    explicit Handout(const std::filesystem::path& readme);

    /// The first heading, without the lab's number.
    const std::string& title() const { return title_; }
    /// The heading of item \p id without its number, empty if there is none.
    std::string heading(const std::string& id) const;
    /// The items that have a heading, in order.
    const std::map<std::string, std::string>& headings() const { return headings_; }

  private:
    std::string title_;
    std::map<std::string, std::string> headings_;
};

/// The hints of one lab by item, each item's in order.
using Hints = std::map<std::string, std::vector<std::string>>;

/// The hints of one lab, from a nudge to nearly the answer: `hints.md`, a heading for each item and
/// a numbered list below it.
/// \return  for each item the hints in order; empty if there is no such
/// file.
Hints read_hints(const std::filesystem::path& file);

}  // namespace course::grading
