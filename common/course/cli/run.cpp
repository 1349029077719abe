// `course run NN`: the lab's small program, with the student's file in it.
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <course/cli/commands.hpp>

namespace course::cli {

int run(const Session& session, const std::string& wanted,
        const std::vector<std::string>& arguments) {
    const grading::Lab& lab = grading::find_lab(session.labs, wanted);
    session.make({"lab-" + lab.number + "-program"});
    const std::string program = (session.build() / "labs" / lab.name / "program").string();
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    throw std::system_error(errno, std::generic_category(), "cannot start " + program);
}

}  // namespace course::cli
