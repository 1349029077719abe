// Who ran when, drawn for a terminal.
#pragma once

#include <course/timeline/model.hpp>
#include <string>
#include <vector>

namespace course::timeline {

/// How a terminal is drawn on.
struct TextOptions {
    /// ANSI colours on.
    bool color = false;
    /// Columns.
    int width = 100;
};

/// \p runs one below the other, under \p heading; runs with virtual time share one scale.
std::string draw_text(const std::string& heading, const std::vector<Run>& runs,
                      const TextOptions& options);

}  // namespace course::timeline
