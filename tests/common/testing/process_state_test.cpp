// What /proc says about a process, and what a case left behind.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <course/testing/testing.hpp>
#include <thread>

using namespace course::testing;

TEST_CASE("an open descriptor is listed with target and offset and close on exec") {
    const TemporaryFolder folder;
    const int fd = open(folder.file("log").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
    REQUIRE(write(fd, "12345", 5) == 5);
    bool found = false;
    for (const auto& descriptor : descriptors())
        if (descriptor.number == fd) {
            found = true;
            CHECK(descriptor.target == std::filesystem::canonical(folder.file("log")).string());
            CHECK(descriptor.offset == 5);
            CHECK(descriptor.close_on_exec);
        }
    CHECK(found);
    close(fd);
}

TEST_CASE("what is left over is named: a descriptor and a zombie and a closed one") {
    const int spare = open("/dev/null", O_RDONLY);
    const auto before = ProcessState::now();
    CHECK(difference(before, ProcessState::now()) == "");
    const int leak = open("/dev/zero", O_RDONLY);
    close(spare);
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t info{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
    const std::string text = difference(before, ProcessState::now());
    CHECK_THAT(text, ContainsSubstring("is open on /dev/zero"));
    CHECK_THAT(text, ContainsSubstring("was closed, but it was not yours"));
    CHECK_THAT(text, ContainsSubstring("never waited for (a zombie)"));
    waitpid(child, nullptr, 0);
    close(leak);
}

TEST_CASE("a thread is listed while it runs") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const auto before = threads();
    std::thread waiting([&] {
        char byte;
        [[maybe_unused]] const auto got = read(ends[0], &byte, 1);
    });
    CHECK(threads().size() == before.size() + 1);
    close(ends[1]);
    waiting.join();
    close(ends[0]);
}

TEST_CASE("a child's output and end come back and the parent's buffer is not doubled") {
    const std::string output = captured_output([] {
        std::printf("parent ");
        const ChildEnd end = in_child([] { std::printf("child"); });
        std::printf("[%s]", end.output.c_str());
    });
    CHECK(output == "parent [child]");
    CHECK(in_child([] { _exit(3); }).exit_status == 3);
    CHECK(in_child([] { raise(SIGKILL); }).signal == SIGKILL);
    CHECK(in_child([] { throw 1; }).exit_status == 70);
}

TEST_CASE("a process stands still when all others in it sleep and not while one computes") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    std::atomic<bool> computing = true;
    std::thread other([&] {
        while (computing)
            continue;
        char byte;
        [[maybe_unused]] const auto got = read(ends[0], &byte, 1);
    });
    CHECK_FALSE(nobody_moves(getpid()));
    computing = false;
    while (!nobody_moves(getpid()))
        std::this_thread::yield();
    CHECK(nobody_moves(getpid()));
    close(ends[1]);
    other.join();
    close(ends[0]);
}
