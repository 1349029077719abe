// ./course grade on a folder of submissions, as an instructor calls it; and what else the command
// answers.
#include <sys/wait.h>
#include <unistd.h>

#include <course/grading/rubric.hpp>
#include <course/testing/process_state.hpp>
#include <course/testing/testing.hpp>
#include <csignal>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <thread>

#include "course_command.hpp"

namespace {

namespace fs = std::filesystem;
using course::grading::Outcome;

const fs::path root = COURSE_FOLDER;
const std::string lab = "08-fd-inheritance";
const fs::path solution = root / "solutions" / lab / "descriptors.cpp";
const fs::path starter = root / "labs" / lab / "descriptors.cpp";

void hand_in(const fs::path& file, const fs::path& as) {
    fs::create_directories(as.parent_path());
    fs::copy_file(file, as);
}

void write(const fs::path& file, const std::string& text) {
    course::grading::write_whole(file, text);
}

/// The rows of a CSV file without quotes in it, by their first field.
std::map<std::string, std::string> rows_of(const fs::path& csv) {
    std::istringstream lines(course::testing::contents(csv));
    std::map<std::string, std::string> rows;
    for (std::string line; std::getline(lines, line);)
        rows[line.substr(0, line.find(','))] = line.substr(line.find(',') + 1);
    return rows;
}

/// The links in the pages of \p folder that lead nowhere.
std::vector<std::string> links_to_nothing(const fs::path& folder) {
    std::vector<std::string> dead;
    const std::regex link(R"(\]\(([^):#\s]+)\))");
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".md")
            continue;
        const std::string text = course::testing::contents(entry.path());
        for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at)
            if (!fs::exists(entry.path().parent_path() / (*at)[1].str()))
                dead.push_back(entry.path().filename().string() + ": " + (*at)[1].str());
    }
    return dead;
}

}  // namespace

