// Draws the kill matrix.
#include <course/checking/kill_matrix.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace course::checking {

std::string KillMatrix::text(const grading::Rubric& rubric, const reports::Paint& paint) const {
    std::vector<const Row*> sorted;
    std::size_t widest = 8;
    for (const Row& row : rows) {
        sorted.push_back(&row);
        widest = std::max(widest, row.mutant.name.size());
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const Row* a, const Row* b) { return a->mutant.name < b->mutant.name; });
    std::string out = fmt::format("  {:<{}}", "mutant", widest);
    for (const auto& item : rubric.items)
        out += "  " + item.id;
    out += "\n";
    for (const Row* row : sorted) {
        out += fmt::format("  {:<{}}", row->mutant.name, widest);
        for (const auto& item : row->result.items) {
            const bool lost = item.score() < item.rubric.points();
            const bool named = row->mutant.loses.contains(item.rubric.id);
            const std::string cell =
                lost ? (named ? "  ✗  " : "EXTRA") : (named ? "ALIVE" : "  ·  ");
            out += "  " + (lost != named ? paint.bad(cell)
                           : lost        ? paint.good(cell)
                                         : paint.dim(cell));
        }
        out += "  " + paint.dim(row->mutant.mistake) + "\n";
    }
    return out;
}

}  // namespace course::checking
