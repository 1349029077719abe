// A grid of words, as text for a terminal, as Markdown, HTML and CSV.
#pragma once

#include <string>
#include <vector>

namespace bench {

/// Rows of cells below a head. Each row has as many cells as the head.
struct Grid {
    std::vector<std::string> head;
    std::vector<std::vector<std::string>> rows;

    /// Columns that are in line: the first one to the left, the others to the right.
    std::string text() const;
    /// A table of GitHub's Markdown.
    std::string markdown() const;
    /// A `<table>`.
    std::string html() const;
    /// With a line for the head. No cell may have a comma in it.
    std::string csv() const;
};

/// \p text with `&`, `<`, `>` and `"` as HTML wants them.
std::string escaped(const std::string& text);

/// \p seconds for people: three digits, and ns, us, ms or s.
std::string time_in_words(double seconds);
/// \p bytes for people: three digits, and B, KiB, MiB or GiB.
std::string size_in_words(double bytes);
/// Three digits of \p value.
std::string three_digits(double value);
/// `1,000`.
std::string with_commas(int number);
/// \p number for a machine: as many digits as it needs, without a unit.
std::string plain(double number);

}  // namespace bench
