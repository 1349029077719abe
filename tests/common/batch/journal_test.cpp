// What is kept of a result, and where.
#include <course/batch/class_grading.hpp>
#include <course/batch/result_record.hpp>
#include <course/testing/testing.hpp>
#include <csignal>
#include <fstream>

using namespace course::batch;
using namespace course::grading;
using course::testing::ContainsSubstring;
using course::testing::TemporaryFolder;

namespace {

Rubric soup_rubric() {
    return {
        "01-soup",
        "Soup",
        "soup.hpp",
        {{"01.1", "Hot", {{"it is hot", 4, "t.cpp", 3, 2}, {"it stays hot", 3, "t.cpp", 9, 1}}, 1},
         {"01.2", "Salty", {{"it is salty", 3, "t.cpp", 20, 1}}, 2}}};
}

/// A result in which nothing is as it is by default.
LabResult full_result() {
    LabResult result = not_run(soup_rubric(), Verdict::pass, "soup.cpp:3: warning: spoon");
    result.wall = std::chrono::microseconds(123456);
    int number = 0;
    for (auto& item : result.items)
        for (const auto& one : item.rubric.cases) {
            CaseResult of_case;
            of_case.rubric = one;
            of_case.verdict = number++ ? Verdict::race : Verdict::pass;
            of_case.cpu = std::chrono::microseconds(number);
            of_case.wall = std::chrono::microseconds(number * 2);
            of_case.schedules = number * 3;
            item.cases.push_back(of_case);
        }
    int text = 0;
    for_each_text(result, [&text](std::string& one) {
        one +=
            "text " + std::to_string(text++) + " \xff\x1b[2J \"王\" ]]>\n" + std::string(1, '\0');
    });
    return result;
}

}  // namespace

TEST_CASE("a result comes back whole, with every byte that a student printed") {
    const LabResult result = full_result();
    const LabResult again = from_record(to_record(result), soup_rubric());
    CHECK(to_record(again) == to_record(result));
    CHECK(again.score() == 4);
    CHECK(again.messages == result.messages);
    CHECK(again.wall == result.wall);
    const CaseResult& was = result.items[1].cases[0];
    const CaseResult& is = again.items[1].cases[0];
    CHECK(is.rubric.name == "it is salty");
    CHECK(is.verdict == was.verdict);
    CHECK(is.printed == was.printed);
    CHECK(is.story == was.story);
    CHECK(is.hint == was.hint);
    CHECK(is.cpu == was.cpu);
    CHECK(is.wall == was.wall);
    CHECK(is.schedules == was.schedules);
    Rubric other = soup_rubric();
    other.items.pop_back();
    CHECK_THROWS_WITH(from_record(to_record(result), other), ContainsSubstring("01-soup"));
    CHECK_THROWS_AS(from_record("{", soup_rubric()), std::runtime_error);
}

TEST_CASE("what a journal has kept is there after a kill, and one process at a time may keep") {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "journal.sqlite";
    const auto killed = course::testing::in_child([&file] {
        Journal journal(file);
        journal.keep("f1", "01-soup", "one");
        journal.keep("f2", "01-soup", "two");
        journal.set_note("work", "here");
        raise(SIGKILL);
    });
    REQUIRE(killed.signal == SIGKILL);
    Journal journal(file);
    CHECK(journal.size() == 2);
    CHECK(journal.find("f2") == "two");
    CHECK_FALSE(journal.find("f3").has_value());
    CHECK(journal.note("work") == "here");
    CHECK(journal.note("play") == "");
    const auto second = course::testing::in_child([&file] {
        try {
            Journal another(file);
        } catch (const std::runtime_error& error) {
            std::printf("%s", error.what());
        }
    });
    CHECK_THAT(second.output, ContainsSubstring("another grading is writing into"));
}

TEST_CASE("a file that is no journal is refused and left alone") {
    const TemporaryFolder folder;
    std::ofstream(folder.file("journal.sqlite")) << std::string(5000, 'x');
    CHECK_THROWS_WITH(Journal(folder.file("journal.sqlite")),
                      ContainsSubstring("is not a journal"));
    CHECK(course::testing::contents(folder.file("journal.sqlite")) == std::string(5000, 'x'));
    CHECK_THROWS_WITH(Journal("/no/such/folder/journal.sqlite"), ContainsSubstring("cannot keep"));
    CHECK(Journal().size() == 0);  // in memory
}

TEST_CASE("the time left is told as soon as there is something to tell it from") {
    ClassProgress progress;
    progress.all = progress.to_grade = 100;
    CHECK(progress.estimate() == "");
    progress.graded = 10;
    progress.elapsed = std::chrono::seconds(20);
    CHECK(progress.estimate() == "about 3 minutes left");
    progress.graded = 90;
    CHECK(progress.estimate() == "less than a minute left");
    progress.graded = 100;
    CHECK(progress.estimate() == "");
}
