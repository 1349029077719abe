// Rubrics, handouts, hints, labs by name, submissions.
#include <course/grading/handout.hpp>
#include <course/grading/lab.hpp>
#include <course/grading/rubric.hpp>
#include <course/grading/verdict.hpp>
#include <course/testing/testing.hpp>

using namespace course::grading;
using course::testing::ContainsSubstring;
using course::testing::TemporaryFolder;

namespace {

/// A lab 02 with a handout of two items, a contract and a starter.
Lab lab_in(const std::filesystem::path& root) {
    const Lab lab{"02", "02-join-pitfalls", root};
    write_whole(lab.folder() / "README.md",
                "# Lab 02. Join pitfalls\n\n```\n## 02.9 Not a heading\n```\n## 02.1 Start "
                "all\ntext\n## 02.2 Errors\n");
    write_whole(lab.folder() / "downloads.hpp", "#pragma once\n\n/// 02.1: all.\nvoid all();\n");
    write_whole(lab.folder() / "downloads.cpp", "");
    write_whole(lab.folder() / "given.hpp", "// no contract: there is no given.cpp\n");
    write_whole(lab.folder() / "main.cpp", "");
    write_whole(lab.folder() / "hints.md",
                "# Hints\n## 02.1 Start all\n1. One\n   goes on.\n2. Two.\n");
    return lab;
}

const std::string list =
    "eight take as long as one\x1f[02.1][3 points]\x1f/x/t.cpp\x1f"
    "12\n"
    "in order\x1f[1 point][02.1]\x1f/x/t.cpp\x1f"
    "20\n"
    "an error comes out\x1f[02.2][6 points]\x1f/x/hidden/t.cpp\x1f"
    "30\n";

}  // namespace

TEST_CASE("a rubric is made from tags and headings and the contract") {
    const TemporaryFolder folder;
    const Lab lab = lab_in(folder.path());
    const Rubric rubric = make_rubric(list, lab.folder());
    CHECK(rubric.title == "Join pitfalls");
    CHECK(rubric.contract == "downloads.hpp");
    REQUIRE(rubric.items.size() == 2);
    CHECK(rubric.items[0].title == "Start all");
    CHECK(rubric.items[0].points() == 4);
    CHECK(rubric.items[0].contract_line == 3);
    CHECK(rubric.items[1].contract_line == 0);
    CHECK(rubric.points() == 10);
    CHECK_FALSE(rubric.items[0].cases[0].hidden);
    CHECK(rubric.items[1].cases[0].hidden);
    const auto file = folder.path() / "rubric.json";
    save(rubric, file);
    const Rubric again = load_rubric(file);
    CHECK(again.items[0].cases[1].name == "in order");
    CHECK(again.points() == 10);
    CHECK(again.items[1].cases[0].hidden);
}

TEST_CASE("a case without points or an item without a heading is an error that names it") {
    const TemporaryFolder folder;
    const Lab lab = lab_in(folder.path());
    CHECK_THROWS_WITH(make_rubric("a case\x1f[02.1]\x1f"
                                  "f\x1f"
                                  "1\n",
                                  lab.folder()),
                      ContainsSubstring("a case"));
    CHECK_THROWS_WITH(make_rubric("a case\x1f[02.3][1 point]\x1f"
                                  "f\x1f"
                                  "1\n",
                                  lab.folder()),
                      ContainsSubstring("02.3"));
    write_whole(folder.path() / "broken.json", "{");
    CHECK_THROWS_WITH(load_rubric(folder.path() / "broken.json"),
                      ContainsSubstring("is not a rubric"));
}

TEST_CASE("hints are read by item and a long one is one hint") {
    const TemporaryFolder folder;
    const auto hints = read_hints(lab_in(folder.path()).folder() / "hints.md");
    REQUIRE(hints.at("02.1").size() == 2);
    CHECK(hints.at("02.1")[0] == "One goes on.");
    CHECK(read_hints(folder.path() / "none.md").empty());
}

TEST_CASE("a lab is found by number and name and topic and a mistyped one is guessed") {
    const TemporaryFolder folder;
    lab_in(folder.path());
    write_whole(folder.path() / "labs" / "12-prime-checking" / "README.md", "# Primes\n");
    const auto labs = find_labs(folder.path());
    REQUIRE(labs.size() == 2);
    for (const char* name : {"02", "2", "02-join-pitfalls", "join-pitfalls"})
        CHECK(find_lab(labs, name).number == "02");
    CHECK_THROWS_WITH(find_lab(labs, "2x"), ContainsSubstring("did you mean 02"));
    CHECK_THROWS_WITH(find_lab(labs, "prime-cheking"), ContainsSubstring("did you mean 12"));
    CHECK(labs[0].gap().filename() == "downloads.cpp");
}

TEST_CASE("verdicts are named and the worst counts") {
    CHECK(name(Verdict::missing) == "TODO");
    CHECK(verdict_named("LEAK") == Verdict::leak);
    CHECK_THROWS_AS(verdict_named("FINE"), std::invalid_argument);
    CHECK(overall_name(Verdict::pass, 10, 10) == "PASS");
    CHECK(overall_name(Verdict::wrong, 4, 10) == "PARTIAL");
    CHECK(overall_name(Verdict::tamper, 4, 10) == "TAMPER");
}
