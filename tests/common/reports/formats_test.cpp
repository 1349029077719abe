// The formats: what each says about every kind of student, and that hostile text stays text.
#include <course/reports/clean_text.hpp>
#include <course/reports/formats.hpp>
#include <course/testing/testing.hpp>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "sample_class.hpp"

using namespace course::grading;
using namespace course::reports;
using course::testing::ContainsSubstring;
using nlohmann::json;

namespace {

json parsed(const std::string& text) {
    return json::parse(text, nullptr, false);
}

/// The row of \p student in the sample class.
GradebookRow row_of(const std::string& student) {
    for (auto& row : sample_class())
        if (row.student == student)
            return row;
    throw std::logic_error("nobody is called " + student);
}

}  // namespace

TEST_CASE("what a student printed cannot move the cursor and bad UTF-8 is shown as bytes") {
    CHECK(printable("a\x1b[2Jb\xff") == "a\\x1b[2Jb\\xff");
    CHECK(printable("tab\tline\n王") == "tab\tline\n王");
    CHECK(printable("\xc2\x9b"
                    "2J") ==
          "\\xc2\\x9b"
          "2J");  // CSI in one character
    CHECK(printable("\xe2\x80\xae"
                    "x") == "\\xe2\\x80\\xaex");  // turns the writing around
    CHECK(printable("\xed\xa0\x80\xc0\xaf") == "\\xed\\xa0\\x80\\xc0\\xaf");  // no UTF-8
    CHECK(printable("\xef\xbf\xbf\xf0\x9f\x8d\xb3") == "\\xef\\xbf\\xbf🍳");
    CHECK(html_text("<b a='1'>\"&") == "&lt;b a=&#39;1&#39;&gt;&quot;&amp;");
    CHECK(first_lines("a\nb\nc", 2) == "a\nb\n…");
    CHECK(shortened("abc", 2) == "ab… (3 bytes)");
}

TEST_CASE("the gradebook has a row per student and no score where nothing could be graded") {
    Rows rows{row_of("ann"), row_of("di"), row_of("gil"), row_of("fay")};
    rows[2].student = "=gil,\"x\"";
    rows[2].labs[0].messages = "two files, \"downloads.cpp\"";
    CHECK(
        to_csv(rows) ==
        "student,score,points,verdict,02-join-pitfalls,02-join-pitfalls verdict,02.1,02.2,note\r\n"
        "(points),,,,10,,4,6,\r\n"
        "ann,10,10,PASS,10,PASS,4,6,\r\n"
        "di,3,10,PARTIAL,3,PARTIAL,3,0,02.1 DEADLOCK: 1 == 2; 02.2 CRASH: 1 == 2\r\n"
        "\"'=gil,\"\"x\"\"\",0,0,UNGRADABLE,,UNGRADABLE,,,\"02-join-pitfalls UNGRADABLE: two "
        "files, "
        "\"\"downloads.cpp\"\"\"\r\n"
        "fay,0,10,NOTHING,0,NOTHING,0,0,02-join-pitfalls NOTHING\r\n");
    // Who it is, and what lateness costs, has columns if anybody has it.
    Rows known{row_of("ann"), row_of("di")};
    known[0].identity = {"Ann, A.", "", "ann@example.org"};
    known[0].late = {"2026-11-26T23:59:00Z", std::chrono::hours(20), 25};
    known[0].remark = "late by 20 hours";
    CHECK(to_csv(known) ==
          "student,score,points,verdict,lost by lateness,final,name,email,handed in,"
          "02-join-pitfalls,02-join-pitfalls verdict,02.1,02.2,note\r\n"
          "(points),,,,,,,,,10,,4,6,\r\n"
          "ann,10,10,PASS,2,8,\"Ann, A.\",ann@example.org,2026-11-26T23:59:00Z,10,PASS,4,6,late by "
          "20 hours\r\n"
          "di,3,10,PARTIAL,0,3,,,,3,PARTIAL,3,0,02.1 DEADLOCK: 1 == 2; 02.2 CRASH: 1 == 2\r\n");
    CHECK_THAT(feedback(known[0], {}), ContainsSubstring("10 points earned, 2 lost because it was "
                                                         "late: 8 of 10"));
    CHECK_THAT(to_json(known, {}), ContainsSubstring("\"final_score\": 8"));
    // What one lab lacks does not hide what another one has.
    const GradebookRow both{"eve", {rows[0].labs[0], rows[3].labs[0]}};
    CHECK(both.verdict_name() == "PARTIAL");
    CHECK(first_error("/a/b/x.cpp:3:4: warning: w\n/a/b/x.cpp:5:6: error: e\n") ==
          "x.cpp:5:6: error: e");
}

TEST_CASE("every format of one student is valid whoever it is") {
    for (const auto& row : sample_class()) {
        INFO(printable(row.student));
        const json gradescope = parsed(to_gradescope(row, {}));
        REQUIRE_FALSE(gradescope.is_discarded());
        double sum = 0;
        for (const auto& test : gradescope.at("tests"))
            sum += test.at("score").get<double>();
        CHECK(sum == gradescope.at("score").get<double>());
        CHECK(gradescope.dump().find("\\u0000") == std::string::npos);
        const std::string line = to_autolab(row);
        CHECK(line.find('\n') == line.size() - 1);
        CHECK(parsed(line).at("scoreboard").at(0) == row.score());
        // A runner sees a command in each line that begins with ::, and no other.
        std::istringstream lines(to_github_annotations(row, {}));
        for (std::string one; std::getline(lines, one);)
            CHECK((one.rfind("::error file=", 0) == 0 || one.rfind("::notice title=", 0) == 0));
        CHECK(to_github_summary(row, {}).find("<img") == std::string::npos);
    }
}

