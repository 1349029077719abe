// `course replay NN.k`: one case of your work in the very schedule that failed, step by step.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include <course/cli/commands.hpp>

namespace course::cli {

namespace {

/// The case that is meant: by its name, or the only one of the item.
const grading::RubricCase& find_case(const grading::Rubric& rubric, const ReplayOptions& options) {
    const grading::RubricItem* item = rubric.find(options.item);
    if (!item)
        throw std::invalid_argument("there is no item " + options.item + " in lab " + rubric.lab +
                                    "; an item is called like " + rubric.items.front().id);
    std::string names;
    for (const auto& one : item->cases) {
        if (one.name == options.test_case || (options.test_case.empty() && item->cases.size() == 1))
            return one;
        names += "\n    --case '" + one.name + "'";
    }
    throw std::invalid_argument("which case of " + options.item + "? Add one of" + names);
}

}  // namespace

int replay(const Session& session, const ReplayOptions& options) {
    const grading::Lab& lab =
        grading::find_lab(session.labs, options.item.substr(0, options.item.find('.')));
    session.make({"lab-" + lab.number});
    const grading::Recipe recipe(session.build(), lab.name);
    if (!recipe.simulated())
        throw std::invalid_argument("lab " + lab.number +
                                    " is not graded in the simulation: there is no schedule to "
                                    "replay; use ./course grade " +
                                    lab.number);
    if (options.schedule.find_first_not_of("0123456789.,:-") != std::string::npos)
        throw std::invalid_argument("--schedule is what ./course grade printed, such as 17");
    const grading::Rubric rubric = grading::rubric_for(lab, recipe, session.build());
    const grading::RubricCase& wanted = find_case(rubric, options);
    const std::filesystem::path file =
        options.file.empty() ? lab.gap() : std::filesystem::path(options.file);
    const std::string program = session.graded_program(lab, file, "replay").string();
    if (!options.schedule.empty())
        setenv("COURSE_SCHEDULE", options.schedule.c_str(), 1);
    std::cout << file.filename().string() << ", \"" << wanted.name << "\""
              << (options.schedule.empty() ? "" : ", schedule " + options.schedule) << std::endl;
    execl(program.c_str(), program.c_str(), ("\"" + wanted.name + "\"").c_str(), nullptr);
    throw std::system_error(errno, std::generic_category(), "cannot start " + program);
}

}  // namespace course::cli
