// Finds the longest common subsequence of lines. No Debian package has a C++ library for it.
#include <course/reports/line_diff.hpp>

#include <algorithm>
#include <sstream>

namespace course::reports {

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
    Lines lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (line.ends_with('\r'))
            line.pop_back();
        lines.push_back(line);
    }
    return lines;
}

/// The difference of what is between the common beginning and the common end.
std::vector<DiffLine> middle(const Lines& a, const Lines& b) {
    std::vector<DiffLine> out;
    constexpr std::size_t most_cells = std::size_t{4} << 20;
    const bool compared = a.size() * b.size() <= most_cells;
    // length[i][k]: of the longest common subsequence of a from i and b from k
    std::vector<std::vector<std::size_t>> length(compared ? a.size() + 1 : 1,
                                                 std::vector<std::size_t>(b.size() + 1, 0));
    if (compared)
        for (std::size_t i = a.size(); i-- > 0;)
            for (std::size_t k = b.size(); k-- > 0;)
                length[i][k] = a[i] == b[k] ? length[i + 1][k + 1] + 1
                                            : std::max(length[i + 1][k], length[i][k + 1]);
    std::size_t i = 0;
    std::size_t k = 0;
    while (compared && i < a.size() && k < b.size()) {
        if (a[i] == b[k])
            out.push_back({' ', a[i++]}), ++k;
        else if (length[i + 1][k] >= length[i][k + 1])
            out.push_back({'-', a[i++]});
        else
            out.push_back({'+', b[k++]});
    }
    while (i < a.size())
        out.push_back({'-', a[i++]});
    while (k < b.size())
        out.push_back({'+', b[k++]});
    return out;
}

/// \p all with a '~' for each run of unchanged lines that nobody needs to see.
std::vector<DiffLine> near_changes(const std::vector<DiffLine>& all) {
    constexpr std::ptrdiff_t around = 3;
    const auto size = static_cast<std::ptrdiff_t>(all.size());
    std::vector<bool> shown(all.size(), false);
    for (std::ptrdiff_t at = 0; at < size; ++at)
        if (all[static_cast<std::size_t>(at)].kind != ' ')
            for (auto i = std::max<std::ptrdiff_t>(0, at - around);
                 i < std::min(size, at + around + 1); ++i)
                shown[static_cast<std::size_t>(i)] = true;
    std::vector<DiffLine> out;
    for (std::size_t at = 0; at < all.size(); ++at) {
        if (shown[at]) {
            out.push_back(all[at]);
            continue;
        }
        const std::size_t start = at;
        while (at + 1 < all.size() && !shown[at + 1])
            ++at;
        out.push_back({'~', std::to_string(at + 1 - start)});
    }
    return out;
}

}  // namespace

std::vector<DiffLine> line_diff(const std::string& before, const std::string& after) {
    const Lines a = lines_of(before);
    const Lines b = lines_of(after);
    const auto [first_a, first_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto limit = std::min(a.end() - first_a, b.end() - first_b);
    std::ptrdiff_t tail = 0;
    while (tail < limit && *(a.end() - tail - 1) == *(b.end() - tail - 1))
        ++tail;
    std::vector<DiffLine> all;
    for (auto line = a.begin(); line != first_a; ++line)
        all.push_back({' ', *line});
    for (auto& line : middle({first_a, a.end() - tail}, {first_b, b.end() - tail}))
        all.push_back(std::move(line));
    for (auto line = a.end() - tail; line != a.end(); ++line)
        all.push_back({' ', *line});
    return near_changes(all);
}

}  // namespace course::reports
