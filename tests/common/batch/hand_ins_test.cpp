// Who handed in what: folders, archives, the exports of Moodle, Canvas and Gradescope.
#include <algorithm>
#include <course/batch/submissions.hpp>
#include <course/testing/testing.hpp>
#include <fstream>
#include <map>

#include "pack.hpp"

using namespace course::batch;
using course::batch::tests::pack;
using course::grading::Lab;
using course::grading::write_whole;
using course::testing::ContainsSubstring;
using course::testing::contents;
using course::testing::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

/// What is found in one place or more: for each student `file=text`, or why not.
std::map<std::string, std::string> found_in(const std::vector<fs::path>& places,
                                            std::optional<NamePattern> names = std::nullopt) {
    const TemporaryFolder work;
    std::map<std::string, std::string> found;
    for (const auto& one : collect(places, {work.path(), {"soup.cpp"}, names}).hand_ins) {
        std::string text = one.problem;
        for (const auto& file : one.files)
            text += file.name.string() + "=" + contents(file.place) + " ";
        found[one.student] = text + (one.marked_late ? "late" : "");
    }
    return found;
}

using Found = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("a class is a folder with a folder or an archive for each student") {
    const TemporaryFolder folder;
    write(folder.path() / "ann" / "soup.cpp", "1");
    write(folder.path() / "ben" / "my work" / "soup.cpp", "2");
    pack(folder.path() / "cy.zip", {{"01-soup/soup.cpp", "3"}, {"__MACOSX/x/._soup.cpp", "?"}});
    pack(folder.path() / "di" / "homework.tar.gz", {{"soup.cpp", "4"}, {"essay.pdf", "?"}});
    fs::create_directories(folder.path() / "emil");
    write(folder.path() / ".git" / "soup.cpp", "?");
    const Found expected{{"ann", "soup.cpp=1 "},
                         {"ben", "my work/soup.cpp=2 "},
                         {"cy", "01-soup/soup.cpp=3 "},
                         {"di", "soup.cpp=4 "},
                         {"emil", ""}};
    CHECK(found_in({folder.path()}) == expected);
    CHECK(found_in({folder.path() / "ann", folder.path() / "cy.zip"}) ==
          Found{{"ann", "soup.cpp=1 "}, {"cy", "01-soup/soup.cpp=3 "}});
    // One archive alone is a student's if the file lies in it as it would in a student's folder.
    CHECK(found_in({folder.path() / "cy.zip"}) == Found{{"cy", "01-soup/soup.cpp=3 "}});
}

TEST_CASE("a student whose archive is refused has the reason and nobody else is touched") {
    const TemporaryFolder folder;
    pack(folder.path() / "ann.tar.gz", {{"soup.cpp", "/etc/passwd", AE_IFLNK}});
    pack(folder.path() / "ben.zip", {{"../cy/soup.cpp", "evil"}});
    pack(folder.path() / "cy.zip", {{"soup.cpp", "right"}});
    pack(folder.path() / "di.zip", {{"soup.cpp", std::string(2 << 20, ' ')}});
    write(folder.path() / "emil.rar", "Rar!");
    pack(folder.path() / "inner.zip", {{"soup.cpp", "1"}});
    pack(folder.path() / "fay.zip", {{"inner.zip", contents(folder.path() / "inner.zip")}});
    fs::remove(folder.path() / "inner.zip");
    fs::create_symlink("/etc", folder.path() / "gil");
    const Found expected{
        {"ann", "ann.tar.gz: soup.cpp is a symbolic link"},
        {"ben", "ben.zip has a path that leads out of it, ../cy/soup.cpp"},
        {"cy", "soup.cpp=right "},
        {"di", "di.zip: soup.cpp is larger than 1 MiB"},
        {"emil", "emil.rar is no archive that can be read: hand in a .zip or a .tar.gz"},
        {"fay", "fay.zip holds another archive, inner.zip: hand in the file itself"},
        {"gil", "the folder is a symbolic link"}};
    CHECK(found_in({folder.path()}) == expected);
}

