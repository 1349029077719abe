// Each submission in submissions/ gets the verdicts that its first lines name, and leaves nothing
// behind.
#include <course/grading/grader.hpp>
#include <course/grading/report_json.hpp>
#include <course/grading/report_text.hpp>
#include <course/testing/testing.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

namespace {

namespace fs = std::filesystem;
using namespace course::grading;

const fs::path grader_folder = GRADER_FOLDER;
const fs::path build_folder = BUILD_FOLDER;

Lab answer_lab() {
    return {"00", "00-answer", grader_folder};
}

/// The verdict of each item, as the head of \p file names it.
std::map<std::string, std::string> expected_verdicts(const fs::path& file) {
    std::ifstream in(file);
    static const std::regex head(R"(// (\d\d\.\d):\s+(\S+))");
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

class AnswerGrader {
  public:
    AnswerGrader()
        : recipe_(build_folder, "00-answer"),
          queue_(4),
          grader_(recipe_, rubric_for(answer_lab(), recipe_, build_folder), queue_,
                  {quick_limits(), {}}) {}

    void add(const fs::path& file, std::function<void(LabResult)> done) {
        grader_.grade(file, build_folder / "work" / "00-answer" / file.stem(), std::move(done));
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
    Recipe recipe_;
    ProcessQueue queue_;
    Grader grader_;
};

}  // namespace

TEST_CASE("every submission gets the verdict that it must get, and nothing of it is left") {
    const auto before = course::testing::ProcessState::now();
    std::map<std::string, LabResult> results;
    {
        AnswerGrader grader;
        for (const auto& entry : fs::directory_iterator(grader_folder / "submissions"))
            grader.add(entry.path(), [&results, file = entry.path()](LabResult result) {
                results[file.string()] = std::move(result);
            });
        grader.run();
    }
    CHECK(results.size() >= 30);
    for (const auto& [file, result] : results) {
        const auto expected = expected_verdicts(file);
        INFO(fs::path(file).filename().string() << "\n" << rubric_view(result, {}, {}));
        REQUIRE(expected.size() == 2);
        for (const auto& item : result.items)
            CHECK(verdict_of(result, item) == expected.at(item.rubric.id));
    }
    CHECK(course::testing::difference(before, course::testing::ProcessState::now()) == "");
}

TEST_CASE(
    "the solution of the answer has full marks and every byte it prints is JSON all the same") {
    AnswerGrader grader;
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
