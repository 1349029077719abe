// Rubric: what a lab asks for, item by item, and what a complete report of each case looks like.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace course::grading {

/// One Catch2 test case of a lab.
struct RubricCase {
    /// Its name: a sentence in the student's words.
    std::string name;
    /// What it is worth.
    int points = 0;
    /// Where it stands: file name and line.
    std::string file;
    /// Line in that file.
    int line = 0;
    /// How many assertions pass when all is right; a report with another number is not believed.
    int assertions = 0;
    /// Whether it is the instructor's alone: from the folder `hidden` of the lab's tests.
    bool hidden = false;
};

/// One item: a heading of the handout, a TODO in the starter, a row in the gradebook.
struct RubricItem {
    /// Such as "02.1".
    std::string id;
    /// The heading of the handout for this item.
    std::string title;
    /// Its cases, in the order of the test file.
    std::vector<RubricCase> cases;
    /// Where the contract header speaks of it: line number, 0 if nowhere.
    int contract_line = 0;

    /// Points of all its cases.
    int points() const;
};

/// The items of one lab.
struct Rubric {
    /// Folder name of the lab.
    std::string lab;
    /// Title of the handout.
    std::string title;
    /// File name of the contract header.
    std::string contract;
    /// The items in order.
    std::vector<RubricItem> items;

    /// Points of all items.
    int points() const;
    /// The item with that id, or nullptr.
    const RubricItem* find(const std::string& id) const;
};

/// Sort the lines that a test program's `--list` printed into items, with the handout's headings
/// and the contract's lines.
/// \throws std::runtime_error  if a case has no item or no points, or an
/// item no heading; with the place.
Rubric make_rubric(const std::string& list, const std::filesystem::path& lab_folder);

/// Write \p rubric as JSON to \p file, whole or not at all.
void save(const Rubric& rubric, const std::filesystem::path& file);
/// Read what `save` wrote.
/// \throws std::runtime_error  if it is not such a file.
Rubric load_rubric(const std::filesystem::path& file);

/// Write \p text to \p file through a temporary file and a rename: readers see the old or the new.
void write_whole(const std::filesystem::path& file, const std::string& text);

}  // namespace course::grading
