// `course timeline`: who ran when, in the terminal, as SVG, and the pictures of handouts and decks.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include <course/checking/pictures.hpp>
#include <course/checking/scenes.hpp>
#include <course/cli/commands.hpp>
#include <course/reports/clean_text.hpp>
#include <course/timeline/svg.hpp>
#include <course/timeline/text.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;

namespace {

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text += "\n    \"" + name + "\"";
    return text.empty() ? "\n    (none)" : text;
}

std::vector<std::string> cases_of(const RubricItem& item) {
    std::vector<std::string> names;
    for (const auto& one : item.cases)
        names.push_back(one.name);
    return names;
}

/// What is to be drawn: all scenes, the cases of an item, or the one scene or case that is meant.
std::vector<std::string> wanted_names(const std::vector<std::string>& scenes, const Rubric& rubric,
                                      const std::string& wanted) {
    if (wanted.empty() && !scenes.empty())
        return scenes;
    if (const RubricItem* item = rubric.find(wanted))
        return cases_of(*item);
    std::vector<std::string> cases;
    for (const auto& item : rubric.items)
        for (const auto& name : cases_of(item))
            cases.push_back(name);
    std::vector<std::string> known = scenes;
    known.insert(known.end(), cases.begin(), cases.end());
    for (const auto& name : known)
        if (name == wanted || checking::file_name_of(name) == checking::file_name_of(wanted))
            return {name};
    throw std::invalid_argument(
        (wanted.empty() ? "lab " + rubric.lab + " has no scenes; name a case or an item"
                        : "lab " + rubric.lab + " has no scene, case or item \"" + wanted + "\"") +
        "\n  scenes" + list_of(scenes) + "\n  cases" + list_of(cases));
}

void must_be_simulated(const Lab& lab, const Recipe& recipe) {
    if (!recipe.simulated())
        throw std::invalid_argument("lab " + lab.number +
                                    " is not graded in the simulation: nothing is known of who "
                                    "ran when");
}

std::vector<checking::Scene> watch_all(const Session& session, const fs::path& program,
                                       const std::vector<std::string>& names,
                                       const Limits& limits) {
    std::vector<checking::Scene> scenes(names.size());
    ProcessQueue queue(session.jobs);
    for (std::size_t i = 0; i < names.size(); ++i)
        checking::watch(program, names[i], limits, queue,
                        [&scenes, i](checking::Scene scene) { scenes[i] = std::move(scene); });
    queue.run();
    return scenes;
}

/// Whether \p scene came to nothing but a starter's NotImplemented.
bool is_missing(const checking::Scene& scene) {
    return !scene.runs.empty() &&
           scene.runs.back().message.find("course::NotImplemented") != std::string::npos;
}

int print(const Session& session, const std::vector<checking::Scene>& scenes) {
    bool all = true;
    if (session.json) {
        auto all_scenes = nlohmann::json::array();
        for (const auto& scene : scenes)
            all_scenes.push_back({{"scene", scene.name},
                                  {"runs", nlohmann::json::parse(timeline::to_json(scene.runs))},
                                  {"trouble", scene.trouble}});
        std::cout << all_scenes.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
                  << "\n";
        return success;
    }
    for (const auto& scene : scenes) {
        if (is_missing(scene))
            std::cout << scene.name << "\n  not implemented yet: fill in the TODO first\n\n";
        else if (!scene.runs.empty())
            std::cout << timeline::draw_text(scene.name, scene.runs,
                                             {session.style.color, session.style.width});
        else
            std::cout << scene.name << "\n  " << reports::printable(scene.trouble) << "\n\n";
        all = all && !scene.runs.empty() && !is_missing(scene);
    }
    return all ? success : not_all_well;
}

