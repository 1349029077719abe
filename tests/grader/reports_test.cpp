// ./course grade with --report and --format: what people and platforms get from a real class.
#include <course/grading/lab.hpp>
#include <course/testing/testing.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "course_command.hpp"

namespace {

namespace fs = std::filesystem;
using course::grading::Outcome;
using course::testing::ContainsSubstring;
using nlohmann::json;

const fs::path root = COURSE_FOLDER;
const course::grading::Lab lab{"08", "08-fd-inheritance", root};
const std::string gap = "descriptors.cpp";

void hand_in(const fs::path& file, const fs::path& folder) {
    fs::create_directories(folder);
    fs::copy_file(file, folder / gap);
}

json data_in(const std::string& page) {
    const std::string mark = "id=\"data\">";
    const std::size_t start = page.find(mark) + mark.size();
    return json::parse(page.substr(start, page.find("</script>", start) - start), nullptr, false);
}

}  // namespace

TEST_CASE("in the report of a class each student who makes a known mistake is with it") {
    const course::testing::TemporaryFolder folder;
    const fs::path students = folder.path() / "class";
    std::set<std::string> mutants;
    const std::vector<fs::path> all = lab.mutants();
    for (std::size_t i = 0; i < all.size(); i += 7) {
        mutants.insert(all[i].stem().string());
        hand_in(all[i], students / all[i].stem());
    }
    hand_in(lab.solution() / gap, students / "solution");
    hand_in(lab.gap(), students / "starter");
    const fs::path report = folder.path() / "report";
    const Outcome ended =
        call({"grade", students.string(), "--lab", "08", "--report", report.string()});
    INFO(ended.output << ended.error);
    CHECK(ended.code == 1);
    const json data = data_in(course::testing::contents(report / "report.html"));
    REQUIRE_FALSE(data.is_discarded());
    std::set<std::string> recognised;
    for (const auto& cluster : data.at("clusters"))
        for (const auto& student : cluster.at("students")) {
            CHECK(student != "solution");
            CHECK(student != "starter");
            for (const auto& mistake : cluster.at("mistakes"))
                if (mistake.at("mutant") == student)
                    recognised.insert(student.get<std::string>());
        }
    CHECK(recognised == mutants);
    CHECK_THAT(course::testing::contents(report / "junit.xml"),
               ContainsSubstring("name=\"solution 08-fd-inheritance\""));
}

TEST_CASE("a grade can be had in the format of each platform") {
    const std::string file = (lab.solution() / gap).string();
    const auto graded = [&file](const std::string& format) {
        return call({"grade", "08", "--file", file, "--format", format});
    };
    CHECK(json::parse(graded("gradescope").output, nullptr, false).value("score", 0) == 10);
    CHECK_THAT(graded("autolab").output, ContainsSubstring("\"scoreboard\":[10]"));
    CHECK_THAT(graded("junit").output, ContainsSubstring("failures=\"0\""));
    CHECK_THAT(graded("csv").output, ContainsSubstring(",10,10,PASS,10,PASS,"));
    CHECK(call({"grade", "08", "--format", "word"}).code == 2);
}

TEST_CASE("GitHub gets a summary of the job beside the annotations") {
    const course::testing::TemporaryFolder folder;
    const std::string summary = folder.file("summary.md");
    const Outcome ended =
        call({"grade", "08", "--file", lab.mutants().front().string(), "--format", "github"},
             {"GITHUB_STEP_SUMMARY=" + summary});
    CHECK(ended.code == 1);
    CHECK_THAT(ended.output, ContainsSubstring("::error file=tests/08-fd-inheritance/"));
    CHECK_THAT(course::testing::contents(summary), ContainsSubstring("| 08.1 |"));
}
