// check itself is proven by what it must find wrong.
#include <course/checking/kill_matrix.hpp>
#include <course/checking/lab_files.hpp>
#include <course/checking/promises.hpp>
#include <course/testing/testing.hpp>

using namespace course::checking;
using namespace course::grading;
using course::diagnosis::Mutant;
using course::diagnosis::read_mutant;
using course::reports::Paint;
using course::reports::TextStyle;
using course::testing::ContainsSubstring;
using course::testing::TemporaryFolder;

namespace {

const Rubric rubric{
    "02-join-pitfalls",
    "Join",
    "downloads.hpp",
    {{"02.1", "One", {{"a", 4, "t.cpp", 1, 1}}, 1}, {"02.2", "Two", {{"b", 6, "t.cpp", 2, 1}}, 2}}};

/// A result in which the items have these verdicts.
LabResult result_of(Verdict first, Verdict second, const std::string& hint = "") {
    LabResult result;
    result.rubric = rubric;
    for (std::size_t i = 0; i < 2; ++i) {
        CaseResult one;
        one.rubric = rubric.items[i].cases[0];
        one.verdict = i == 0 ? first : second;
        one.hint = hint;
        result.items.push_back({rubric.items[i], {one}});
    }
    return result;
}

const Mutant mutant{"m", "m.cpp", "a mistake", {"02.1"}, "look here"};

}  // namespace

TEST_CASE("a starter that earns points or fails for another reason is found out") {
    CHECK(problems_with_starter(result_of(Verdict::missing, Verdict::missing)).empty());
    CHECK_FALSE(problems_with_starter(result_of(Verdict::missing, Verdict::pass)).empty());
    CHECK_FALSE(problems_with_starter(result_of(Verdict::missing, Verdict::crash)).empty());
    LabResult warned = result_of(Verdict::missing, Verdict::missing);
    warned.messages = "warning: unused";
    CHECK_FALSE(problems_with_starter(warned).empty());
}

TEST_CASE("a solution without full marks or with a warning is found out") {
    CHECK(problems_with_solution(result_of(Verdict::pass, Verdict::pass)).empty());
    CHECK_FALSE(problems_with_solution(result_of(Verdict::pass, Verdict::leak)).empty());
    LabResult warned = result_of(Verdict::pass, Verdict::pass);
    warned.messages = "warning: unused";
    CHECK_FALSE(problems_with_solution(warned).empty());
}

TEST_CASE("a mutant that survives or loses more or reads another hint is found out") {
    CHECK(problems_with_mutant(mutant, result_of(Verdict::wrong, Verdict::pass, "look here"), {})
              .empty());
    CHECK_FALSE(problems_with_mutant(mutant, result_of(Verdict::pass, Verdict::pass), {}).empty());
    CHECK_FALSE(
        problems_with_mutant(mutant, result_of(Verdict::wrong, Verdict::wrong, "look here"), {})
            .empty());
    CHECK_FALSE(
        problems_with_mutant(mutant, result_of(Verdict::wrong, Verdict::pass, "elsewhere"), {})
            .empty());
    LabResult broken = result_of(Verdict::pass, Verdict::pass);
    broken.build = Verdict::compile;
    CHECK_FALSE(problems_with_mutant(mutant, broken, {}).empty());
}

TEST_CASE("the hint may also be the first of the item's hints") {
    CHECK(problems_with_mutant(mutant, result_of(Verdict::wrong, Verdict::pass),
                               {{"02.1", {"look here"}}})
              .empty());
}

TEST_CASE("the kill matrix shows who survives and who loses too much") {
    KillMatrix matrix;
    matrix.rows.push_back({mutant, result_of(Verdict::wrong, Verdict::pass)});
    const Paint plain{TextStyle{}};
    CHECK_THAT(matrix.text(rubric, plain), ContainsSubstring("✗"));
    matrix.rows.push_back({mutant, result_of(Verdict::pass, Verdict::crash)});
    CHECK_THAT(matrix.text(rubric, plain), ContainsSubstring("ALIVE"));
    CHECK_THAT(matrix.text(rubric, plain), ContainsSubstring("EXTRA"));
}

TEST_CASE("a mutant without its three lines is an error that shows them") {
    const TemporaryFolder folder;
    write_whole(folder.path() / "m.cpp",
                "// Mistake: joins at once.\n// Loses:   02.1 02.2\n// Hint:    When does\n//      "
                "    it start?\nint x;\n");
    const Mutant read = read_mutant(folder.path() / "m.cpp");
    CHECK(read.name == "m");
    CHECK(read.loses == std::set<std::string>{"02.1", "02.2"});
    CHECK(read.hint == "When does it start?");
    write_whole(folder.path() / "bad.cpp", "// Mistake: joins at once.\nint x;\n");
    CHECK_THROWS_WITH(read_mutant(folder.path() / "bad.cpp"), ContainsSubstring("// Loses: NN.k"));
}

TEST_CASE("files that disagree are found out") {
    const TemporaryFolder folder;
    const Lab lab{"02", "02-join-pitfalls", folder.path()};
    write_whole(lab.folder() / "README.md", "# Lab 02. Join\n## 02.1 One\n## 02.2 Two\n");
    write_whole(lab.folder() / "hints.md", "## 02.1 One\n1. A\n## 02.2 Two\n1. B\n");
    write_whole(lab.folder() / "downloads.hpp", "// 02.1 02.2\n");
    write_whole(lab.folder() / "downloads.cpp", "// TODO(02.1)\n");
    write_whole(lab.folder() / "main.cpp", "");
    write_whole(lab.folder() / "notes.txt", "");
    write_whole(lab.folder() / "given.hpp", "");
    write_whole(lab.root / "slides" / "02-join-pitfalls.md", "02.1 02.2");
    std::string all;
    for (const auto& problem : problems_with_files(lab, rubric))
        all += problem + "\n";
    CHECK_THAT(all, ContainsSubstring("the starter's TODOs has 02.1, the tests have 02.1 02.2"));
    CHECK_THAT(all, ContainsSubstring("labs/02-join-pitfalls/notes.txt does not belong there"));
    CHECK(all.find("given.hpp") == std::string::npos);
    CHECK_THAT(all, ContainsSubstring("there are 2 items, not 3 to 6"));
    CHECK_THAT(all, ContainsSubstring("there are 0 mutants, not at least 6"));
    CHECK(all.find("the handout") == std::string::npos);
}