TEST_CASE(
    "Gradescope shows a test for each case and hides a hidden one until grades are published") {
    const json result = parsed(to_gradescope(row_of("ben"), {}));
    const auto& tests = result.at("tests");
    REQUIRE(tests.size() == 3);
    CHECK(tests[0].at("number") == "02.1");
    CHECK(tests[0].at("score") == 0);
    CHECK(tests[0].at("max_score") == 3);
    CHECK(tests[0].at("status") == "failed");
    CHECK_THAT(tests[0].at("output").get<std::string>(),
               ContainsSubstring("tests/02-join-pitfalls/t.cpp:14"));
    CHECK(tests[1].at("status") == "passed");
    CHECK(tests[2].at("visibility") == "after_published");
    CHECK(result.at("score") == 7);
    CHECK(result.at("execution_time") == 1.5);
    const json unreadable = parsed(to_gradescope(row_of("gil"), {}));
    REQUIRE(unreadable.at("tests").size() == 1);
    CHECK(unreadable.at("tests")[0].at("max_score") == 0);
    CHECK_THAT(unreadable.at("tests")[0].at("output").get<std::string>(),
               ContainsSubstring("is a symbolic link"));
}

TEST_CASE("Autolab gets a number for each item and none for what could not be graded") {
    CHECK(to_autolab(row_of("ben")) == "{\"scoreboard\":[7],\"scores\":{\"02.1\":1,\"02.2\":6}}\n");
    CHECK(to_autolab(row_of("hu")) == "{\"scoreboard\":[0],\"scores\":{}}\n");
}

TEST_CASE("JUnit tells failures from errors from what was skipped and holds any byte") {
    const std::string xml = to_junit(sample_class(), {});
    pugi::xml_document document;
    const auto read = document.load_string(xml.c_str(), pugi::parse_full);
    INFO(read.description());
    REQUIRE(read);
    const auto count = [&document](const char* path) { return document.select_nodes(path).size(); };
    CHECK(count("/testsuites/testsuite") == sample_class().size());
    CHECK(count("//testcase") == 3 * sample_class().size());
    CHECK(count("/testsuites/testsuite[@name='ben 02-join-pitfalls'][@failures='1']//failure") ==
          1);
    CHECK(count("/testsuites/testsuite[@name='gil 02-join-pitfalls'][@skipped='3']//skipped") == 3);
    CHECK(count("/testsuites/testsuite[@name='hu 02-join-pitfalls'][@errors='3']//error") == 3);
    CHECK(count("//testcase[@file='tests/02-join-pitfalls/hidden/h.cpp']") ==
          sample_class().size());
    const auto time = document.select_node("//testcase/@time").attribute().value();
    CHECK(time == std::string("0.020"));
    for (const char c : xml)
        CHECK_FALSE((static_cast<unsigned char>(c) < 0x20 && c != '\n'));
}

TEST_CASE("a GitHub annotation stands at the assertion or at the error of the compiler") {
    CHECK_THAT(to_github_annotations(row_of("ben"), {}),
               ContainsSubstring(
                   "::error file=tests/02-join-pitfalls/t.cpp,line=14,title=02.1 WRONG::eight"));
    CHECK_THAT(to_github_annotations(row_of("eve"), {}),
               ContainsSubstring("::error file=labs/02-join-pitfalls/downloads.cpp,line=3,"));
    CHECK_THAT(to_github_summary(row_of("ben"), {}),
               ContainsSubstring("| 02.1 | Start all | 1/4 | PARTIAL |"));
    CHECK_THAT(to_github_annotations(row_of("王小明"), {}), ContainsSubstring("0 of 10 points"));
}

TEST_CASE("a format for one student refuses a class and says so") {
    CHECK_THROWS_WITH(formatted("gradescope", sample_class(), {}),
                      ContainsSubstring("for one student"));
    CHECK_THROWS_WITH(formatted("word", sample_class(), {}), ContainsSubstring("no format word"));
    CHECK_FALSE(parsed(formatted("json", sample_class(), {})).is_discarded());
}

TEST_CASE("the command to see a schedule again can be copied and pasted") {
    const std::string name = "it's a long name that does not fit into a line of sixty characters";
    Rubric rubric = sample_rubric();
    rubric.items[0].cases.insert(rubric.items[0].cases.begin(), {name, 3, "t.cpp", 12, 1});
    LabResult result{rubric, Verdict::pass, "", {}, {}};
    result.items.push_back({rubric.items[0], {}});
    for (const auto& one : rubric.items[0].cases) {
        CaseResult failed;
        failed.rubric = one;
        failed.verdict = Verdict::deadlock;
        failed.story = "deadlock\n";
        failed.schedule = "0";
        result.items.back().cases.push_back(failed);
    }
    TextStyle style;
    style.width = 60;
    CHECK_THAT(
        rubric_view(result, {}, style),
        ContainsSubstring("      see again   ./course replay 02.1 --schedule 0 --case 'it'\\''s a "
                          "long name that does not fit into a line of sixty characters'\n"));
}
