// The rubric of lab 11: what a monitor has of its own, what it leaves, what its pool makes of it.
//
// Monitors are made in forked children, which print what they see; the test reads that.
#include "monitors.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <course/process_pool/errors.hpp>
#include <course/testing/shared_calls.hpp>
#include <course/testing/testing.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using course::testing::contents;
using course::testing::descriptors;
using course::testing::hint;
using course::testing::in_child;
using course::testing::Mishap;
using lab::Reading;

namespace {

/// Writes into a log that did not end with a line.
int pieces = 0;
/// Writes into a pid file that has its name already.
int written_in_place = 0;

void look_at_write(int descriptor, const char* bytes, std::size_t size) {
    std::error_code unknown;
    const fs::path target =
        fs::read_symlink("/proc/self/fd/" + std::to_string(descriptor), unknown);
    if (target.extension() == ".pid")
        ++written_in_place;
    if (target.filename() == "monitors.log" && (size == 0 || bytes[size - 1] != '\n'))
        ++pieces;
}

}  // namespace

extern "C" ssize_t write(int descriptor, const void* bytes, std::size_t size) {
    look_at_write(descriptor, static_cast<const char*>(bytes), size);
    return syscall(SYS_write, descriptor, bytes, size);
}

extern "C" ssize_t writev(int descriptor, const iovec* parts, int count) {
    const iovec& last = parts[count - 1];
    look_at_write(descriptor, static_cast<const char*>(last.iov_base), last.iov_len);
    return syscall(SYS_writev, descriptor, parts, count);
}

namespace {

const lab::Place here{fs::current_path().string()};
const lab::Place nowhere{(fs::current_path() / "no" / "such" / "folder").string()};

/// How many descriptors lead to that file of `here`.
long descriptors_of(const std::string& file) {
    const auto all = descriptors();
    return std::count_if(all.begin(), all.end(), [&](const auto& one) {
        return one.target == (fs::path(here.folder) / file).string();
    });
}

/// The names of the pid files there are, in order.
std::string pid_files() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(here.folder))
        if (entry.path().extension() == ".pid")
            names.insert(entry.path().filename().string());
    std::string text;
    for (const auto& name : names)
        text += (text.empty() ? "" : " ") + name;
    return text;
}

std::string pid_file_of(pid_t process) {
    return contents(here.folder + "/" + std::to_string(process) + ".pid");
}

/// What is in the database: `SITE WORKER` by id.
std::map<std::int64_t, std::string> rows() {
    std::map<std::int64_t, std::string> found;
    sqlite3* connection = nullptr;
    sqlite3_open_v2((here.folder + "/monitors.db").c_str(), &connection, SQLITE_OPEN_READONLY,
                    nullptr);
    sqlite3_busy_timeout(connection, 10'000);
    const auto add = [](void* to, int, char** values, char**) {
        (*static_cast<std::map<std::int64_t, std::string>*>(to))[std::stoll(values[0])] =
            std::string(values[1]) + " " + values[2];
        return 0;
    };
    sqlite3_exec(connection, "SELECT id, site, worker FROM readings", add, &found, nullptr);
    sqlite3_close(connection);
    return found;
}

/// What \p body throws, in words.
template <class Body>
std::string thrown_by(const Body& body) {
    try {
        body();
        return "nothing";
    } catch (const course::BrokenPool& error) {
        return std::string("BrokenPool: ") + error.what();
    } catch (const course::NotImplemented&) {
        throw;
    } catch (const std::logic_error&) {
        return "std::logic_error";
    } catch (const std::runtime_error& error) {
        return std::string("std::runtime_error: ") + error.what();
    }
}

/// What a child prints that becomes a monitor and does \p body; with what was wrong if it did not come to its end.
/// Its pid file is removed, whether it is closed or not.
/// \throws course::NotImplemented  if the child met it.
template <class Body>
std::string printed_by_monitor(const Body& body) {
    const auto end = in_child([&] {
        try {
            lab::open_monitor(here);
            body();
        } catch (const course::NotImplemented& missing) {
            std::printf("not implemented: %s", missing.item().c_str());
        } catch (const std::exception& error) {
            std::printf("%s, an exception", error.what());
        }
    });
    for (const auto& entry : fs::directory_iterator(here.folder))
        if (entry.path().extension() == ".pid" && entry.path().stem() != std::to_string(getpid()))
            fs::remove(entry.path());
    const std::string missing = "not implemented: ";
    if (end.output.rfind(missing, 0) == 0)
        throw course::NotImplemented(end.output.substr(missing.size()));
    return end.output + (end.signal != 0        ? ", signal " + std::to_string(end.signal)
                         : end.exit_status != 0 ? ", exit status " + std::to_string(end.exit_status)
                                                : "");
}

void hint_about_the_worst() {
    hint("Who closes what was opened, on every path? And who ends the workers?", Mishap::leak);
    hint("Somebody waits or tries for ever. What can't be opened now can't be opened later.",
         Mishap::stuck);
    hint("Your own process ended, no worker. Does an initializer end what it is called in?",
         Mishap::crash);
}

}  // namespace

