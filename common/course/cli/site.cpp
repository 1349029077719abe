// `course docs` and `course slides`: build the site.
#include <iostream>

#include <course/cli/commands.hpp>

namespace course::cli {

namespace {
int build_part(const Session& session, const std::string& part, const std::string& result) {
    if (!std::filesystem::is_directory(session.root / part))
        throw std::runtime_error("there are no " + part + " in a student repository");
    session.make({part});
    std::cout << (session.build() / "site" / result).string() << "\n";
    return success;
}
}  // namespace

int docs(const Session& session) {
    return build_part(session, "docs", "docs/html/index.html");
}

int slides(const Session& session) {
    return build_part(session, "slides", "slides");
}

}  // namespace course::cli
