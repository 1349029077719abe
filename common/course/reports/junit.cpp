// Writes a gradebook as JUnit XML. pugixml escapes what XML can hold; what it can't hold is made visible.
#include <fmt/format.h>

#include <pugixml.hpp>
#include <sstream>

#include <course/reports/clean_text.hpp>
#include <course/reports/formats.hpp>

namespace course::reports {

using namespace grading;

namespace {

void set(pugi::xml_node node, const char* name, const std::string& text) {
    node.append_attribute(name).set_value(printable(text).c_str());
}

std::string seconds(std::chrono::microseconds time) {
    return fmt::format("{:.3f}", static_cast<double>(time.count()) / 1e6);
}

/// What happened, as a child of \p test: `failure`, `error` or `skipped`.
void add_finding(pugi::xml_node test, Verdict verdict, const std::string& message,
                 const std::string& text) {
    const char* kind = verdict == Verdict::grader_error ? "error"
                       : verdict == Verdict::ungradable ? "skipped"
                                                        : "failure";
    pugi::xml_node node = test.append_child(kind);
    set(node, "type", std::string(name(verdict)));
    set(node, "message", message);
    if (!text.empty())
        node.text().set(printable(text).c_str());
}

pugi::xml_node add_test(pugi::xml_node suite, const LabResult& lab, const ItemResult& item,
                        const RubricCase& one, std::chrono::microseconds time) {
    pugi::xml_node test = suite.append_child("testcase");
    set(test, "name", one.name);
    set(test, "classname", lab.rubric.lab + "." + item.rubric.id);
    set(test, "assertions", std::to_string(one.assertions));
    set(test, "time", seconds(time));
    set(test, "file", "tests/" + lab.rubric.lab + (one.hidden ? "/hidden/" : "/") + one.file);
    set(test, "line", std::to_string(one.line));
    return test;
}

void add_suite(pugi::xml_node suites, const std::string& student, const LabResult& lab,
               const Hints& hints) {
    pugi::xml_node suite = suites.append_child("testsuite");
    set(suite, "name", (student.empty() ? "" : student + " ") + lab.rubric.lab);
    int tests = 0;
    for (const auto& item : lab.items) {
        if (lab.build != Verdict::pass)
            for (const auto& one : item.rubric.cases) {
                add_finding(add_test(suite, lab, item, one, {}), lab.build,
                            first_error(lab.messages), lab.messages);
                ++tests;
            }
        for (const auto& one : item.cases) {
            pugi::xml_node test = add_test(suite, lab, item, one.rubric, one.wall);
            ++tests;
            if (one.verdict != Verdict::pass)
                add_finding(test, one.verdict, one.summary,
                            explanation(item, one, lab.rubric, hints, {}));
            if (!one.printed.empty())
                test.append_child("system-out").text().set(printable(one.printed).c_str());
        }
    }
    set(suite, "tests", std::to_string(tests));
    for (const char* kind : {"failure", "error", "skipped"})
        set(suite, kind == std::string("skipped") ? kind : fmt::format("{}s", kind).c_str(),
            std::to_string(suite.select_nodes(fmt::format("testcase/{}", kind).c_str()).size()));
    set(suite, "time", seconds(lab.wall));
}

}  // namespace

std::string to_junit(const Rows& rows, const HintsByLab& hints) {
    pugi::xml_document document;
    pugi::xml_node suites = document.append_child("testsuites");
    set(suites, "name", "Three Kitchens");
    for (const auto& row : rows)
        for (const auto& lab : row.labs)
            add_suite(suites, row.student, lab, hints_of(lab.rubric.lab, hints));
    std::ostringstream out;
    document.save(out, "  ");
    return out.str();
}

}  // namespace course::reports
