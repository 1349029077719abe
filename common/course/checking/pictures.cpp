// Finds references to pictures, draws the pictures, and compares.
#include <course/checking/pictures.hpp>

#include <fmt/format.h>

#include <regex>
#include <set>

#include <course/checking/scenes.hpp>
#include <course/testing/probes.hpp>
#include <course/timeline/svg.hpp>

namespace course::checking {

namespace fs = std::filesystem;
using namespace grading;

namespace {

/// Add the pictures that \p file refers to after \p before, a regular expression.
void add_references(const Lab& lab, const fs::path& file, const std::string& before,
                    std::map<std::string, Picture>& pictures) {
    const std::string text = testing::contents(file);
    const std::regex reference(before + R"(timelines/([a-z0-9-]+?)(?:--([a-z0-9_]+))?\.svg)");
    for (std::sregex_iterator at(text.begin(), text.end(), reference), end; at != end; ++at) {
        const std::string scene = (*at)[1];
        const std::string mutant = (*at)[2];
        const std::string name = mutant.empty() ? scene : scene + "--" + mutant;
        pictures.try_emplace(name,
                             Picture{name, scene, mutant, fs::relative(file, lab.root).string()});
    }
}

std::vector<fs::path> pages_in(const fs::path& folder) {
    std::vector<fs::path> pages;
    if (fs::is_directory(folder))
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.path().extension() == ".md")
                pages.push_back(entry.path());
    return pages;
}

std::string command_for(const Lab& lab) {
    return "./course timeline " + lab.number + " --pictures";
}

/// The committed pictures by name.
std::set<std::string> committed(const Lab& lab) {
    std::set<std::string> names;
    if (fs::is_directory(folder_of_pictures(lab)))
        for (const auto& entry : fs::directory_iterator(folder_of_pictures(lab)))
            names.insert(entry.path().filename().string());
    return names;
}

fs::path file_of(const Lab& lab, const std::string& name) {
    return folder_of_pictures(lab) / (name + ".svg");
}

}  // namespace

fs::path folder_of_pictures(const Lab& lab) {
    return lab.folder() / "timelines";
}

std::vector<Picture> pictures_referred_to(const Lab& lab) {
    std::map<std::string, Picture> pictures;
    for (const auto& page : pages_in(lab.folder()))
        add_references(lab, page, R"((?:^|[^/\w]))", pictures);
    for (const auto* folder : {"slides", "docs"})
        for (const auto& page : pages_in(lab.root / folder))
            add_references(lab, page, lab.name + "/", pictures);
    std::vector<Picture> all;
    for (auto& [name, picture] : pictures)
        all.push_back(std::move(picture));
    return all;
}

DrawnPictures draw(const Lab& lab, const Rubric& rubric, const std::vector<Picture>& pictures,
                   const std::function<fs::path(const std::string& mutant)>& program,
                   const Limits& limits, int jobs) {
    DrawnPictures result;
    std::map<std::string, std::string> names;  // of scenes and cases by file name
    if (!pictures.empty()) {
        for (const auto& item : rubric.items)
            for (const auto& one : item.cases)
                names[file_name_of(one.name)] = one.name;
        for (const auto& scene : scenes_in(program("")))
            names[file_name_of(scene)] = scene;
    }
    ProcessQueue queue(jobs);
    for (const auto& picture : pictures) {
        const auto problem = [&result, &picture](const std::string& what) {
            result.problems.push_back(fmt::format("{} shows timelines/{}.svg, but {}",
                                                  picture.referrer, picture.name, what));
        };
        const auto scene = names.find(picture.scene);
        const fs::path mutant = lab.tests() / "mutants" / (picture.mutant + ".cpp");
        if (scene == names.end()) {
            std::string known;
            for (const auto& [file, name] : names)
                known += (known.empty() ? "" : ", ") + file;
            problem("there is no scene of that name; there are " + known);
        } else if (!picture.mutant.empty() && !fs::exists(mutant)) {
            problem("there is no mutant " + picture.mutant);
        } else {
            watch(program(picture.mutant), scene->second, limits, queue,
                  [&result, &picture, problem](const Scene& watched) {
                      if (watched.runs.empty())
                          problem(watched.trouble);
                      else
                          result.drawn[picture.name] =
                              timeline::draw_svg(watched.name, watched.runs);
                  });
        }
    }
    queue.run();
    return result;
}

std::vector<std::string> problems_with_pictures(const Lab& lab, const DrawnPictures& pictures) {
    std::vector<std::string> problems = pictures.problems;
    std::set<std::string> strays = committed(lab);
    for (const auto& [name, svg] : pictures.drawn) {
        const fs::path file = file_of(lab, name);
        strays.erase(file.filename().string());
        if (!fs::exists(file) || testing::contents(file) != svg)
            problems.push_back(
                fmt::format("{} is {}: call {}", fs::relative(file, lab.root).string(),
                            fs::exists(file) ? "out of date" : "missing", command_for(lab)));
    }
    for (const auto& stray : strays)
        problems.push_back(fmt::format(
            "{} is shown nowhere: call {}",
            fs::relative(folder_of_pictures(lab) / stray, lab.root).string(), command_for(lab)));
    return problems;
}

std::vector<fs::path> update(const Lab& lab, const DrawnPictures& pictures) {
    std::vector<fs::path> changed;
    std::set<std::string> strays = committed(lab);
    for (const auto& [name, svg] : pictures.drawn) {
        const fs::path file = file_of(lab, name);
        strays.erase(file.filename().string());
        if (fs::exists(file) && testing::contents(file) == svg)
            continue;
        fs::create_directories(file.parent_path());
        write_whole(file, svg);
        changed.push_back(file);
    }
    for (const auto& stray : strays) {
        fs::remove(folder_of_pictures(lab) / stray);
        changed.push_back(folder_of_pictures(lab) / stray);
    }
    if (fs::is_directory(folder_of_pictures(lab)) && fs::is_empty(folder_of_pictures(lab)))
        fs::remove(folder_of_pictures(lab));
    return changed;
}

}  // namespace course::checking