int draw_lab(const Session& session, const TimelineOptions& options) {
    const bool item = options.lab.find('.') != std::string::npos && options.scene.empty();
    const Lab& lab =
        find_lab(session.labs, item ? options.lab.substr(0, options.lab.find('.')) : options.lab);
    session.make({"lab-" + lab.number});
    const Recipe recipe(session.build(), lab.name);
    must_be_simulated(lab, recipe);
    const fs::path file = options.file.empty() ? lab.gap() : fs::path(options.file);
    const fs::path program = session.graded_program(lab, file, "timeline");
    const auto names =
        wanted_names(checking::scenes_in(program), rubric_for(lab, recipe, session.build()),
                     item ? options.lab : options.scene);
    if (!options.svg.empty() && names.size() > 1)
        throw std::invalid_argument("--svg is for one scene; which?" + list_of(names));
    const auto scenes = watch_all(session, program, names, case_limits(recipe));
    if (options.svg.empty())
        return print(session, scenes);
    if (scenes.front().runs.empty())
        throw std::runtime_error("\"" + names.front() + "\": " + scenes.front().trouble);
    write_whole(options.svg, timeline::draw_svg(names.front(), scenes.front().runs));
    std::cout << options.svg << "\n";
    return success;
}

/// The program of \p lab with \p source in it, built only if it isn't what it must be.
fs::path program_with(const Session& session, const Lab& lab, const Recipe& recipe,
                      const fs::path& source, const std::string& name) {
    const std::string work = "pictures/" + name;
    const fs::path program = session.build() / "work" / lab.name / work / "program";
    if (recipe.is_fresh(program, source))
        return program;
    return session.graded_program(lab, source, work);
}

int make_all(const Session& session, const TimelineOptions& options) {
    std::vector<const Lab*> labs;
    for (const auto& lab : session.labs)
        if (options.lab.empty() || &lab == &find_lab(session.labs, options.lab))
            labs.push_back(&lab);
    for (const Lab* lab : labs)
        if (!fs::is_directory(lab->solution()))
            throw std::invalid_argument("lab " + lab->name +
                                        " has no solution: its pictures came with it");
    const auto changed = make_pictures(session, labs);
    for (const auto& file : changed)
        std::cout << (fs::exists(file) ? "made     " : "deleted  ")
                  << fs::relative(file, session.root).string() << "\n";
    if (!options.stamp.empty() && (!changed.empty() || !fs::exists(options.stamp)))
        write_whole(options.stamp, "");
    return success;
}

}  // namespace

std::vector<fs::path> make_pictures(const Session& session, const std::vector<const Lab*>& labs) {
    std::vector<fs::path> changed;
    for (const Lab* lab : labs) {
        const auto pictures = checking::pictures_referred_to(*lab);
        const bool any = !pictures.empty() || fs::exists(checking::folder_of_pictures(*lab));
        if (!any || !fs::is_directory(lab->solution()))
            continue;
        session.make({"lab-" + lab->number});
        const Recipe recipe(session.build(), lab->name);
        must_be_simulated(*lab, recipe);
        const auto program = [&](const std::string& mutant) {
            return mutant.empty()
                       ? program_with(session, *lab, recipe,
                                      lab->solution() / lab->gap().filename(), "solution")
                       : program_with(session, *lab, recipe,
                                      lab->tests() / "mutants" / (mutant + ".cpp"), mutant);
        };
        const auto drawn = checking::draw(*lab, rubric_for(*lab, recipe, session.build()), pictures,
                                          program, case_limits(recipe), session.jobs);
        if (!drawn.problems.empty())
            throw std::runtime_error(drawn.problems.front());
        for (const auto& file : checking::update(*lab, drawn))
            changed.push_back(file);
    }
    return changed;
}

int timeline(const Session& session, const TimelineOptions& options) {
    if (options.pictures) {
        if (!options.scene.empty() || !options.file.empty() || !options.svg.empty())
            throw std::invalid_argument(
                "--pictures makes all pictures of a lab: ./course timeline 02 --pictures");
        return make_all(session, options);
    }
    if (options.lab.empty())
        throw std::invalid_argument("which lab? ./course timeline 02");
    return draw_lab(session, options);
}

}  // namespace course::cli
