// `course publish DIR`: the student repository, without solutions, mutants and hidden tests.
#include <fmt/format.h>

#include <iostream>

#include <course/cli/commands.hpp>
#include <course/cli/published_tree.hpp>

namespace course::cli {

int publish(const Session& session, const std::string& folder,
            const std::vector<std::string>& only) {
    must_be_new(folder);
    const auto labs = labs_named(session, only);
    write_tree(session, folder, labs, HiddenTests::left_out);
    std::cout << fmt::format("{} labs published to {}\nTry it: cd {} && ./course\n", labs.size(),
                             folder, folder);
    return success;
}

}  // namespace course::cli
