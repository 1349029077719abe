// Draws grids and numbers.
#include "grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace bench {

namespace {

/// \p cells between \p before and \p after each, in a line.
std::string line(const std::vector<std::string>& cells, const std::string& before,
                 const std::string& after) {
    std::string all;
    for (const std::string& cell : cells)
        all += before + cell + after;
    return all;
}

}  // namespace

std::string Grid::text() const {
    std::vector<std::size_t> widths(head.size(), 0);
    auto lines = rows;
    lines.insert(lines.begin(), head);
    for (const auto& row : lines)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string all;
    for (const auto& row : lines) {
        all += "  ";
        for (std::size_t i = 0; i < row.size(); ++i)
            all += i == 0 ? fmt::format("{:<{}}", row[i], widths[i])
                          : fmt::format("  {:>{}}", row[i], widths[i]);
        all += "\n";
    }
    return all;
}

std::string Grid::markdown() const {
    std::string all = "|" + line(head, " ", " |") + "\n|";
    for (std::size_t i = 0; i < head.size(); ++i)
        all += i == 0 ? " --- |" : " ---: |";
    for (const auto& row : rows)
        all += "\n|" + line(row, " ", " |");
    return all + "\n";
}

std::string Grid::html() const {
    const auto escaped_row = [](std::vector<std::string> row) {
        for (std::string& cell : row)
            cell = escaped(cell);
        return row;
    };
    std::string all = "<table>\n<thead><tr>" + line(escaped_row(head), "<th>", "</th>") +
                      "</tr></thead>\n<tbody>\n";
    for (const auto& row : rows)
        all += "<tr>" + line(escaped_row(row), "<td>", "</td>") + "</tr>\n";
    return all + "</tbody>\n</table>\n";
}

std::string Grid::csv() const {
    std::string all;
    const auto add = [&](const std::vector<std::string>& row) {
        all += fmt::format("{}\n", fmt::join(row, ","));
    };
    add(head);
    for (const auto& row : rows)
        add(row);
    return all;
}

std::string escaped(const std::string& text) {
    std::string all;
    for (const char c : text)
        all += c == '&'   ? "&amp;"
               : c == '<' ? "&lt;"
               : c == '>' ? "&gt;"
               : c == '"' ? "&quot;"
                          : std::string(1, c);
    return all;
}

std::string three_digits(double value) {
    const int whole = value < 1 ? 1 : static_cast<int>(std::floor(std::log10(value))) + 1;
    return fmt::format("{:.{}f}", value, std::max(0, 3 - whole));
}

std::string time_in_words(double seconds) {
    const std::array<std::pair<double, const char*>, 4> units{
        {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}};
    for (const auto& [unit, name] : units)
        if (seconds >= 0.9995 * unit || unit == 1e-9)
            return three_digits(seconds / unit) + " " + name;
    return "";
}

std::string size_in_words(double bytes) {
    const char* const units[] = {"B", "KiB", "MiB", "GiB"};
    std::size_t unit = 0;
    for (; bytes >= 999.5 && unit + 1 < std::size(units); ++unit)
        bytes /= 1024;
    return three_digits(bytes) + " " + units[unit];
}

std::string with_commas(int number) {
    std::string digits = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

std::string plain(double number) {
    return fmt::format("{:.6g}", number);
}

}  // namespace bench
