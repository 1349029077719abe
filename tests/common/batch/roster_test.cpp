// The class, and what it costs to be late.
#include <course/batch/submissions.hpp>
#include <course/testing/testing.hpp>
#include <fstream>

using namespace course::batch;
using namespace std::chrono_literals;
using course::testing::ContainsSubstring;
using course::testing::TemporaryFolder;

namespace {

/// The roster that a file with \p text is.
Roster roster(const std::string& text) {
    const TemporaryFolder folder;
    std::ofstream(folder.file("roster.csv")) << text;
    return Roster(folder.file("roster.csv"));
}

std::string name_of(const RosterEntry* entry) {
    return entry ? entry->identity.name : "nobody";
}

}  // namespace

TEST_CASE("a roster is found by number and address and login and name in any order") {
    const Roster all = roster(
        "\xef\xbb\xbf\"Last name\";First name;Student ID;Email;Login\r\n"
        "Lovelace;Ada;0012;ada@example.edu;al12\r\n"
        "\"O'Hara; Jr.\";Maureen;0013;;mo13\r\n"
        "Kim;Min;0014;;\r\n"
        "Kim;Min;0015;;\r\n"
        ";;;;\r\n");
    REQUIRE(all.entries().size() == 4);
    CHECK(name_of(all.find({.id = "0012"})) == "Ada Lovelace");
    CHECK(name_of(all.find({.email = "Ada@Example.edu"})) == "Ada Lovelace");
    for (const char* name :
         {"Ada Lovelace", "Lovelace Ada", "lovelace, ada", "lovelaceada", "al12", "0012"})
        CHECK(name_of(all.find({.name = name})) == "Ada Lovelace");
    CHECK(name_of(all.find({.name = "Maureen O'Hara Jr."})) == "Maureen O'Hara; Jr.");
    CHECK(name_of(all.find({.name = "Min Kim"})) == "nobody");  // which one?
    CHECK(name_of(all.find({.name = "Min Kim", .id = "0015"})) == "Min Kim");
    CHECK(name_of(all.find({.name = "Alan Turing"})) == "nobody");
    CHECK_THROWS_WITH(roster("points,grade\n1,2\n"), ContainsSubstring("must name its columns"));
    CHECK_THROWS_WITH(Roster("/no/such/file"), ContainsSubstring("there is no roster"));
}

TEST_CASE("who is in the roster and handed in nothing has a row all the same") {
    std::vector<HandIn> hand_ins{{.student = "lovelaceada", .identity = {.name = "lovelaceada"}},
                                 {.student = "turing", .identity = {.name = "turing"}}};
    enrol(hand_ins, roster("name,id\nAda Lovelace,12\nGrace Hopper,13\n"));
    REQUIRE(hand_ins.size() == 3);
    CHECK(hand_ins[0].student == "Grace Hopper");
    CHECK(hand_ins[1].identity.id == "12");
    CHECK(hand_ins[1].identity.name == "Ada Lovelace");
    CHECK(hand_ins[2].remark == "not in the roster");
    std::vector<HandIn> unchanged{{.student = "turing"}};
    enrol(unchanged, Roster());
    CHECK(unchanged[0].remark == "");
}

TEST_CASE("a time is read with its zone") {
    CHECK(iso(parse_moment("2026-11-26T23:59Z")) == "2026-11-26T23:59:00Z");
    CHECK(iso(parse_moment("2026-11-26 23:59:30 +01:00")) == "2026-11-26T22:59:30Z");
    CHECK(iso(parse_moment("2026-11-26 20:00-0800")) == "2026-11-27T04:00:00Z");
    CHECK(iso(parse_moment("2023-09-20 21:49:29.000000000 Z")) == "2023-09-20T21:49:29Z");
    for (const char* wrong : {"tomorrow", "2026-02-30 10:00", "2026-11-26", "2026-11-26 23:61"})
        CHECK_THROWS_WITH(parse_moment(wrong), ContainsSubstring("write it like"));
}

TEST_CASE("each period that has begun costs, after the grace, up to the most") {
    LatePolicy policy;
    policy.set_penalty("10% per day up to 25%");
    policy.grace = 15min;
    const Moment due = parse_moment("2026-11-26 12:00Z");
    CHECK(policy.lateness(due, due).percent == 0);
    CHECK(policy.lateness(due + 15min, due).by == 0s);
    CHECK(policy.lateness(due + 15min + 1s, due).percent == 10);
    CHECK(policy.lateness(due + 24h, due).percent == 10);
    CHECK(policy.lateness(due + 24h + 1s, due).percent == 20);
    CHECK(policy.lateness(due + 500h, due).percent == 25);
    CHECK(policy.late_without_time().percent == 10);
    policy.set_penalty("5% per hour");
    CHECK(policy.lateness(due + 30h, due).percent == 100);
    CHECK_THROWS_WITH(policy.set_penalty("ten per cent"), ContainsSubstring("10% per day"));
    CHECK(in_words(26h) == "1 day 2 hours");
    CHECK(in_words(61s) == "2 minutes");
}

TEST_CASE("a row says how late it is, by one's own deadline if one has it") {
    LatePolicy policy;
    policy.deadline = parse_moment("2026-11-26 12:00Z");
    policy.set_penalty("10% per day");
    const auto rows = rows_for(
        {{.student = "ann", .handed_in = "2026-11-27 13:00Z"},
         {.student = "ben", .handed_in = "2026-11-27 13:00Z", .deadline = "2026-12-01 12:00Z"},
         {.student = "cy", .marked_late = true},
         {.student = "di"}},
        policy);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].late.percent == 20);
    CHECK(rows[0].remark == "late by 1 day 1 hour: 20 % off");
    CHECK(rows[0].late.handed_in == "2026-11-27T13:00:00Z");
    CHECK(rows[1].late.percent == 0);
    CHECK(rows[1].remark == "");
    CHECK(rows[2].remark == "late: 10 % off");
    CHECK(rows[3].late.percent == 0);
    CHECK_THROWS_WITH(rows_for({{.student = "eve", .handed_in = "yesterday"}}, policy),
                      ContainsSubstring("eve: 'yesterday' is not a time"));
}
