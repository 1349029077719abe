// ./course hint, in a small course of its own: one hint at a time, and it remembers which.
#include <course/grading/process_queue.hpp>
#include <course/grading/rubric.hpp>
#include <course/testing/testing.hpp>

namespace {

namespace fs = std::filesystem;
using course::grading::write_whole;
using course::testing::ContainsSubstring;

/// A course with lab 08 in it, and nothing built.
class SmallCourse {
  public:
    SmallCourse() {
        write_whole(folder_.path() / "course", "");
        const fs::path lab = "labs/08-fd-inheritance";
        fs::create_directories(folder_.path() / lab);
        for (const char* file : {"README.md", "descriptors.hpp", "descriptors.cpp"})
            fs::copy_file(fs::path(COURSE_FOLDER) / lab / file, folder_.path() / lab / file);
        write_whole(folder_.path() / lab / "hints.md",
                    "# Hints\n\n## 08.1 A\n\n1. First nudge,\n   in two lines.\n2. Second.\n\n"
                    "## 08.2 B\n\n1. The other one.\n");
    }
    /// What `./course hint ARGUMENTS` prints, its errors as well.
    std::string hint(std::vector<std::string> arguments) const {
        course::grading::Command command;
        command.arguments = {std::string(BUILD_FOLDER) + "/bin/course-cli", "hint"};
        command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
        command.environment = {"COURSE_ROOT=" + folder_.path().string()};
        course::grading::ProcessQueue queue(1);
        std::string printed;
        queue.submit(std::move(command), [&](const course::grading::Outcome& outcome) {
            printed = outcome.output + outcome.error;
        });
        queue.run();
        return printed;
    }
    fs::path remembered() const { return folder_.path() / "build" / "hints.json"; }

  private:
    course::testing::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("hints come one at a time and the next call knows which were shown") {
    const SmallCourse course;
    const std::string first = course.hint({"08.1"});
    CHECK_THAT(first, ContainsSubstring("hint 1 of 2"));
    CHECK_THAT(first, ContainsSubstring("First nudge, in two lines."));
    CHECK_THAT(first, !ContainsSubstring("Second."));
    CHECK_THAT(course.hint({"08.2"}), ContainsSubstring("The other one."));
    CHECK_THAT(course.hint({"08"}), ContainsSubstring("1 of 2 hints shown"));
    const std::string second = course.hint({"08.1"});
    CHECK_THAT(second, ContainsSubstring("hint 2 of 2"));
    CHECK_THAT(second, ContainsSubstring("That is the last one."));
    CHECK_THAT(second, !ContainsSubstring("First nudge"));
    CHECK_THAT(course.hint({"08.1"}), ContainsSubstring("hint 2 of 2"));
    const std::string all = course.hint({"08.1", "--again"});
    CHECK_THAT(all, ContainsSubstring("First nudge"));
    CHECK_THAT(all, ContainsSubstring("Second."));
}

TEST_CASE("to look at shown hints again shows no new one") {
    const SmallCourse course;
    course.hint({"08.1"});
    CHECK_THAT(course.hint({"08.1", "--again"}), !ContainsSubstring("Second."));
    CHECK_THAT(course.hint({"08.1"}), ContainsSubstring("hint 2 of 2"));
}

TEST_CASE("a damaged memory of hints and an item that is not there are no disaster") {
    const SmallCourse course;
    fs::create_directories(course.remembered().parent_path());
    for (const char* damaged :
         {"{\"08.1\": -3, \"08.2\": \"x\"}", "[1, 2]", "{\"08.1\": 99}", "{"}) {
        write_whole(course.remembered(), damaged);
        CHECK_THAT(course.hint({"08.1"}), ContainsSubstring(" of 2"));
    }
    CHECK_THAT(course.hint({"08.7"}), ContainsSubstring("there is no item 08.7"));
    CHECK_THAT(course.hint({"77.1"}), ContainsSubstring("77"));
}