TEST_CASE("the export of Moodle is read with its folders and without") {
    const TemporaryFolder folder;
    pack(folder.path() / "inner.zip", {{"soup.cpp", "2"}});
    pack(folder.path() / "moodle.zip",
         {{"Lovelace Ada_1234567_assignsubmission_file/soup.cpp", "1"},
          {"Lovelace Ada_1234567_assignsubmission_onlinetext/onlinetext.html", "hello"},
          {"Müller Jörg_1234568_assignsubmission_file_/work.zip",
           contents(folder.path() / "inner.zip")},
          {"Wang Xiaoming_1234569_assignsubmission_file/essay.pdf", "?"},
          {"Wang Xiaoming_1234570_assignsubmission_file/soup.cpp", "3"}});
    const Found expected{{"Lovelace Ada", "soup.cpp=1 "},
                         {"Müller Jörg", "soup.cpp=2 "},
                         {"Wang Xiaoming (1234569)", ""},
                         {"Wang Xiaoming (1234570)", "soup.cpp=3 "}};
    CHECK(found_in({folder.path() / "moodle.zip"}) == expected);
    const fs::path flat = folder.path() / "flat";
    write(flat / "Ada Lovelace_1234567_assignsubmission_file_soup.cpp", "4");
    CHECK(found_in({flat}) == Found{{"Ada Lovelace", "soup.cpp=4 "}});
}

TEST_CASE("the export of Canvas is read with late marks and attempts") {
    const TemporaryFolder folder;
    pack(folder.path() / "submissions.zip", {{"lovelaceada_12345_67890_soup.cpp", "1"},
                                             {"hopper_LATE_12346_67891_soup-2.cpp", "2"},
                                             {"turing_12347_67892_essay.pdf", "?"}});
    const Found expected{
        {"hopper", "soup.cpp=2 late"}, {"lovelaceada", "soup.cpp=1 "}, {"turing", ""}};
    CHECK(found_in({folder.path() / "submissions.zip"}) == expected);
}

TEST_CASE("the export of Gradescope is read with everybody of a group and the time") {
    const TemporaryFolder folder;
    const std::string metadata =
        "---\nsubmission_1:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '0012'\n    "
        ":email: "
        "ada@example.edu\n  - :name: Grace/Hopper\n    :sid: '0013'\n  :created_at: 2026-11-26 "
        "21:49:29.000000000 Z\nsubmission_2:\n  :submitters:\n  - :name: Alan Turing\n    :sid: "
        "'0014'\n  :created_at: 2026-11-27 21:49:29.000000000 Z\n";
    pack(folder.path() / "gradescope.zip",
         {{"assignment_9_export/submission_1/soup.cpp", "1"},
          {"assignment_9_export/submission_2/src/soup.cpp", "2"},
          {"assignment_9_export/submission_metadata.yml", metadata}});
    const Found expected{{"Ada Lovelace", "soup.cpp=1 "},
                         {"Alan Turing", "src/soup.cpp=2 "},
                         {"Grace_Hopper", "soup.cpp=1 "}};
    CHECK(found_in({folder.path() / "gradescope.zip"}) == expected);
    const TemporaryFolder work;
    const auto all = collect({folder.path() / "gradescope.zip"}, {work.path(), {"soup.cpp"}, {}});
    REQUIRE(all.hand_ins.size() == 3);
    CHECK(all.hand_ins[0].identity.email == "ada@example.edu");
    CHECK(all.hand_ins[1].identity.id == "0014");
    CHECK(all.hand_ins[1].handed_in == "2026-11-27 21:49:29.000000000 Z");
    write(folder.path() / "bad" / "submission_metadata.yml", "a: [");
    CHECK_THROWS_WITH(found_in({folder.path() / "bad"}), ContainsSubstring("Gradescope"));
}

