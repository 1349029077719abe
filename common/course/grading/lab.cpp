// Finds labs in the tree, and the one that a person means.
#include <course/grading/lab.hpp>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace course::grading {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> sorted_cpp_files(const fs::path& folder) {
    std::vector<fs::path> files;
    if (fs::is_directory(folder))
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.path().extension() == ".cpp")
                files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// Levenshtein distance: how many letters must be changed, added or removed.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

fs::path Lab::gap() const {
    std::vector<fs::path> files = sorted_cpp_files(folder());
    std::erase(files, folder() / "main.cpp");
    if (files.size() != 1)
        throw std::runtime_error("labs/" + name +
                                 " must have exactly one .cpp beside main.cpp, but has " +
                                 std::to_string(files.size()));
    return files.front();
}

std::vector<fs::path> Lab::mutants() const {
    return sorted_cpp_files(tests() / "mutants");
}

std::vector<Lab> find_labs(const fs::path& root) {
    std::vector<Lab> labs;
    if (!fs::is_directory(root / "labs"))
        throw std::runtime_error("there is no folder labs in " + root.string() +
                                 ": is this the course?");
    for (const auto& entry : fs::directory_iterator(root / "labs")) {
        const std::string name = entry.path().filename().string();
        if (entry.is_directory() && name.size() > 3 &&
            std::isdigit(static_cast<unsigned char>(name[0])) &&
            std::isdigit(static_cast<unsigned char>(name[1])) && name[2] == '-')
            labs.push_back({name.substr(0, 2), name, root});
    }
    std::sort(labs.begin(), labs.end(), [](const Lab& a, const Lab& b) { return a.name < b.name; });
    return labs;
}

const Lab& find_lab(const std::vector<Lab>& labs, const std::string& wanted) {
    if (labs.empty())
        throw UnknownLab("this course has no labs");
    if (wanted.empty())
        throw UnknownLab("which lab? Name one, such as " + labs.front().number +
                         "; `./course list` shows all");
    for (const Lab& lab : labs)
        if (wanted == lab.name || wanted == lab.number || "0" + wanted == lab.number ||
            wanted == lab.name.substr(3))
            return lab;
    for (const Lab& lab : labs)
        if (wanted.rfind(lab.number + ".", 0) == 0)
            throw UnknownLab(wanted + " is an item of lab " + lab.number + ": ask for " +
                             lab.number + ", which has all its items");
    const auto distance = [&wanted](const Lab& lab) {
        return std::min({edit_distance(wanted, lab.number), edit_distance(wanted, lab.name),
                         edit_distance(wanted, lab.name.substr(3))});
    };
    const Lab& nearest =
        *std::min_element(labs.begin(), labs.end(),
                          [&](const Lab& a, const Lab& b) { return distance(a) < distance(b); });
    throw UnknownLab("unknown lab " + wanted + "; did you mean " + nearest.number + " (" +
                     nearest.name.substr(3) + ")? `./course list` shows all");
}

}  // namespace course::grading
