// Clean text: what students write and print, made harmless for terminals, XML, HTML and Markdown.
#pragma once

#include <string>

namespace course::reports {

/// \p text with everything visible that could move a cursor, change a colour or the direction of
/// writing, or is no UTF-8 that XML can hold: `\x1b`. Line ends and tabs stay.
std::string printable(const std::string& text);

/// `printable`, and safe between the tags and in the attributes of HTML.
std::string html_text(const std::string& text);

/// The first \p lines lines of \p text, and `…` if there is more.
std::string first_lines(const std::string& text, int lines);

/// \p text, cut after \p most bytes, where nobody reads on, with its size.
std::string shortened(const std::string& text, std::size_t most = 600);

}  // namespace course::reports
