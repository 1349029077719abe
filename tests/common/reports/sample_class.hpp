// A class for the tests of the reports: who is right, who is wrong, who is hostile.
#pragma once

#include <course/reports/html_page.hpp>
#include <string>

/// What hostile students name their folders, print, and make the compiler say.
inline const std::string hostile_text =
    std::string("</script><script>document.title='pwned'</script> & \"quotes\" 'single' ]]> ") +
    '\0' +
    "\x1b[2J\xff\xfe \xc3\x28 \xed\xa0\x80 \xe2\x80\xae ::error::x\n::stop-commands::y\n| a | <img "
    "src=x onerror=document.title='pwned'>\r";

/// A lab of two items and three cases, one of them hidden.
inline course::grading::Rubric sample_rubric() {
    return {"02-join-pitfalls",
            "Join pitfalls",
            "downloads.hpp",
            {{"02.1",
              "Start all",
              {{"eight take as long as one", 3, "t.cpp", 12, 2}, {"in order", 1, "t.cpp", 20, 1}},
              3},
             {"02.2", "Errors", {{"an error comes out", 6, "h.cpp", 30, 4, true}}, 5}}};
}

/// A result in which the three cases have these verdicts; a failed one has all the texts that there are, with \p text
/// in each.
inline course::grading::LabResult sample_result(std::vector<course::grading::Verdict> verdicts,
                                                const std::string& text = "1 == 2") {
    course::grading::LabResult result;
    result.rubric = sample_rubric();
    result.wall = std::chrono::milliseconds(1500);
    std::size_t at = 0;
    for (const auto& item : result.rubric.items) {
        result.items.push_back({item, {}});
        for (const auto& rubric : item.cases) {
            course::grading::CaseResult one;
            one.rubric = rubric;
            one.verdict = verdicts.at(at++);
            one.wall = std::chrono::milliseconds(20);
            if (one.verdict != course::grading::Verdict::pass) {
                one.summary = one.expected = one.got = one.notes = one.printed = one.hint = text;
                one.place = rubric.file + ":" + std::to_string(rubric.line + 2);
            }
            result.items.back().cases.push_back(one);
        }
    }
    return result;
}

/// A result without cases: \p build says why, \p messages more.
inline course::grading::LabResult sample_result(course::grading::Verdict build,
                                                const std::string& messages) {
    course::grading::LabResult result;
    result.rubric = sample_rubric();
    result.build = build;
    result.messages = messages;
    for (const auto& item : result.rubric.items)
        result.items.push_back({item, {}});
    return result;
}

/// A student of each kind.
inline course::reports::Rows sample_class() {
    using course::grading::Verdict;
    return {
        {"ann", {sample_result({Verdict::pass, Verdict::pass, Verdict::pass})}},
        {"ben", {sample_result({Verdict::wrong, Verdict::pass, Verdict::pass})}},
        {"cy", {sample_result({Verdict::wrong, Verdict::pass, Verdict::missing})}},
        {"di", {sample_result({Verdict::pass, Verdict::deadlock, Verdict::crash})}},
        {"eve", {sample_result(Verdict::compile, "/a/b/downloads.cpp:3:4: error: no\n")}},
        {"fay", {sample_result(Verdict::nothing, "")}},
        {"gil", {sample_result(Verdict::ungradable, "is a symbolic link")}},
        {"hu", {sample_result(Verdict::grader_error, "the disk is full")}},
        {hostile_text,
         {sample_result({Verdict::wrong, Verdict::tamper, Verdict::pass}, hostile_text)}},
        {"ivo", {sample_result(Verdict::compile, hostile_text)}},
        {"王小明", {sample_result({Verdict::missing, Verdict::missing, Verdict::missing})}},
    };
}

/// What is known about the lab of `sample_class`: a mistake that ben and cy make, and a file of each.
inline course::reports::ClassBackground sample_background() {
    using course::grading::Verdict;
    course::reports::ClassBackground background;
    auto& lab = background.labs["02-join-pitfalls"];
    lab.starter = "// TODO(02.1)\nvoid all() {\n    throw 1;\n}\n";
    lab.signatures = {{"joins_in_loop",
                       "joins each thread in the loop that starts it.",
                       "When does the second download start?",
                       {{"02.1", "eight take as long as one", Verdict::wrong, "t.cpp:14"}}}};
    for (const auto& row : sample_class())
        lab.sources[row.student] = "// mine: " + hostile_text + "\nvoid all() {\n    start();\n}\n";
    return background;
}