TEST_CASE("a folder of submissions gives every student a row whatever was handed in") {
    const course::testing::TemporaryFolder folder;
    const fs::path class_folder = folder.path() / "class";
    hand_in(solution, class_folder / "ann" / lab / "descriptors.cpp");
    hand_in(solution, class_folder / "ben" / "my work" / "descriptors.cpp");
    hand_in(starter, class_folder / "王小明 (2)" / "descriptors.cpp");
    write(class_folder / "dora" / "descriptors.cpp", "int main( {");
    fs::create_directories(class_folder / "emil");
    hand_in(solution, class_folder / "fay" / "a" / "descriptors.cpp");
    hand_in(solution, class_folder / "fay" / "b" / "descriptors.cpp");
    fs::create_directories(class_folder / "gil");
    fs::create_symlink("/etc/passwd", class_folder / "gil" / "descriptors.cpp");
    // A byte order mark and CRLF line ends do no harm, nor does a header of one's own with the
    // contract's name.
    std::string text = "\xef\xbb\xbf";
    for (const char c : course::testing::contents(solution))
        text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    write(class_folder / "hu" / "descriptors.cpp", text);
    write(class_folder / "hu" / "descriptors.hpp", "#error \"this is not the contract\"\n");

    const fs::path report = folder.path() / "report";
    const Outcome ended =
        call({"grade", class_folder.string(), "--lab", "08", "--report", report.string()});
    INFO(ended.output << ended.error);
    CHECK(ended.code == 1);
    const auto rows = rows_of(report / "gradebook.csv");
    CHECK(rows.size() == 10);  // with the heading and the points
    const auto starts = [&rows](const std::string& student, const std::string& start) {
        INFO(student << ": " << (rows.contains(student) ? rows.at(student) : "no row"));
        CHECK((rows.contains(student) && rows.at(student).rfind(start, 0) == 0));
    };
    starts("student", "score,points,verdict,08-fd-inheritance,08-fd-inheritance verdict,08.1,");
    starts("ann", "10,10,PASS,");
    starts("ben", "10,10,PASS,");
    starts("王小明 (2)", "0,10,TODO,");
    starts("dora", "0,10,COMPILE,0,COMPILE,0,");
    starts("emil", "0,10,NOTHING,0,NOTHING,0,");
    starts("fay", "0,0,UNGRADABLE,,UNGRADABLE,,");
    starts("gil", "0,0,UNGRADABLE,,UNGRADABLE,,");
    starts("hu", "10,10,PASS,");
    CHECK_THAT(course::testing::contents(report / "feedback" / "ann.txt"),
               course::testing::ContainsSubstring("10/10  PASS"));
    const auto json =
        nlohmann::json::parse(course::testing::contents(report / "report.json"), nullptr, false);
    REQUIRE_FALSE(json.is_discarded());
    CHECK(json.at("students").size() == 8);

    // Once more: the journal has it all, to the byte. With one more student, only that one is graded.
    const Outcome again =
        call({"grade", class_folder.string(), "--lab", "08", "--report", report.string()});
    CHECK_THAT(again.error,
               course::testing::ContainsSubstring("4 files and their tests are unchanged"));
    CHECK(nlohmann::json::parse(course::testing::contents(report / "report.json")) == json);
    hand_in(starter, class_folder / "ida" / "descriptors.cpp");
    write(folder.path() / "roster.csv",
          "name,deadline,handed in\nAnn,,2026-11-26 12:00Z\nBen,2026-11-30 "
          "12:00Z,2026-11-27 12:00Z\nJo,,\n");
    const Outcome more = call({"grade", class_folder.string(), "--lab", "08", "--report",
                               report.string(), "--roster", folder.file("roster.csv"), "--deadline",
                               "2026-11-25 13:00Z", "--late", "10% per day"});
    INFO(more.output << more.error);
    const auto enrolled = rows_of(report / "gradebook.csv");
    CHECK(enrolled.size() == 12);
    CHECK_THAT(enrolled.at("ann"),
               course::testing::ContainsSubstring("late by 23 hours: 10 % off"));
    CHECK_THAT(enrolled.at("Jo"), course::testing::ContainsSubstring("NOTHING"));
    CHECK_THAT(enrolled.at("hu"), course::testing::ContainsSubstring("not in the roster"));
    CHECK_THAT(more.output, course::testing::ContainsSubstring("9 points left"));
}

