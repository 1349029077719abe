// Each submission in submissions/ gets the verdicts that its first lines name, and leaves nothing
// behind.
#include <course/grading/grader.hpp>
#include <course/reports/formats.hpp>
#include <course/reports/report_text.hpp>
#include <course/testing/testing.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

namespace {

namespace fs = std::filesystem;
using namespace course::grading;
using namespace course::reports;

const fs::path grader_folder = GRADER_FOLDER;
const fs::path build_folder = BUILD_FOLDER;

/// A lab of the grader's own tests: 00-answer, or 00-counter, which is graded in the simulation.
Lab test_lab(const std::string& name) {
    return {"00", name, grader_folder};
}

/// The lines `// KEY: value` at the head of \p file: the verdict of each item, what the report says.
std::map<std::string, std::string> expectations(const fs::path& file) {
    std::ifstream in(file);
    static const std::regex head(R"(// (\d\d\.\d|Says):\s+(\S+).*)");
    std::map<std::string, std::string> expected;
    for (std::string line; std::getline(in, line);)
        if (std::smatch match; std::regex_match(line, match, head))
            expected[match[1]] = match[2];
    return expected;
}

std::string verdict_of(const LabResult& result, const ItemResult& item) {
    return result.build != Verdict::pass
               ? std::string(name(result.build))
               : overall_name(item.verdict(), item.score(), item.rubric.points());
}

class TestLabGrader {
  public:
    explicit TestLabGrader(const std::string& lab)
        : work_(build_folder / "work" / lab),
          recipe_(build_folder, lab),
          queue_(4),
          grader_(recipe_, rubric_for(test_lab(lab), recipe_, build_folder), queue_,
                  {quick_limits(), {}}) {}

    void add(const fs::path& file, std::function<void(LabResult)> done) {
        grader_.grade(file, work_ / file.stem(), std::move(done));
    }
    void run() { queue_.run(); }

  private:
    /// Nothing here takes long but what never ends.
    Limits quick_limits() const {
        Limits limits = case_limits(recipe_);
        limits.cpu = std::chrono::seconds(2);
        limits.wall = std::chrono::seconds(3);
        return limits;
    }
    fs::path work_;
    Recipe recipe_;
    ProcessQueue queue_;
    Grader grader_;
};

/// Grade everything in \p folder for \p lab, and hold it against what its first lines name.
void check_submissions(const std::string& lab, const fs::path& folder, std::size_t at_least) {
    const auto before = course::testing::ProcessState::now();
    std::map<std::string, LabResult> results;
    {
        TestLabGrader grader(lab);
        for (const auto& entry : fs::directory_iterator(folder))
            grader.add(entry.path(), [&results, file = entry.path()](LabResult result) {
                results[file.string()] = std::move(result);
            });
        grader.run();
    }
    CHECK(results.size() >= at_least);
    for (const auto& [file, result] : results) {
        const auto expected = expectations(file);
        const std::string view = rubric_view(result, {}, {});
        INFO(fs::path(file).filename().string() << "\n" << view);
        for (const auto& item : result.items) {
            REQUIRE(expected.contains(item.rubric.id));
            CHECK(verdict_of(result, item) == expected.at(item.rubric.id));
        }
        if (expected.contains("Says"))
            CHECK(view.find(expected.at("Says")) != std::string::npos);
    }
    CHECK(course::testing::difference(before, course::testing::ProcessState::now()) == "");
}

}  // namespace

TEST_CASE("every submission gets the verdict that it must get, and nothing of it is left") {
    check_submissions("00-answer", grader_folder / "submissions", 30);
}

TEST_CASE("a submission with threads is graded by its schedules, and the report tells the story") {
    check_submissions("00-counter", grader_folder / "threads", 4);
}

TEST_CASE(
    "the solution of the answer has full marks and every byte it prints is JSON all the same") {
    TestLabGrader grader("00-answer");
    std::vector<LabResult> results;
    for (const char* file : {"solutions/00-answer/answer.cpp", "submissions/odd_bytes.cpp"})
        grader.add(grader_folder / file,
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
