// Reports for people at a terminal: the rubric view of one lab, and a line for each submission.
#pragma once

#include <course/grading/grader.hpp>
#include <map>
#include <string>
#include <vector>

namespace course::grading {

/// How text is drawn.
struct TextStyle {
    /// ANSI colours on.
    bool color = false;
    /// Columns of the terminal.
    int width = 100;
};

/// ANSI colours by meaning; each gives the text back unchanged when colours are off.
class Paint {
  public:
    /// \param style  whether there are colours.
    explicit Paint(const TextStyle& style) : color_(style.color) {}
    /// Full marks.
    std::string good(const std::string& text) const { return wrap("32", text); }
    /// Lost points.
    std::string bad(const std::string& text) const { return wrap("31", text); }
    /// Not done yet, partly done.
    std::string open(const std::string& text) const { return wrap("33", text); }
    /// Less important.
    std::string dim(const std::string& text) const { return wrap("2", text); }
    /// Headings.
    std::string strong(const std::string& text) const { return wrap("1", text); }
    /// The colour that \p verdict has.
    std::string by(Verdict verdict, const std::string& text) const;

  private:
    std::string wrap(const char* code, const std::string& text) const {
        return color_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
    }
    bool color_;
};

/// The rubric, item by item: points, what was expected, what happened, one hint.
/// \param hints  the lab's hints by item; the first one is shown where the test itself gave none.
std::string rubric_view(const LabResult& result,
                        const std::map<std::string, std::vector<std::string>>& hints,
                        const TextStyle& style);

/// The hint for the student whose \p item came out so: the test's own, else the first of the
/// item's.
std::string hint_for(const ItemResult& item,
                     const std::map<std::string, std::vector<std::string>>& hints);

/// A bar like `██████░░░░`, \p width columns wide.
std::string progress_bar(int score, int points, int width);

/// \p text with everything that could move a cursor or change a colour made visible, and bad UTF-8
/// replaced.
std::string printable(const std::string& text);

}  // namespace course::grading
