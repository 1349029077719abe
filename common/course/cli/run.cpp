// `course run NN`: the lab's small program, with the student's file in it.
#include <course/cli/commands.hpp>

namespace course::cli {

int run(const Session& session, const std::string& wanted,
        const std::vector<std::string>& arguments) {
    const grading::Lab& lab = grading::find_lab(session.labs, wanted);
    session.make({"lab-" + lab.number + "-program"});
    std::vector<std::string> command{(session.build() / "labs" / lab.name / "program").string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    become(command);
}

}  // namespace course::cli
