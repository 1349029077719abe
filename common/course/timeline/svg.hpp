// Who ran when, drawn for handouts, slides and docs.
#pragma once

#include <course/timeline/model.hpp>
#include <string>
#include <vector>

namespace course::timeline {

/// \p runs as one SVG picture for light paper, readable from 700 px of width on.
///
/// The same runs give the same bytes: there are no addresses in it, no times of day, and no lines of
/// code, which differ with the compiler.
/// \param title  what the picture is called, for those who hear it.
std::string draw_svg(const std::string& title, const std::vector<Run>& runs);

}  // namespace course::timeline
