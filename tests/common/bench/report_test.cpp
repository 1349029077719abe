// Reports: what is said about figures, and the files that are made of them.
#include <course/testing/testing.hpp>
#include <fstream>
#include <sstream>

#include "figures.hpp"
#include "report/report.hpp"

using namespace bench;
namespace fs = std::filesystem;
using course::testing::ContainsSubstring;
using course::testing::thrown_by;

namespace {

Table table_of(std::vector<TableRow> rows) {
    return {some_origin(), 2, std::move(rows)};
}

std::string all_remarks(const Section& section) {
    std::string all;
    for (const std::string& remark : section.remarks)
        all += remark + "\n";
    return all;
}

/// The grid of \p section with \p title; an empty one if there is none.
Grid grid_of(const Section& section, const std::string& title) {
    for (const Section::Part& part : section.parts)
        if (part.title == title)
            return part.grid;
    return {};
}

std::string contents(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// A folder that is gone with the test.
struct Folder {
    fs::path path = fs::temp_directory_path() / ("report-test-" + std::to_string(getpid()));
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
};

const Waits some_waits{some_origin(),
                       1,
                       {{"threads", 1000, {0.2}, {1.3}, {8 << 20}},
                        {"coroutines", 1000, {0.1}, {1.1}, {1 << 20}},
                        {"threads", 100'000, {}, {}, {}},
                        {"coroutines", 100'000, {0.3}, {1.5}, {100 << 20}}}};

const Switches some_switches{
    some_origin(),
    {{"a function call", {1e-9}}, {"a thread hands over, one core", {4e-6, 5e-6, 9e-6}}}};

}  // namespace

TEST_CASE("a row that is slower in C++ than in Python is named") {
    const Table table = table_of(
        {row("io", "threads", 1000, "C++", 0.3), row("io", "threads", 1000, "Python", 0.2),
         row("cpu", "threads", 1000, "C++", 0.1), row("cpu", "threads", 1000, "Python", 0.2)});
    const std::string remarks = all_remarks(section(table));
    CHECK_THAT(remarks, ContainsSubstring("NOT as it should be: I/O, 1,000 tasks, thread pool: C++ "
                                          "takes 1.50 times as long as Python"));
    CHECK_THAT(remarks, !ContainsSubstring("CPU, 1,000"));
    CHECK_THAT(remarks, !ContainsSubstring("Each of the"));
}

TEST_CASE("if all rows are quicker in C++ the report says so") {
    const Table table = table_of(
        {row("io", "threads", 1000, "C++", 0.1), row("io", "threads", 1000, "Python", 0.2)});
    CHECK_THAT(all_remarks(section(table)),
               ContainsSubstring("Each of the 1 rows is quicker in C++ than in Python"));
}

TEST_CASE("a report without Python says that there was none") {
    const Section without = section(table_of({row("io", "threads", 1000, "C++", 0.1)}));
    CHECK_THAT(all_remarks(without), ContainsSubstring("python3 was not there"));
}

TEST_CASE("a row that is behind another executor is listed with its reason") {
    const Section with = section(table_of(
        {row("cpu", "threads", 10'000, "C++", 0.3), row("cpu", "processes", 10'000, "C++", 0.102),
         row("cpu", "serial", 10'000, "C++", 0.9), row("cpu", "tbb", 10'000, "C++", 0.1)}));
    const Grid behind = grid_of(with, "Where another executor is quicker");
    REQUIRE(behind.rows.size() == 1);  // 2 % are noise, and serial is nobody's executor
    CHECK(behind.rows[0][2] == "thread pool");
    CHECK(behind.rows[0][3] == "3.00 times");
    CHECK(behind.rows[0][4] == "oneTBB task_group");
    CHECK_THAT(behind.rows[0][5], ContainsSubstring("one queue under one lock"));
}

TEST_CASE("the article's advice is held against the figures") {
    const Section with = section(table_of({row("mixed", "processes", 10'000, "C++", 0.1),
                                           row("mixed", "pool_per_task", 10'000, "C++", 0.17)}));
    CHECK_THAT(
        all_remarks(with),
        ContainsSubstring("1.70 in C++ (1.70 times the processor time); 0.90 in the article"));
}

TEST_CASE("the CSV has a line for each row and a field for each word of its head") {
    const Table table =
        table_of({row("io", "threads", 1000, "C++", 0.3), row("io", "threads", 1000, "Python", 0.2),
                  row("mixed", "pool_per_task", 10'000, "C++", 0.2)});
    for (const Section& each : {section(table), section(some_waits), section(some_switches)}) {
        REQUIRE(each.csv.rows.size() >= 2);
        for (const auto& line : each.csv.rows) {
            CHECK(line.size() == each.csv.head.size());
            for (const std::string& field : line)
                CHECK(field.find(',') == std::string::npos);
        }
    }
    CHECK(section(table).csv.csv() ==
          "work,tasks,way,language,seconds,lowest,highest,processor_seconds,article_seconds\n"
          "io,1000,threads,C++,0.3,0.27,0.33,0.3,1.21674\n"
          "io,1000,threads,Python,0.2,0.18,0.22,0.2,1.21674\n"
          "mixed,10000,pool_per_task,C++,0.2,0.18,0.22,0.2,9.90007\n");
}

TEST_CASE("so many threads that there can't be are shown as none") {
    const Section waits = section(some_waits);
    CHECK_THAT(waits.summary[0].grid.text(), ContainsSubstring("the machine has not so many"));
    CHECK_THAT(all_remarks(waits),
               ContainsSubstring("100,000 waits: this machine can't have so many threads"));
    CHECK_THAT(all_remarks(waits), ContainsSubstring("a thread each takes 8.0 times the memory"));
}

TEST_CASE("the files of a report are made from its figures alone") {
    const Folder folder;
    const auto keep = [&](const char* name, const auto& figures) {
        write_file(folder.path, name, nlohmann::json(figures).dump());
    };
    keep("table.json", table_of({row("io", "threads", 1000, "C++", 0.3)}));
    keep("waits.json", some_waits);
    keep("switch.json", some_switches);
    write_report(folder.path);
    const std::string page = contents(folder.path / "index.html");
    for (const char* title : {"Which way for which work", "One chef who waits for everything",
                              "What a switch costs", "A &lt;fast&gt; one", "2026-01-02"})
        CHECK_THAT(page, ContainsSubstring(title));
    for (const char* name : {"table-1000", "table-10000", "waits", "switch"}) {
        const std::string picture = contents(folder.path / (std::string(name) + ".svg"));
        CHECK_THAT(picture, ContainsSubstring("</svg>"));
        // In the page its ids have its name: no two pictures there may share one.
        CHECK_THAT(page, ContainsSubstring("id=\"" + std::string(name) + "-"));
    }
    CHECK(page.find("src=") == std::string::npos);  // it needs no other file
    CHECK_THAT(contents(folder.path / "switch.md"),
               ContainsSubstring("| a thread hands over, one core | 5.00 us |"));
    CHECK_THAT(contents(folder.path / "table.md"), ContainsSubstring("1.22 s"));
}

TEST_CASE("a folder without figures, or with spoilt ones, is refused with what to do") {
    const Folder folder;
    CHECK_THAT(thrown_by([&] { write_report(folder.path); }),
               ContainsSubstring("./course bench table --report"));
    write_file(folder.path, "waits.json", R"({"wait": 1})");
    CHECK_THAT(thrown_by([&] { write_report(folder.path); }),
               ContainsSubstring("delete it, and measure again"));
}

TEST_CASE("times and sizes have three digits and the unit that people use") {
    CHECK(time_in_words(1.234) == "1.23 s");
    CHECK(time_in_words(0.9996) == "1.00 s");
    CHECK(time_in_words(0.0123456) == "12.3 ms");
    CHECK(time_in_words(4.2e-6) == "4.20 us");
    CHECK(time_in_words(1.6e-9) == "1.60 ns");
    CHECK(size_in_words(512) == "512 B");
    CHECK(size_in_words(1536) == "1.50 KiB");
    CHECK(size_in_words(1023.0 * 1024) == "1.00 MiB");
    CHECK(with_commas(999) == "999");
    CHECK(with_commas(1'234'567) == "1,234,567");
}
