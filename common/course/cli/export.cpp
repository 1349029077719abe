// `course export PLATFORM DIR`: the autograder in the shape that a platform wants.
#include <fmt/format.h>

#include <iostream>
#include <stdexcept>

#include <course/cli/commands.hpp>
#include <course/cli/published_tree.hpp>

namespace course::cli {

namespace fs = std::filesystem;

namespace {

/// \p files of the folder \p from as the archive \p archive; CMake knows both formats, and is there.
void pack(const fs::path& archive, const std::string& format, const fs::path& from,
          const std::vector<std::string>& files) {
    std::vector<std::string> command{
        "cmake", "-E", "tar", "cf", fs::absolute(archive).string(), "--format=" + format};
    command.insert(command.end(), files.begin(), files.end());
    if (const Finished packed = execute(command, from); packed.status != 0)
        throw std::runtime_error("cannot pack " + archive.string() + ":\n" + packed.output);
}

void export_gradescope(const Session& session, const fs::path& to,
                       const std::vector<const grading::Lab*>& labs) {
    const fs::path contents = to / "autograder";
    write_tree(session, contents / "course", labs, HiddenTests::included);
    const fs::path scripts = session.root / "common" / "platforms";
    for (const char* file : {"gradescope/setup.sh", "gradescope/run_autograder", "prepare.sh"})
        fs::copy_file(scripts / file, contents / fs::path(file).filename());
    pack(to / "autograder.zip", "zip", contents,
         {"setup.sh", "run_autograder", "prepare.sh", "course"});
    fs::remove_all(contents);
    std::cout << fmt::format(
        "Written to {}: autograder.zip\n"
        "Upload it as the autograder of a Gradescope assignment, with Ubuntu 24.04 as its base.\n",
        to.string());
}

void export_autolab(const Session& session, const fs::path& to,
                    const std::vector<const grading::Lab*>& labs) {
    write_tree(session, to / "image" / "course", labs, HiddenTests::included);
    const fs::path scripts = session.root / "common" / "platforms";
    fs::copy_file(scripts / "prepare.sh", to / "image" / "prepare.sh");
    fs::copy_file(scripts / "autolab" / "Dockerfile", to / "image" / "Dockerfile");
    fs::copy_file(scripts / "autolab" / "autograde-Makefile", to / "autograde-Makefile");
    pack(to / "autograde.tar", "gnutar", scripts / "autolab", {"grade.sh"});
    std::cout << fmt::format(
        "Written to {0}: autograde-Makefile and autograde.tar for the assessment, and image/ for "
        "Tango: "
        "docker build -t three-kitchens {0}/image\n"
        "The problems of the assessment are the items; what is handed in is one of these files:\n",
        to.string());
    for (const grading::Lab* lab : labs)
        std::cout << "  " << lab->gap().filename().string() << "\n";
}

void export_github(const Session& session, const fs::path& to,
                   const std::vector<const grading::Lab*>& labs) {
    write_tree(session, to, labs, HiddenTests::left_out);
    const fs::path workflow = to / ".github" / "workflows" / "grade.yml";
    fs::create_directories(workflow.parent_path());
    fs::copy_file(session.root / "common" / "platforms" / "github" / "grade.yml", workflow);
    std::cout << fmt::format(
        "Written to {}: the student repository, which grades itself at every push.\n"
        "It has no hidden tests, since its owner can read all that is in it.\n",
        to.string());
}

}  // namespace

const std::vector<std::string>& platforms() {
    static const std::vector<std::string> names{"autolab", "github", "gradescope"};
    return names;
}

int export_to(const Session& session, const std::string& platform, const std::string& folder,
              const std::vector<std::string>& only) {
    must_be_new(folder);
    const auto labs = labs_named(session, only);
    if (platform == "gradescope")
        export_gradescope(session, folder, labs);
    else if (platform == "autolab")
        export_autolab(session, folder, labs);
    else if (platform == "github")
        export_github(session, folder, labs);
    else
        throw std::invalid_argument("there is no export for " + platform);
    return success;
}

}  // namespace course::cli
