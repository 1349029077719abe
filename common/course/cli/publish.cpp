// `course publish DIR`: the student repository, without solutions, mutants and hidden tests.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <set>

#include <course/checking/lab_files.hpp>
#include <course/cli/commands.hpp>
#include <course/testing/probes.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;

namespace {

/// What a student repository has besides its labs and their tests.
constexpr const char* shared_parts[] = {"CMakePresets.json", "LICENSE", ".clang-format", ".clangd",
                                        ".devcontainer",     "course",  "common"};

/// What handouts refer to.
constexpr const char* shared_pages[] = {"docs/simulation.md", "docs/process-pool.md"};

void copy_part(const fs::path& from, const fs::path& to) {
    if (!fs::exists(from))
        return;
    fs::create_directories(to.parent_path());
    fs::copy(from, to, fs::copy_options::recursive);
}

/// \p rubric without the cases in hidden/, which are the instructor's alone.
Rubric visible_part(const Lab& lab, Rubric rubric) {
    for (auto& item : rubric.items)
        std::erase_if(item.cases, [&lab](const RubricCase& one) {
            return !fs::exists(lab.tests() / one.file);
        });
    std::erase_if(rubric.items, [](const RubricItem& item) { return item.cases.empty(); });
    return rubric;
}

/// Nobody wants to publish a solution: the gap must still have all of its TODOs.
void must_be_starter(const Lab& lab, const Rubric& rubric) {
    const std::string text = testing::contents(lab.gap());
    for (const auto& item : rubric.items)
        if (text.find("TODO(" + item.id + ")") == std::string::npos)
            throw std::runtime_error(lab.gap().string() + " has no TODO(" + item.id +
                                     ") any more: put the starter back before you publish it");
}

/// The root CMakeLists.txt, with the lines of the published labs only.
std::string cmake_lists_for(const fs::path& root, const std::set<std::string>& published) {
    std::ifstream file(root / "CMakeLists.txt");
    static const std::regex lab_line(R"(course_lab\((\d\d) ([^ )]+).*\).*)");
    std::string text;
    for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (!std::regex_match(line, match, lab_line) ||
            published.contains(match[1].str() + "-" + match[2].str()))
            text += line + "\n";
    }
    return text;
}

/// The text of the page \p from of the course, which is going to be \p place in the folder \p to: a link to a
/// page that is not there becomes its words.
std::string page_for(const fs::path& root, const fs::path& from, const fs::path& to,
                     const fs::path& place) {
    static const std::regex link(R"(\[([^\]\[]*)\]\(([^):#\s]+)\))");
    const std::string text = testing::contents(from);
    std::string page;
    auto rest = text.cbegin();
    for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at) {
        page.append(rest, (*at)[0].first);
        rest = (*at)[0].second;
        const fs::path target =
            (from.parent_path() / (*at)[2].str()).lexically_normal().lexically_relative(root);
        page += fs::exists(to / target)
                    ? fmt::format("[{}]({})", (*at)[1].str(),
                                  target.lexically_relative(place.parent_path()).string())
                    : (*at)[1].str();
    }
    return page.append(rest, text.cend());
}

}  // namespace

int publish(const Session& session, const std::string& folder,
            const std::vector<std::string>& only) {
    const fs::path to = folder;
    if (fs::exists(to) && !fs::is_directory(to))
        throw std::runtime_error(folder + " is a file: publish writes into a new folder");
    if (fs::exists(to) && !fs::is_empty(to))
        throw std::runtime_error(folder + " is not empty: publish writes into a new folder");
    std::vector<const Lab*> labs;
    for (const auto& wanted : only)
        labs.push_back(&find_lab(session.labs, wanted));
    if (labs.empty())
        for (const auto& lab : session.labs)
            labs.push_back(&lab);

    std::set<std::string> published;
    std::vector<std::string> targets;
    for (const Lab* lab : labs)
        targets.push_back("lab-" + lab->number);
    session.make(targets);
    make_pictures(session, labs);
    for (const Lab* lab : labs) {
        const Rubric rubric = visible_part(
            *lab, rubric_for(*lab, Recipe(session.build(), lab->name), session.build()));
        must_be_starter(*lab, rubric);
        published.insert(lab->name);
        for (const auto& entry : fs::directory_iterator(lab->folder()))
            if (checking::belongs_to_lab(*lab, entry.path()))
                copy_part(entry.path(), to / "labs" / lab->name / entry.path().filename());
        for (const auto& entry : fs::directory_iterator(lab->tests()))
            if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
                copy_part(entry.path(), to / "tests" / lab->name / entry.path().filename());
        save(rubric, to / "tests" / lab->name / "rubric.json");
    }
    for (const char* part : shared_parts)
        copy_part(session.root / part, to / part);
    write_whole(to / "CMakeLists.txt", cmake_lists_for(session.root, published));
    std::map<fs::path, fs::path> pages{{"README.md", "docs/students.md"}};
    for (const fs::path page : shared_pages) {
        copy_part(session.root / page, to / page);  // so that links to it stay
        pages[page] = page;
    }
    for (const Lab* lab : labs)
        pages[fs::path("labs") / lab->name / "README.md"] = lab->folder() / "README.md";
    for (const auto& [place, from] : pages)
        write_whole(to / place, page_for(session.root, session.root / from, to, place));
    write_whole(to / ".gitignore", "/build/\n");
    std::cout << fmt::format("{} labs published to {}\nTry it: cd {} && ./course\n", labs.size(),
                             folder, folder);
    return success;
}

}  // namespace course::cli
