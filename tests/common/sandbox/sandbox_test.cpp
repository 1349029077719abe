// A command in the sandbox: how it ends is told as exactly as without one, and it sees what its room shows.
#include <course/grading/process_queue.hpp>
#include <course/sandbox/sandbox.hpp>
#include <course/testing/testing.hpp>
#include <filesystem>
#include <fstream>

using namespace course::grading;
using course::sandbox::Room;
using course::sandbox::Sandbox;
using course::sandbox::UserSlot;
using End = Outcome::End;

namespace {

const Sandbox& walls() {
    static const Sandbox made(FIRST_PROCESS, COURSE_FOLDER);
    return made;
}

Outcome run(std::vector<std::string> arguments, const Room& room = {}, Limits limits = {}) {
    Command command;
    command.arguments = std::move(arguments);
    command.limits = limits;
    command.sandbox = &walls();
    command.room = room;
    ProcessQueue queue(1);
    Outcome ended;
    queue.submit(std::move(command), [&ended](Outcome outcome) { ended = std::move(outcome); });
    queue.run();
    return ended;
}

Outcome shell(const std::string& script, const Room& room = {}, Limits limits = {}) {
    return run({"/bin/sh", "-c", script}, room, limits);
}

}  // namespace

TEST_CASE("in the sandbox a signal is told from an exit status that looks like one") {
    const Outcome killed = shell("kill -SEGV $$");
    CHECK(killed.end == End::signalled);
    CHECK(killed.code == SIGSEGV);
    const Outcome pretended = shell("echo out; echo err >&2; exit 139");
    CHECK(pretended.end == End::exited);
    CHECK(pretended.code == 139);
    CHECK(pretended.output == "out\n");
    CHECK(pretended.error == "err\n");
}

TEST_CASE("in the sandbox what a command leaves behind is counted and ended") {
    const Outcome outcome = shell("sleep 1000 & setsid sleep 1000 & exit 0");
    CHECK(outcome.end == End::exited);
    CHECK(outcome.left_over == 2);
    CHECK(course::testing::children().empty());
}

TEST_CASE("in the sandbox the limits hold and the report says who waits in what") {
    Limits limits;
    limits.cpu = std::chrono::seconds(1);
    CHECK(shell("while :; do :; done", {}, limits).end == End::cpu_limit);
    limits.wall = std::chrono::milliseconds(300);
    const Outcome waiting = shell("sleep 1000; exit 0", {}, limits);
    CHECK(waiting.end == End::wall_limit);
    CHECK_THAT(waiting.waiting, course::testing::ContainsSubstring("the test ("));
    CHECK_THAT(waiting.waiting, course::testing::ContainsSubstring("waits in waitpid"));
    limits.output = 1 << 20;
    limits.wall = std::chrono::seconds(10);
    CHECK(shell("cat /dev/zero", {}, limits).end == End::output_limit);
}

TEST_CASE("a program that is not there is told from walls that do not stand") {
    const Outcome absent = run({"/no/such/program"});
    CHECK(absent.end == End::not_started);
    CHECK(absent.code == ENOENT);
    Room impossible;
    impossible.readable = {{"/dev/null", "/proc/1/mem/file"}};  // no folder can be made there
    const Outcome failed = run({"/bin/true"}, impossible);
    CHECK(failed.end == End::no_sandbox);
    CHECK_THAT(failed.describe(), course::testing::ContainsSubstring("into the sandbox: bwrap"));
}

TEST_CASE("a command sees what its room shows and can write where it may") {
    const course::testing::TemporaryFolder folder;
    const std::filesystem::path shown = folder.path() / "shown", hidden = folder.path() / "hidden";
    std::ofstream(shown) << "seen";
    std::ofstream(hidden) << "not seen";
    std::filesystem::create_directory(folder.path() / "out");
    Room room;
    room.readable = {{shown, "/shown"}};
    room.writable = folder.path() / "out";
    const std::string out = room.writable.string();
    const Outcome outcome = shell("cat /shown; echo no >/shown; cat " + hidden.string() +
                                      "; echo yes >" + out + "/file; cd /tmp; ls -A | wc -l",
                                  room);
    CHECK_THAT(outcome.output, course::testing::ContainsSubstring("seen"));
    CHECK(outcome.output.find("not seen") == std::string::npos);
    CHECK(course::testing::contents(shown) == "seen");
    CHECK(course::testing::contents(room.writable / "file") == "yes\n");
}

TEST_CASE("users of the sandbox who run at once are never the same") {
    const UserSlot nobody(false);
    CHECK_FALSE(nobody.id().has_value());
    const UserSlot one(true);
    const UserSlot other(true);
    REQUIRE(one.id().has_value());
    REQUIRE(other.id().has_value());
    CHECK(*one.id() != *other.id());
}
