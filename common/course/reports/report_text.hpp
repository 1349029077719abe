// Reports for people at a terminal: the rubric view of one lab, and what is handed back to a student.
#pragma once

#include <course/grading/gradebook.hpp>
#include <course/grading/handout.hpp>
#include <map>
#include <string>

namespace course::reports {

/// The hints of each lab, by name of the lab.
using HintsByLab = std::map<std::string, grading::Hints>;

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
    std::string by(grading::Verdict verdict, const std::string& text) const;

  private:
    std::string wrap(const char* code, const std::string& text) const {
        return color_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
    }
    bool color_;
};

/// The rubric, item by item: points, what was expected, what happened, one hint.
/// \param hints  the lab's hints by item; the first one is shown where the test itself gave none.
std::string rubric_view(const grading::LabResult& result, const grading::Hints& hints,
                        const TextStyle& style);

/// What a student needs to know about \p failure, a case of \p item that did not pass, a label and a
/// text in each line: what happened, what was expected, where, the hint.
std::string explanation(const grading::ItemResult& item, const grading::CaseResult& failure,
                        const grading::Rubric& rubric, const grading::Hints& hints,
                        const TextStyle& style);

/// The hint for the student whose \p item came out so: the test's own, else the first of the
/// item's.
std::string hint_for(const grading::ItemResult& item, const grading::Hints& hints);

/// What can be handed back to a student: the rubric view of each lab, as plain text.
std::string feedback(const grading::GradebookRow& row, const HintsByLab& hints);

/// The hints of \p lab in \p hints; none if it is not there.
const grading::Hints& hints_of(const std::string& lab, const HintsByLab& hints);

/// A bar like `██████░░░░`, \p width columns wide.
std::string progress_bar(int score, int points, int width);

}  // namespace course::reports
