// The page: what is in it, and that no byte of a student leaves its place. How it looks is tested in a browser.
#include <course/reports/html_page.hpp>
#include <course/reports/line_diff.hpp>
#include <course/reports/report_folder.hpp>
#include <course/testing/probes.hpp>
#include <course/testing/testing.hpp>
#include <nlohmann/json.hpp>

#include "sample_class.hpp"

using namespace course::reports;
using nlohmann::json;

namespace {

/// The data in the page.
json data_in(const std::string& page) {
    const std::string mark = "<script type=\"application/json\" id=\"data\">";
    const std::size_t start = page.find(mark) + mark.size();
    return json::parse(page.substr(start, page.find("</script>", start) - start), nullptr, false);
}

std::size_t occurrences(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size())
        ++count;
    return count;
}

/// A difference as text: `-a +b  c`.
std::string drawn(const std::string& before, const std::string& after) {
    std::string out;
    for (const auto& line : line_diff(before, after))
        out += line.kind + line.text + "|";
    return out;
}

}  // namespace

TEST_CASE("the page holds the class as data and nothing of a student can end the script element") {
    const std::string page = to_html(sample_class(), sample_background());
    CHECK(occurrences(page, "</script>") == 2);
    CHECK(occurrences(page, "<script") == 2);
    CHECK(page.find("{{") == std::string::npos);
    CHECK(page.find("<img") == std::string::npos);
    CHECK(page.find('\0') == std::string::npos);
    const json data = data_in(page);
    REQUIRE_FALSE(data.is_discarded());
    CHECK(data.at("students").size() == sample_class().size());
    CHECK(data.at("labs").at(0).at("items").size() == 2);
}

TEST_CASE(
    "who fails what a known mistake fails is in its cluster and others who fail alike in theirs") {
    const json data = data_in(to_html(sample_class(), sample_background()));
    std::map<std::string, std::size_t> sizes;
    for (const auto& cluster : data.at("clusters"))
        if (!cluster.at("mistakes").empty())
            sizes[cluster.at("mistakes")[0].at("mutant")] = cluster.at("students").size();
    CHECK(sizes == std::map<std::string, std::size_t>{{"joins_in_loop", 2}});
}

TEST_CASE("the page shows what was changed in the starter") {
    const json data = data_in(to_html({sample_class()[0]}, sample_background()));
    const auto& diff = data.at("students")[0].at("labs")[0].at("diff");
    CHECK(diff.dump().find("[\"-\",\"// TODO(02.1)\"]") != std::string::npos);
    CHECK(diff.dump().find("[\"+\",\"    start();\"]") != std::string::npos);
}

TEST_CASE("a difference has the fewest lines and hides what is far from a change") {
    CHECK(drawn("a\nb\nc\n", "a\nb\nc\n") == "~3|");
    CHECK(drawn("a\nb\nc\n", "a\r\nx\r\nc\r\n") == " a|-b|+x| c|");
    CHECK(drawn("", "a\n") == "+a|");
    CHECK(drawn("a\nb\n", "") == "-a|-b|");
    CHECK(drawn("a\nb\na\nb\n", "b\na\nb\na\n") == "-a| b| a| b|+a|");
    CHECK(drawn("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n6\n7\n") == "~3| 4| 5| 6|+7|");
    std::string many;
    std::string others;
    for (int i = 0; i < 3000; ++i) {
        many += "a" + std::to_string(i) + "\n";
        others += "b" + std::to_string(i) + "\n";
    }
    CHECK(line_diff(many, others).size() == 6000);
}

TEST_CASE("a report folder has every file and says so if it can't be written") {
    const course::testing::TemporaryFolder folder;
    prepare_reports(folder.path() / "out");
    write_reports(folder.path() / "out", {sample_class()[0]}, sample_background());
    for (const char* file :
         {"report.html", "gradebook.csv", "report.json", "junit.xml", "feedback/ann.txt"})
        CHECK_FALSE(course::testing::contents(folder.path() / "out" / file).empty());
    course::grading::write_whole(folder.path() / "file", "");
    CHECK_THROWS_WITH(prepare_reports(folder.path() / "file"),
                      course::testing::ContainsSubstring("cannot write a report"));
}
