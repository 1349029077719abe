// Compares the files of a lab with each other.
#include <course/checking/lab_files.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

#include <course/grading/handout.hpp>
#include <course/testing/probes.hpp>

namespace course::checking {

namespace fs = std::filesystem;

namespace {

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
    const std::regex regex(pattern);
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

std::string join(const std::set<std::string>& names) {
    std::string text;
    for (const auto& one : names)
        text += (text.empty() ? "" : " ") + one;
    return text.empty() ? "none" : text;
}

template <class Map>
std::set<std::string> keys(const Map& map) {
    std::set<std::string> names;
    for (const auto& [key, value] : map)
        names.insert(key);
    return names;
}

using Patterns = std::vector<std::string>;

bool matches_one_of(const Patterns& patterns, const fs::path& file) {
    return std::any_of(patterns.begin(), patterns.end(), [&file](const std::string& pattern) {
        return std::regex_match(file.filename().string(), std::regex(pattern));
    });
}

/// The names that files in labs/NN-topic have.
Patterns names_in_lab(const grading::Lab& lab) {
    return {R"(README\.md)",      R"(hints\.md)", R"(main\.cpp)", lab.gap().filename().string(),
            R"([a-z0-9_]+\.hpp)",  // the contract, and code that is given
            R"(.*\.svg)",         "timelines"};
}

/// Files of \p folder that match none of \p allowed, as paths from the course's root.
std::set<std::string> strays(const fs::path& root, const fs::path& folder,
                             const Patterns& allowed) {
    std::set<std::string> found;
    if (!fs::is_directory(folder))
        return found;
    for (const auto& entry : fs::directory_iterator(folder))
        if (!matches_one_of(allowed, entry.path()))
            found.insert(fs::relative(entry.path(), root).string());
    return found;
}

}  // namespace

bool belongs_to_lab(const grading::Lab& lab, const fs::path& file) {
    return matches_one_of(names_in_lab(lab), file);
}

std::vector<std::string> problems_with_files(const grading::Lab& lab,
                                             const grading::Rubric& rubric) {
    std::vector<std::string> problems;
    std::set<std::string> items;
    for (const auto& item : rubric.items)
        items.insert(item.id);
    const auto same = [&](const std::string& what, const std::set<std::string>& found) {
        if (found != items)
            problems.push_back(
                fmt::format("{} has {}, the tests have {}", what, join(found), join(items)));
    };
    const std::string gap = lab.gap().filename().string();
    const std::string stem = lab.gap().stem().string();
    same("the handout", keys(grading::Handout(lab.folder() / "README.md").headings()));
    same("hints.md", keys(grading::read_hints(lab.folder() / "hints.md")));
    same("the starter's TODOs", matches(testing::contents(lab.gap()), R"(TODO\((\d\d\.\d+)\))"));
    same("the contract",
         matches(testing::contents(lab.folder() / rubric.contract), R"(\b(\d\d\.\d+)\b)"));
    same("the deck",
         matches(testing::contents(lab.root / "slides" / (lab.name + ".md")), R"(\b(\d\d\.\d)\b)"));

    if (rubric.points() != 10)
        problems.push_back(fmt::format("the items have {} points in all, not 10", rubric.points()));
    if (items.size() < 3 || items.size() > 6)
        problems.push_back(fmt::format("there are {} items, not 3 to 6", items.size()));
    if (lab.mutants().size() < 6)
        problems.push_back(
            fmt::format("there are {} mutants, not at least 6", lab.mutants().size()));
    for (const auto& item : rubric.items)
        for (const auto& one : item.cases)
            if (one.name.find_first_of(",[]\"\\*~") != std::string::npos)
                problems.push_back(
                    "the name of a case has a character that Catch2 takes for syntax: " + one.name);
    if (testing::contents(lab.solution() / gap).find("TODO") != std::string::npos)
        problems.push_back("the solution still has a TODO");
    for (const auto& [folder, allowed] : std::vector<std::pair<fs::path, std::vector<std::string>>>{
             {lab.folder(), names_in_lab(lab)},
             {lab.solution(), {stem + R"(\.cpp)"}},
             {lab.tests(),
              {stem + R"(_test\.cpp)", R"(scenes\.cpp)", "mutants", "hidden",
               R"([a-z0-9_]+\.hpp)"}},  // what the tests know, such as measured times
             {lab.tests() / "mutants", {R"([a-z0-9_]+\.cpp)"}}})
        for (const auto& stray : strays(lab.root, folder, allowed))
            problems.push_back(stray + " does not belong there");
    return problems;
}

}  // namespace course::checking
