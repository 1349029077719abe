// What is given away of a lab with a hidden case: to students nothing of it, to a platform all but the solution.
#include <course/grading/rubric.hpp>
#include <course/testing/testing.hpp>

#include "course_command.hpp"

namespace {

namespace fs = std::filesystem;
using namespace course::grading;

const std::string lab = "00-answer";

/// A course of one lab, whose tests were measured with a case in hidden/.
void make_course(const fs::path& root) {
    const fs::path grader = fs::path(COURSE_FOLDER) / "tests" / "grader";
    for (const char* part : {"labs", "solutions", "tests"}) {
        fs::create_directories(root / part);
        fs::copy(grader / part / lab, root / part / lab, fs::copy_options::recursive);
    }
    write_whole(root / "labs" / lab / "answer.cpp", "// TODO(00.1)\n// TODO(00.2)\n");
    write_whole(root / "labs" / lab / "main.cpp", "");
    write_whole(root / "tests" / lab / "hidden" / "secret_test.cpp", "// the secret case\n");
    write_whole(root / "tests" / lab / "mutants" / "wrong.cpp", "// Mistake: wrong.\n");
    save({lab,
          "The answer",
          "answer.hpp",
          {{"00.1",
            "One",
            {{"open", 4, "answer_test.cpp", 1, 1}, {"secret", 6, "secret_test.cpp", 1, 1, true}},
            1}}},
         root / "tests" / lab / "rubric.json");
    write_whole(root / "course", "");
    fs::create_directories(root / "common");
    fs::create_directory_symlink(fs::path(COURSE_FOLDER) / "common" / "platforms",
                                 root / "common" / "platforms");
    fs::create_directories(root / "build");
    fs::create_directory_symlink(BUILD_FOLDER, root / "build" / "dev");
}

/// What `./course ARGUMENTS` does in that course.
Outcome call_in(const fs::path& root, std::vector<std::string> arguments) {
    arguments.emplace_back("--built");
    return call(arguments, {"COURSE_ROOT=" + root.string()});
}

/// The names of files and folders in \p folder that only an instructor has.
std::vector<std::string> secrets_in(const fs::path& folder) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const bool tells =
            entry.is_regular_file() &&
            course::testing::contents(entry.path()).find("secret") != std::string::npos;
        if (tells || name == "hidden" || name == "mutants" || name == "solutions" ||
            name == "platforms")
            found.push_back(name);
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

TEST_CASE("students get nothing of a hidden case and a platform all but solutions and mutants") {
    const course::testing::TemporaryFolder folder;
    const fs::path root = folder.path() / "course";
    make_course(root);
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"publish"}, std::vector<std::string>{"export", "github"}}) {
        const fs::path to = folder.path() / command.back();
        std::vector<std::string> arguments = command;
        arguments.push_back(to.string());
        const Outcome ended = call_in(root, arguments);
        INFO(ended.output << ended.error);
        REQUIRE(ended.code == 0);
        CHECK(secrets_in(to) == std::vector<std::string>{});
        CHECK(load_rubric(to / "tests" / lab / "rubric.json").points() == 4);
    }
    const fs::path to = folder.path() / "autolab";
    const Outcome ended = call_in(root, {"export", "autolab", to.string()});
    INFO(ended.output << ended.error);
    REQUIRE(ended.code == 0);
    CHECK(secrets_in(to) == std::vector<std::string>{"hidden", "rubric.json", "secret_test.cpp"});
    CHECK(load_rubric(to / "image" / "course" / "tests" / lab / "rubric.json").points() == 10);
    CHECK(call_in(root, {"export", "autolab", to.string()}).code == 2);
}
