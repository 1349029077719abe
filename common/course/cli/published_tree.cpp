// Copies what may be given away.
#include <course/cli/published_tree.hpp>

#include <fmt/format.h>

#include <fstream>
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
Rubric visible_part(Rubric rubric) {
    for (auto& item : rubric.items)
        std::erase_if(item.cases, [](const RubricCase& one) { return one.hidden; });
    std::erase_if(rubric.items, [](const RubricItem& item) { return item.cases.empty(); });
    return rubric;
}

void copy_tests(const fs::path& from, const fs::path& to) {
    if (!fs::is_directory(from))
        return;
    for (const auto& entry : fs::directory_iterator(from))
        if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
            copy_part(entry.path(), to / entry.path().filename());
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

std::vector<const Lab*> labs_named(const Session& session, const std::vector<std::string>& only) {
    std::vector<const Lab*> labs;
    for (const auto& wanted : only)
        labs.push_back(&find_lab(session.labs, wanted));
    if (labs.empty())
        for (const auto& lab : session.labs)
            labs.push_back(&lab);
    return labs;
}

void must_be_new(const fs::path& folder) {
    if (fs::exists(folder) && !fs::is_directory(folder))
        throw std::runtime_error(folder.string() + " is a file: name a new folder");
    if (fs::exists(folder) && !fs::is_empty(folder))
        throw std::runtime_error(folder.string() + " is not empty: name a new folder");
}

void write_tree(const Session& session, const fs::path& to, const std::vector<const Lab*>& labs,
                HiddenTests hidden) {
    std::set<std::string> published;
    std::vector<std::string> targets;
    for (const Lab* lab : labs)
        targets.push_back("lab-" + lab->number);
    session.make(targets);
    make_pictures(session, labs);
    for (const Lab* lab : labs) {
        Rubric rubric = rubric_for(*lab, Recipe(session.build(), lab->name), session.build());
        if (hidden == HiddenTests::left_out)
            rubric = visible_part(std::move(rubric));
        must_be_starter(*lab, rubric);
        published.insert(lab->name);
        for (const auto& entry : fs::directory_iterator(lab->folder()))
            if (checking::belongs_to_lab(*lab, entry.path()))
                copy_part(entry.path(), to / "labs" / lab->name / entry.path().filename());
        copy_tests(lab->tests(), to / "tests" / lab->name);
        if (hidden == HiddenTests::included)
            copy_tests(lab->tests() / "hidden", to / "tests" / lab->name / "hidden");
        save(rubric, to / "tests" / lab->name / "rubric.json");
    }
    for (const char* part : shared_parts)
        copy_part(session.root / part, to / part);
    fs::remove_all(to / "common" / "platforms");
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
}

}  // namespace course::cli