TEST_CASE("a grading that is killed leaves nothing running and goes on, and Ctrl-C says how") {
    const course::testing::TemporaryFolder folder;
    const fs::path report = folder.path() / "report";
    const fs::path class_folder = folder.path() / "class";
    hand_in(solution, class_folder / "ann" / "descriptors.cpp");
    const std::string endless =
        std::regex_replace(course::testing::contents(starter),
                           std::regex("throw course::NotImplemented"), "for (;;) ; $&");
    write(class_folder / "ben" / "descriptors.cpp", endless);
    const auto end_by = [&](int signal) {
        const pid_t course = fork();
        if (course == 0) {
            setenv("COURSE_ROOT", COURSE_FOLDER, 1);
            freopen(folder.file("said").c_str(), "w", stderr);
            const std::string program = std::string(BUILD_FOLDER) + "/bin/course-cli";
            execl(program.c_str(), program.c_str(), "--jobs", "2", "grade", class_folder.c_str(),
                  "--lab", "08", "--report", report.c_str(), nullptr);
            _exit(127);
        }
        // Until something of ben's runs, which would go on until its CPU time is used up.
        pid_t endless_case = -1;
        while (endless_case < 0 && !course::testing::has_ended(course)) {
            for (const auto& supervisor : course::testing::children(course))
                for (const auto& one : course::testing::children(supervisor.pid))
                    if (course::testing::contents("/proc/" + std::to_string(one.pid) + "/cmdline")
                            .find("--case") != std::string::npos)
                        endless_case = one.pid;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        REQUIRE(endless_case > 0);
        kill(course, signal);
        int status = 0;
        waitpid(course, &status, 0);
        course::testing::wait_for_end(endless_case);
        return status;
    };
    const int killed = end_by(SIGKILL);
    CHECK(WIFSIGNALED(killed));
    const int stopped = end_by(SIGINT);
    CHECK(WIFEXITED(stopped));
    CHECK(WEXITSTATUS(stopped) == 2);
    CHECK_THAT(course::testing::contents(folder.file("said")),
               course::testing::ContainsSubstring("the same command goes on from there"));
    fs::copy_file(starter, class_folder / "ben" / "descriptors.cpp",
                  fs::copy_options::overwrite_existing);
    const Outcome ended =
        call({"grade", class_folder.string(), "--lab", "08", "--report", report.string()});
    INFO(ended.output << ended.error);
    const auto rows = rows_of(report / "gradebook.csv");
    CHECK(rows.at("ann").starts_with("10,10,PASS,"));
    CHECK(rows.at("ben").starts_with("0,10,TODO,"));
}

TEST_CASE("objects and libraries and build files beside the one file are not seen") {
    const course::testing::TemporaryFolder folder;
    const fs::path ivo = folder.path() / "class" / "ivo";
    hand_in(starter, ivo / "descriptors.cpp");
    write(ivo / "CMakeLists.txt", "file(REMOVE_RECURSE /)\n");
    for (const char* name : {"graded.o", "program", "libc.so.6", "libstdc++.so.6"})
        hand_in("/bin/true", ivo / name);
    const Outcome ended = call({"grade", (folder.path() / "class").string(), "--lab", "08"});
    CHECK_THAT(ended.output, course::testing::ContainsSubstring("TODO"));
    CHECK_THAT(ended.error, course::testing::ContainsSubstring("network: none"));
}

TEST_CASE("without a sandbox nothing is graded unless the caller wants that") {
    const course::testing::TemporaryFolder folder;
    hand_in(solution, folder.path() / "class" / "ann" / "descriptors.cpp");
    const fs::path programs = folder.path() / "bin";
    fs::create_directories(programs);
    for (const char* name : {"ninja", "cmake"})  // all but bubblewrap
        for (const char* from : {"/usr/local/bin", "/usr/bin"})
            if (fs::exists(fs::path(from) / name) && !fs::exists(programs / name))
                fs::create_symlink(fs::path(from) / name, programs / name);
    const std::vector<std::string> arguments{"grade", (folder.path() / "class").string(), "--lab",
                                             "08"};
    const Outcome refused = call(arguments, {"PATH=" + programs.string()});
    CHECK(refused.code == 2);
    CHECK_THAT(refused.error, course::testing::ContainsSubstring("bubblewrap is not installed"));
    CHECK_THAT(refused.error, course::testing::ContainsSubstring("--no-sandbox"));
    auto without = arguments;
    without.push_back("--no-sandbox");
    const Outcome graded = call(without, {"PATH=" + programs.string()});
    CHECK_THAT(graded.output, course::testing::ContainsSubstring("1 students"));
    CHECK_THAT(graded.error, course::testing::ContainsSubstring("run as you"));
}

TEST_CASE("a full disk costs nobody points") {
    const course::testing::TemporaryFolder folder;
    hand_in(solution, folder.path() / "class" / "ann" / "descriptors.cpp");
    const std::string small = (folder.path() / "small").string();
    fs::create_directories(small);
    std::vector<std::string> line{"unshare", "--mount"};
    if (geteuid() != 0)
        line.push_back("--map-root-user");
    for (const std::string& word :
         {std::string("sh"), std::string("-c"),
          "mount -t tmpfs -o size=1m small " + small + " && exec \"$@\"", std::string("sh"),
          course_program, std::string("grade"), (folder.path() / "class").string(),
          std::string("--lab"), std::string("08"), std::string("--no-sandbox")})
        line.push_back(word);
    const Outcome ended = execute(line, {"TMPDIR=" + small});
    INFO(ended.output << ended.error);
    CHECK(ended.code == 1);
    CHECK_THAT(ended.output, course::testing::ContainsSubstring("GRADER_ERROR"));
    CHECK_THAT(ended.output, course::testing::ContainsSubstring("the disk is full: make room in"));
}

TEST_CASE("the command says what is wrong and what to do about it") {
    const Outcome unknown = call({"grade", "2x"});
    CHECK(unknown.code == 2);
    CHECK_THAT(unknown.error, course::testing::ContainsSubstring("unknown lab 2x; did you mean"));
    const Outcome item = call({"grade", "08.1"});
    CHECK(item.code == 2);
    CHECK_THAT(item.error, course::testing::ContainsSubstring("08.1 is an item of lab 08"));
    const Outcome nowhere = call({"grade", "./no/such/folder"});
    CHECK(nowhere.code == 2);
    CHECK_THAT(nowhere.error,
               course::testing::ContainsSubstring("neither a lab nor a folder of submissions"));
    CHECK(call({"no-such-command"}).code == 2);
    CHECK(call({"grade", "08", "--report", "x"}).code == 2);
    const Outcome extra = call({"grade", "--wrong"});
    CHECK(extra.code == 2);
    CHECK_THAT(extra.error, course::testing::ContainsSubstring("--wrong"));
    const Outcome no_schedule = call({"replay", "08.1"});
    CHECK(no_schedule.code == 2);
    CHECK_THAT(no_schedule.error,
               course::testing::ContainsSubstring("not graded in the simulation"));
    CHECK(call({"--help"}).code == 0);
    const course::testing::TemporaryFolder full;
    write(full.path() / "something", "precious");
    const Outcome refused = call({"publish", full.path().string()});
    CHECK(refused.code == 2);
    CHECK_THAT(refused.error, course::testing::ContainsSubstring("is not empty"));
    CHECK(course::testing::contents(full.path() / "something") == "precious");
}

TEST_CASE("the scoreboard and a grade can be had as JSON") {
    const auto board = nlohmann::json::parse(call({"list", "--json"}).output, nullptr, false);
    REQUIRE_FALSE(board.is_discarded());
    CHECK(board.at("labs").size() >= 3);
    const Outcome graded = call({"grade", "08", "--json", "--file", solution.string()});
    const auto result = nlohmann::json::parse(graded.output, nullptr, false);
    REQUIRE_FALSE(result.is_discarded());
    CHECK(graded.code == 0);
    CHECK(result.at("score") == 10);
    CHECK(result.at("verdict") == "PASS");
}

TEST_CASE("a student repository has no solutions and no mutants and no hidden tests") {
    const course::testing::TemporaryFolder folder;
    const fs::path published = folder.path() / "students";
    const Outcome ended = call({"publish", published.string()});
    INFO(ended.output << ended.error);
    REQUIRE(ended.code == 0);
    CHECK(fs::exists(published / "course"));
    CHECK(fs::exists(published / "README.md"));
    CHECK(fs::exists(published / "labs" / lab / "README.md"));
    CHECK(fs::exists(published / "tests" / lab / "rubric.json"));
    CHECK_FALSE(fs::exists(published / "solutions"));
    CHECK_FALSE(fs::exists(published / "tests" / "grader"));
    int telling = 0;
    for (const auto& entry : fs::recursive_directory_iterator(published))
        telling +=
            entry.path().filename() == "mutants" || entry.path().filename() == "hidden" ? 1 : 0;
    CHECK(telling == 0);
    CHECK(course::testing::contents(published / "labs" / lab / "descriptors.cpp") !=
          course::testing::contents(solution));
    CHECK(course::testing::contents(published / "README.md").find("](docs/simulation.md)") !=
          std::string::npos);
    CHECK(links_to_nothing(published) == std::vector<std::string>{});
}