// --- 11.1 ---------------------------------------------------------------------------------------

TEST_CASE("a monitor has a connection and a log and a pid file of its own", "[11.1][2 points]") {
    hint_about_the_worst();
    hint("Is the database open, once, in the process that is to use it?");
    CHECK(printed_by_monitor([] { std::printf("%ld", descriptors_of("monitors.db")); }) == "1");
    hint("Several processes write at the end of one log, wherever that is by then: O_APPEND.");
    CHECK(printed_by_monitor([] {
              for (const auto& one : descriptors())
                  if (one.target == here.folder + "/monitors.log")
                      std::printf("%s", (fcntl(one.number, F_GETFL) & O_APPEND) != 0
                                            ? "appends"
                                            : "overwrites");
          }) == "appends");
    hint("The pid file says which process this is. Whose number is in it, and is it there yet?");
    CHECK(printed_by_monitor([] {
              const bool right = pid_file_of(getpid()) == std::to_string(getpid()) + "\n";
              std::printf("%s", right ? "its own number" : "something else");
          }) == "its own number");
    hint("The pid file was there before its line was. Who reads it just then?");
    CHECK(printed_by_monitor([] { std::printf("%d", written_in_place); }) == "0");
}

// --- 11.2 ---------------------------------------------------------------------------------------

