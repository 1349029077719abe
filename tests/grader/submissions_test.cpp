// Each submission in hostile.md gets its verdicts, and leaves nothing behind.
#include <course/reports/formats.hpp>
#include <course/reports/report_text.hpp>
#include <course/testing/testing.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "test_labs.hpp"

namespace {

namespace fs = std::filesystem;
using namespace course::grading;
using namespace course::reports;
using namespace grader_tests;

/// What a submission could leave on the machine: its processes, mounts, files in shared memory and in the course.
struct HostState {
    std::set<std::string> processes;
    std::string mounts;
    std::set<std::string> files;

    static HostState now() {
        HostState state;
        for (const auto& entry : fs::directory_iterator("/proc")) {
            const std::string variables = course::testing::contents(entry.path() / "environ");
            if (variables.find(run_marker()) != std::string::npos)
                state.processes.insert(entry.path().filename());
        }
        state.mounts = course::testing::contents("/proc/self/mounts");
        for (const fs::path& folder : {fs::path("/dev/shm"), grader_folder()})
            for (const auto& entry : fs::recursive_directory_iterator(
                     folder, fs::directory_options::skip_permission_denied))
                state.files.insert(entry.path().string());
        return state;
    }
};

/// Grade every row of the table whose file is in \p folder for \p lab, and hold it against what the row says.
void check_submissions(const std::string& lab, const std::string& folder) {
    const auto before = course::testing::ProcessState::now();
    const HostState host = HostState::now();
    std::map<std::string, LabResult> results;
    {
        TestLabGrader grader(lab, 4, "hostile");
        for (const auto& entry : fs::directory_iterator(grader_folder() / folder))
            grader.add(entry.path(), entry.path().stem(),
                       [&results, file = entry.path().filename().string()](LabResult result) {
                           results[file] = std::move(result);
                       });
        grader.run();
    }
    std::set<std::string> without_row;
    for (const auto& [file, result] : results)
        without_row.insert(file);
    for (const Row& row : hostile_table()) {
        if (!row.file.starts_with(folder + "/"))
            continue;
        const std::string file = row.file.substr(folder.size() + 1);
        INFO(row.number << " " << file);
        REQUIRE(results.contains(file));
        without_row.erase(file);
        const LabResult& result = results.at(file);
        const std::string view = rubric_view(result, {}, {});
        INFO(view);
        for (const auto& item : result.items)
            CHECK(verdict_of(result, item) == row.verdicts.at(item.rubric.id));
        CHECK(view.find(row.says) != std::string::npos);
    }
    CHECK(without_row == std::set<std::string>{});
    CHECK(course::testing::difference(before, course::testing::ProcessState::now()) == "");
    const HostState afterwards = HostState::now();
    CHECK(afterwards.processes == host.processes);
    CHECK(afterwards.mounts == host.mounts);
    CHECK(afterwards.files == host.files);
}

}  // namespace

TEST_CASE("every submission gets the verdict that it must get and nothing of it is left") {
    check_submissions("00-answer", "submissions");
}

TEST_CASE("a submission with threads is graded by its schedules and the report tells the story") {
    check_submissions("00-counter", "threads");
}

TEST_CASE("the table of hostile submissions has each of the 35 numbers") {
    std::set<int> numbers;
    for (const Row& row : hostile_table())
        numbers.insert(row.number);
    numbers.erase(0);
    CHECK(numbers.size() == 35);
    CHECK(*numbers.rbegin() == 35);
}

TEST_CASE(
    "the solution of the answer has full marks and every byte it prints is JSON all the same") {
    TestLabGrader grader("00-answer", 2, "json");
    std::vector<LabResult> results;
    for (const char* file : {"solutions/00-answer/answer.cpp", "submissions/odd_bytes.cpp"})
        grader.add(grader_folder() / file, fs::path(file).stem(),
                   [&results](LabResult result) { results.push_back(std::move(result)); });
    grader.run();
    int full_marks = 0;
    for (const auto& result : results) {
        full_marks += result.score() == result.points() ? 1 : 0;
        const auto json = nlohmann::json::parse(to_json(result, {}), nullptr, false);
        CHECK_FALSE(json.is_discarded());
        CHECK(json.value("points", 0) == 10);
        CHECK(rubric_view(result, {}, {}).find('\x1b') == std::string::npos);
    }
    CHECK(full_marks == 1);
}