TEST_CASE("a class's archive with a link in it costs only the one whose link it is") {
    const TemporaryFolder folder;
    pack(folder.path() / "class.tar.gz", {{"all/ann/soup.cpp", "/etc/passwd", AE_IFLNK},
                                          {"all/ann/essay.pdf", "?"},
                                          {"all/ben/soup.cpp", "1"},
                                          {"all/cy/essay.pdf", "?"}});
    CHECK(found_in({folder.path() / "class.tar.gz"}) ==
          Found{{"ann", "soup.cpp is a symbolic link"}, {"ben", "soup.cpp=1 "}, {"cy", ""}});
    pack(folder.path() / "evil.zip", {{"../ann/soup.cpp", "1"}});
    CHECK_THROWS_WITH(found_in({folder.path() / "evil.zip"}), ContainsSubstring("leads out of it"));
}

TEST_CASE("a pattern of one's own says who is meant") {
    const TemporaryFolder folder;
    write(folder.path() / "hw1-s123 soup.cpp", "1");
    write(folder.path() / "hw1-s124 soup.cpp", "2");
    CHECK(found_in({folder.path()}, NamePattern("hw*-s{id} {file}")) ==
          Found{{"123", "soup.cpp=1 "}, {"124", "soup.cpp=2 "}});
    CHECK_THROWS_WITH(NamePattern("{nam}"), ContainsSubstring("unknown field {nam}"));
    CHECK_THROWS_WITH(NamePattern("{file}"), ContainsSubstring("doesn't say who"));
    CHECK_FALSE(NamePattern("{id}+").match("123+4"));
    CHECK(NamePattern("{id}+").match("123+")->id == "123");
    CHECK_FALSE(NamePattern("{name}_{id}").match(std::string(100'000, 'a')));
}

TEST_CASE("a place without anybody in it is an error that says what is expected") {
    const TemporaryFolder folder;
    fs::create_directories(folder.path() / "class");
    CHECK_THROWS_WITH(found_in({folder.path() / "class"}), ContainsSubstring("one per student"));
    CHECK_THROWS_WITH(found_in({folder.path() / "nowhere"}), ContainsSubstring("neither"));
    write(folder.path() / "essay.pdf", "?");
    CHECK_THROWS_WITH(found_in({folder.path() / "essay.pdf"}), ContainsSubstring("nor an archive"));
}

TEST_CASE(
    "of several files the one in the lab's folder counts, and two of one name are a question") {
    const TemporaryFolder root;
    const Lab lab{"01", "01-soup", root.path()};
    for (const char* file : {"soup.cpp", "soup.hpp", "main.cpp"})
        write_whole(lab.folder() / file, "");
    for (const char* file : {"a", "b", "c"})
        write(root.path() / file, file);
    const std::vector<HandIn> hand_ins{
        {.student = "ann",
         .files = {{"soup.cpp", root.path() / "a"}, {"01-soup/soup.cpp", root.path() / "b"}}},
        {.student = "ben",
         .files = {{"x/soup.cpp", root.path() / "a"}, {"y/soup.cpp", root.path() / "b"}}},
        {.student = "cy"},
        {.student = "di", .problem = "is encrypted", .files = {{"soup.cpp", root.path() / "c"}}}};
    const auto submissions = find_submissions(hand_ins, {&lab});
    REQUIRE(submissions.size() == 4);
    CHECK(submissions[0].file == root.path() / "b");
    CHECK(submissions[0].problem == "");
    CHECK_THAT(submissions[1].problem, ContainsSubstring("2 files are called soup.cpp"));
    CHECK(submissions[2].file.empty());
    CHECK(submissions[3].problem == "is encrypted");
    const std::vector<HandIn> nobody{{.student = "cy"}};
    CHECK(find_submissions(nobody, {&lab}).size() == 1);  // the one lab that was asked for
    CHECK_THROWS_WITH(find_submissions(nobody, {&lab, &lab}), ContainsSubstring("soup.cpp"));
}