TEST_CASE("a look is a row and a line in one piece", "[11.2][1 point]") {
    hint_about_the_worst();
    hint("What the call returns is what is in the database.");
    CHECK(printed_by_monitor([] {
              const Reading soup = lab::look("soup");
              const Reading bread = lab::look("it's bread");
              const auto found = rows();
              const auto is_there = [&](const Reading& reading) {
                  return found.count(reading.id) == 1 && reading.worker == getpid() &&
                         found.at(reading.id) == reading.site + " " + std::to_string(getpid());
              };
              std::printf("%zu rows, %s", found.size(),
                          is_there(soup) && is_there(bread) ? "right" : "not what it returned");
          }) == "2 rows, right");
    fs::remove(here.folder + "/monitors.db");  // so that no name can be there twice
    hint("Is the line in the file when the call returns, or somewhere on its way?");
    CHECK(printed_by_monitor([] {
              const std::string before = contents(here.folder + "/monitors.log");
              lab::look("fish");
              const std::string me = std::to_string(getpid());
              const bool there = contents(here.folder + "/monitors.log") == before + me + " fish\n";
              std::printf("%s after %ld", there ? "there" : "not there",
                          static_cast<long>(std::count(before.begin(), before.end(), '\n')));
          }) == "there after 2");
    fs::remove(here.folder + "/monitors.db");
    hint("Between two writes of yours, another monitor may write. Put the line together first.");
    CHECK(printed_by_monitor([] {
              pieces = 0;
              lab::look("soup");
              lab::look(std::string(20'000, 'x'));
              std::printf("%d pieces", pieces);
          }) == "0 pieces");
    hint("The disk is full, and the line is not in the log. Who is told?");
    fs::remove(here.folder + "/monitors.log");
    fs::create_symlink("/dev/full", here.folder + "/monitors.log");
    CHECK_THAT(
        printed_by_monitor([] { std::printf("%s", thrown_by([] { lab::look("soup"); }).c_str()); }),
        course::testing::ContainsSubstring("std::runtime_error"));
}

TEST_CASE("monitors have different random numbers", "[11.2][1 point]") {
    hint_about_the_worst();
    hint(
        "Two monitors gave the same name to their readings. Where does the seed come from, and in "
        "which process?");
    std::set<std::string> names;
    for (int i = 0; i < 4; ++i)
        names.insert(printed_by_monitor(
            [] { std::printf("%ld", static_cast<long>(lab::look("soup").id)); }));
    CHECK(names.size() == 4);
    CHECK(rows().size() == 4);
}

// --- 11.3 ---------------------------------------------------------------------------------------

TEST_CASE("a monitor that is closed leaves nothing", "[11.3][1 point]") {
    hint_about_the_worst();
    const auto before = descriptors();
    lab::open_monitor(here);
    lab::look("soup");
    const auto child = in_child([] { lab::close_monitor(); });
    hint("A child closed its copy of the monitor: nothing happens, least of all to its parent.");
    CHECK(child.exit_status == 0);
    CHECK(pid_files() == std::to_string(getpid()) + ".pid");
    lab::close_monitor();
    hint("Whoever sees the pid file thinks that the process lives.");
    CHECK(pid_files().empty());
    hint("What was opened is to be closed.");
    CHECK(descriptors() == before);
    lab::close_monitor();
    hint("Who is no monitor, or no longer, or only the child of one, can't look.");
    CHECK(thrown_by([] { lab::look("soup"); }) == "std::logic_error");
    lab::open_monitor(here);
    const auto with_one = descriptors().size();
    lab::open_monitor(here);
    hint("It was a monitor already. What becomes of all that the first one had?");
    CHECK(descriptors().size() == with_one);
    CHECK(pid_files() == std::to_string(getpid()) + ".pid");
    hint("Closed and opened again, it is another monitor, and names its readings anew.");
    CHECK(thrown_by([] { lab::look("bread"); }) == "nothing");
    CHECK(rows().size() == 2);
    hint("Who is no monitor, or no longer, or only the child of one, can't look.");
    const std::string in_a_child =
        in_child([] { std::printf("%s", thrown_by([] { lab::look("soup"); }).c_str()); }).output;
    lab::close_monitor();
    CHECK(in_a_child == "std::logic_error");
}

TEST_CASE("the child of a monitor gets everything anew", "[11.3][1 point]") {
    hint_about_the_worst();
    lab::open_monitor(here);
    const auto mine = descriptors_of("monitors.db");
    hint("The parent looked before the fork. Is a random number of the child one of the parent's?");
    lab::look("rice");
    hint(
        "A child has a copy of its parent's monitor. SQLite: a connection must not be used after a "
        "fork, and not be closed either. So what is to be done with it?");
    CHECK(printed_by_monitor([&] {
              const Reading reading = lab::look("soup");
              std::printf("%s, %s", descriptors_of("monitors.db") > mine ? "one more" : "the same",
                          reading.worker == getpid() ? "its own number" : "another's number");
              lab::close_monitor();
          }) == "one more, its own number");
    hint("A child ended with exit, which destroys what is global: what was in it?");
    in_child([] { std::exit(0); });
    CHECK(pid_files() == std::to_string(getpid()) + ".pid");
    hint("The child ended, and the parent's pid file went with it.");
    CHECK(pid_files() == std::to_string(getpid()) + ".pid");
    hint("The parent goes on with what is its own, its random numbers, too.");
    CHECK(lab::look("bread").worker == getpid());
    CHECK(rows().size() == 3);
    lab::close_monitor();
}

TEST_CASE("what can't be opened is said and leaves nothing", "[11.3][1 point]") {
    hint_about_the_worst();
    const auto before = descriptors();
    hint("The caller can't know that the monitor was not opened, unless you throw.");
    const std::string folder = thrown_by([] { lab::open_monitor(nowhere); });
    CHECK(folder.substr(0, 19) == "std::runtime_error:");
    hint("Which file was it?");
    CHECK_THAT(folder, course::testing::ContainsSubstring("no/such/folder"));
    fs::create_directory(here.folder + "/monitors.log");  // which is no log
    hint("Half of it was open when the other half failed: what becomes of the first half?");
    const std::string log = thrown_by([] { lab::open_monitor(here); });
    CHECK_THAT(log, course::testing::ContainsSubstring("monitors.log"));
    CHECK(pid_files().empty());
    CHECK(descriptors() == before);
    CHECK(thrown_by([] { lab::look("soup"); }) == "std::logic_error");
}

namespace {

/// How many processes are forked, by whom ever, to have one site looked at.
int forks_of_watch(unsigned workers) {
    static const course::testing::Shared<std::atomic<int>> forks;
    static const bool counted =
        pthread_atfork(
            nullptr, [] { ++*forks; }, nullptr) == 0;  // the fork server's, too
    const int before = *forks;
    lab::watch(here, {"soup"}, workers, 100);
    return counted ? *forks - before : -1;
}

}  // namespace

// --- 11.4 ---------------------------------------------------------------------------------------

TEST_CASE("every look is made by a monitor of the pool", "[11.4][1 point]") {
    hint_about_the_worst();
    hint("In which process does the initializer run? In those of the pool, and in no other.");
    const std::vector<lab::Site> sites{"soup", "rice", "fish", "bread", "salad", "cake"};
    const auto readings = lab::watch(here, sites, 2, 100);
    std::string order;
    std::set<pid_t> workers;
    for (const Reading& reading : readings) {
        order += (order.empty() ? "" : " ") + reading.site;
        workers.insert(reading.worker);
    }
    hint("The readings come in the order of the sites.");
    CHECK(order == "soup rice fish bread salad cake");
    CHECK(rows().size() == 6);
    hint("In which process does the initializer run? In those of the pool, and in no other.");
    CHECK(workers.count(getpid()) == 0);
    CHECK(thrown_by([] { lab::look("soup"); }) == "std::logic_error");
    hint("At most as many workers as asked for.");
    CHECK(workers.size() <= 2);
    hint("Two workers, or five: who decides that, you or your caller?");
    CHECK(forks_of_watch(5) - forks_of_watch(2) == 3);
    hint("The pool is over: who has closed its monitors?");
    CHECK(pid_files().empty());
}

TEST_CASE("a worker is replaced after so many looks", "[11.4][1 point]") {
    hint_about_the_worst();
    const auto readings =
        lab::watch(here, {"soup", "rice", "fish", "bread", "salad", "cake"}, 1, 2);
    REQUIRE(readings.size() == 6);
    std::map<pid_t, int> looks;
    for (const Reading& reading : readings)
        ++looks[reading.worker];
    std::set<int> counts;
    for (const auto& [worker, count] : looks)
        counts.insert(count);
    hint("Six looks, two for each worker: how many workers were there, one after the other?");
    CHECK(looks.size() == 3);
    CHECK(counts == std::set<int>{2});
    hint("A worker that is replaced is closed as well.");
    CHECK(pid_files().empty());
}

TEST_CASE("a monitor that can't be opened breaks the pool", "[11.4][1 point]") {
    hint_about_the_worst();
    hint("The initializer failed in every worker. Who is told, and what can they do about it?");
    const std::string thrown = thrown_by([] { lab::watch(nowhere, {"soup", "rice"}, 2, 10); });
    CHECK(thrown.substr(0, 11) == "BrokenPool:");
    CHECK_THAT(thrown, course::testing::ContainsSubstring("no/such/folder"));
}
