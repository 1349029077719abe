// Limits, and the end of a whole process tree.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <course/grading/process_queue.hpp>
#include <course/testing/testing.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace course::grading;
using End = Outcome::End;

namespace {

Outcome run(const std::string& script, Limits limits = {}) {
    Command command;
    command.arguments = {"/bin/sh", "-c", script};
    command.limits = limits;
    ProcessQueue queue(1);
    Outcome ended;
    queue.submit(std::move(command), [&ended](Outcome outcome) { ended = std::move(outcome); });
    queue.run();
    return ended;
}

}  // namespace

TEST_CASE("exit status and both streams come back") {
    const Outcome outcome = run("echo out; echo err >&2; exit 7");
    CHECK(outcome.end == End::exited);
    CHECK(outcome.code == 7);
    CHECK(outcome.output == "out\n");
    CHECK(outcome.error == "err\n");
}

TEST_CASE("a signal is told from an exit status") {
    const Outcome outcome = run("kill -SEGV $$");
    CHECK(outcome.end == End::signalled);
    CHECK(outcome.code == SIGSEGV);
    CHECK(outcome.describe() == "was ended by SIGSEGV");
}

TEST_CASE("CPU time is limited and so is waiting") {
    Limits limits;
    limits.cpu = std::chrono::seconds(1);
    CHECK(run("while :; do :; done", limits).end == End::cpu_limit);
    limits.wall = std::chrono::milliseconds(300);
    const Outcome waiting = run("sleep 1000", limits);
    CHECK(waiting.end == End::wall_limit);
    CHECK_THAT(waiting.waiting, course::testing::ContainsSubstring("waits in"));
}

TEST_CASE("what a command leaves behind is counted and ended") {
    const Outcome outcome = run("sleep 1000 & setsid sleep 1000 & exit 0");
    CHECK(outcome.end == End::exited);
    CHECK(outcome.left_over == 2);
    CHECK(course::testing::children().empty());
}

TEST_CASE("a grader that is killed takes every tree with it") {
    const std::string told = "told." + std::to_string(getpid());
    REQUIRE(mkfifo(told.c_str(), 0600) == 0);
    const pid_t grader = fork();
    if (grader == 0) {
        run("setsid sh -c 'echo $$ >" + (std::filesystem::current_path() / told).string() +
            "; exec sleep 1000' & wait");
        _exit(0);
    }
    pid_t in_another_session = 0;
    std::ifstream(told) >> in_another_session;
    unlink(told.c_str());
    kill(grader, SIGKILL);
    waitpid(grader, nullptr, 0);
    REQUIRE(in_another_session > 0);
    for (int look = 0; look < 20'000 && !course::testing::has_ended(in_another_session); ++look)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(course::testing::has_ended(in_another_session));
}

TEST_CASE("output is kept up to a limit and a flood is ended") {
    Limits limits;
    limits.kept_output = 1000;
    const Outcome some = run("head -c 5000 /dev/zero", limits);
    CHECK(some.end == End::exited);
    CHECK(some.output.size() == 1000);
    CHECK(some.written == 5000);
    limits.output = 1 << 20;
    CHECK(run("cat /dev/zero", limits).end == End::output_limit);
}

TEST_CASE("a command that does not exist is our failure and not its own") {
    Command command;
    command.arguments = {"/no/such/program"};
    ProcessQueue queue(1);
    Outcome ended;
    queue.submit(command, [&ended](Outcome outcome) { ended = std::move(outcome); });
    queue.run();
    CHECK(ended.end == End::not_started);
    CHECK(ended.code == ENOENT);
}

TEST_CASE("a command inherits its standard streams and nothing else") {
    const int stray = dup(0);
    const Outcome outcome = run("ls /proc/self/fd | tr '\\n' ' '");
    CHECK(outcome.output == "0 1 2 3 ");  // 3 is the folder that ls reads
    close(stray);
}

TEST_CASE("at most so many commands run at once and all of them run") {
    ProcessQueue queue(3);
    int ended = 0;
    for (int i = 0; i < 20; ++i) {
        Command command;
        command.arguments = {"/bin/true"};
        queue.submit(std::move(command), [&](const Outcome& outcome) {
            ended += outcome.succeeded() ? 1 : 0;
            if (ended == 1) {
                Command another;
                another.arguments = {"/bin/true"};
                queue.submit(std::move(another), [&ended](const Outcome&) { ++ended; });
            }
        });
    }
    queue.run();
    CHECK(ended == 21);
}
