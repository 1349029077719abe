// The soak: many submissions, graded twice with different numbers of jobs and in different orders, get the same grades.
//
//     grader-soak [HOW MANY [SEED]]
//
// Solutions, starters, mutants and hostile submissions of the table, shuffled; each is a file of its own.
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <random>

#include <course/testing/probes.hpp>

#include "test_labs.hpp"

namespace {

namespace fs = std::filesystem;
using namespace course::grading;
using namespace grader_tests;

/// One generated submission.
struct Sample {
    std::string name;
    std::string lab;
    fs::path file;
    /// What its row says of 00.1 and 00.2; empty for a solution or a starter.
    std::map<std::string, std::string> verdicts;
};

/// Rows whose verdict takes seconds come now and then.
bool is_slow(const Row& row) {
    const std::string& verdict = row.verdicts.at("00.1");
    return verdict == "TIMEOUT" || verdict == "HANG" || verdict == "MEMORY" || row.number == 23 ||
           row.file.find("zero") != std::string::npos;
}

std::vector<Sample> make_samples(int count, std::mt19937& random, const fs::path& folder) {
    const fs::path starter = folder / "starter.cpp";
    std::ofstream(starter)
        << "#include <course/testing/not_implemented.hpp>\n#include \"answer.hpp\"\n"
           "int lab::answer() { throw course::NotImplemented(\"00.1\"); }\n"
           "std::string lab::echo(const std::string&) { throw "
           "course::NotImplemented(\"00.2\"); }\n";
    std::vector<Sample> quick, slow;
    for (const Row& row : hostile_table())
        if (row.file.find('/') != std::string::npos)
            (is_slow(row) ? slow : quick)
                .push_back({"", row.file.starts_with("threads/") ? "00-counter" : "00-answer",
                            grader_folder() / row.file, row.verdicts});
    const Sample right{"",
                       "00-answer",
                       grader_folder() / "solutions/00-answer/answer.cpp",
                       {{"00.1", "PASS"}, {"00.2", "PASS"}}};
    const Sample undone{"", "00-answer", starter, {{"00.1", "TODO"}, {"00.2", "TODO"}}};
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i) {
        const auto pick = [&random](const std::vector<Sample>& from) {
            return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random)];
        };
        const int dice = std::uniform_int_distribution(0, 99)(random);
        Sample sample = dice < 25   ? right
                        : dice < 35 ? undone
                        : dice < 96 ? pick(quick)
                                    : pick(slow);
        sample.name = "sample-" + std::to_string(i);
        const fs::path copy = folder / sample.name / sample.file.filename();
        fs::create_directories(copy.parent_path());
        std::ofstream(copy) << course::testing::contents(sample.file) << "// " << sample.name
                            << "\n";
        sample.file = copy;
        samples.push_back(std::move(sample));
    }
    return samples;
}

/// The grades of \p samples by name: each case's verdict, and the points.
std::map<std::string, std::string> grades(const std::vector<Sample>& samples, int jobs) {
    std::map<std::string, std::string> result;
    for (const char* lab : {"00-answer", "00-counter"}) {
        TestLabGrader grader(lab, jobs, "soak");
        for (const Sample& sample : samples)
            if (sample.lab == lab)
                grader.add(sample.file, sample.name, [&result, &sample](const LabResult& graded) {
                    std::string text = std::to_string(graded.score());
                    for (const auto& item : graded.items) {
                        const std::string verdict = verdict_of(graded, item);
                        text += " " + verdict;
                        for (const auto& one : item.cases)
                            text += "/" + std::string(name(one.verdict));
                        if (verdict != sample.verdicts.at(item.rubric.id))
                            text += " (not " + sample.verdicts.at(item.rubric.id) + ")";
                    }
                    result[sample.name + " " + sample.file.filename().string()] = text;
                });
        grader.run();
    }
    return result;
}

int soak(int count, unsigned seed) {
    std::mt19937 random(seed);
    const course::testing::TemporaryFolder folder;
    fs::permissions(folder.path(), fs::perms::others_exec, fs::perm_options::add);
    std::vector<Sample> samples = make_samples(count, random, folder.path());
    const auto first = grades(samples, 2);
    std::shuffle(samples.begin(), samples.end(), random);
    const auto second = grades(samples, 5);
    int failed = 0;
    for (const auto& [sample, grade] : first) {
        const bool same = second.at(sample) == grade;
        const bool right = grade.find("(not ") == std::string::npos;
        failed += same && right ? 0 : 1;
        if (!same || !right)
            std::cout << "not ok " << sample << ": " << grade << " | " << second.at(sample) << "\n";
    }
    std::cout << (failed ? "not ok " : "ok ") << count
              << " submissions, graded with 2 jobs and with 5: " << failed
              << " grades differ (seed " << seed << ")\n";
    return failed ? 1 : 0;
}

}  // namespace

int main(int argc, char* argv[]) {
    try {
        return soak(argc > 1 ? std::atoi(argv[1]) : 500,
                    argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1);
    } catch (const std::exception& error) {
        std::cout << "not ok " << error.what() << "\n";
        return 2;
    }
}
