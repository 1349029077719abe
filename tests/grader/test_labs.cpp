// Reads the table, and grades with limits that are low, as nothing here takes long but what never ends.
#include "test_labs.hpp"

#include <unistd.h>

#include <fstream>
#include <regex>
#include <stdexcept>

namespace grader_tests {

namespace fs = std::filesystem;
using namespace course::grading;

namespace {

const fs::path build_folder = BUILD_FOLDER;

Lab test_lab(const std::string& name) {
    return {"00", name, grader_folder()};
}

Limits limits_of_cases(const Recipe& recipe) {
    Limits limits = case_limits(recipe);
    limits.cpu = std::chrono::seconds(2);
    limits.wall = std::chrono::seconds(6);
    limits.tree_memory = std::uint64_t{768} << 20;
    return limits;
}

Limits limits_of_compiler() {
    Limits limits;
    limits.cpu = std::chrono::seconds(15);
    limits.wall = std::chrono::minutes(2);
    limits.memory = rlim_t{2} << 30;
    limits.output = std::size_t{4} << 20;
    return limits;
}

}  // namespace

fs::path grader_folder() {
    return GRADER_FOLDER;
}

const course::sandbox::Sandbox& walls() {
    static const course::sandbox::Sandbox made(build_folder / "bin" / "first-process",
                                               COURSE_FOLDER);
    return made;
}

std::string run_marker() {
    return "COURSE_TEST_RUN=" + std::to_string(getpid());
}

std::vector<Row> hostile_table() {
    static const std::regex cells(
        R"(\| (\d*) ?\| (\S+) \| ([A-Z_]+) \| ([A-Z_]+) \| ([^`]*(?:`(.*)`.*)?) \|)");
    std::ifstream in(grader_folder() / "hostile.md");
    std::vector<Row> rows;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("| ") || line.starts_with("| no.") || line.starts_with("| ---"))
            continue;
        std::smatch match;
        if (!std::regex_match(line, match, cells))
            throw std::runtime_error("hostile.md has a row that can't be read: " + line);
        rows.push_back({match[1].length() ? std::stoi(match[1]) : 0,
                        match[2],
                        {{"00.1", match[3]}, {"00.2", match[4]}},
                        match[6]});
    }
    return rows;
}

TestLabGrader::TestLabGrader(const std::string& lab, int jobs, const std::string& part)
    : work_(build_folder / "work" / lab / part),
      recipe_(build_folder, lab),
      queue_(jobs),
      grader_(recipe_, rubric_for(test_lab(lab), recipe_, build_folder), queue_,
              {limits_of_cases(recipe_), {run_marker()}, limits_of_compiler(), &walls()}) {}

void TestLabGrader::add(const fs::path& file, const std::string& name,
                        std::function<void(LabResult)> done) {
    grader_.grade(file, work_ / name, std::move(done));
}

std::string verdict_of(const LabResult& result, const ItemResult& item) {
    return result.build != Verdict::pass
               ? std::string(name(result.build))
               : overall_name(item.verdict(), item.score(), item.rubric.points());
}

}  // namespace grader_tests
