// What the simulation does not control ends in a verdict that names it, and never in a hang.
#include <aio.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <course/simulation/catch.hpp>
#include <thread>

using course::explore;
using course::Verdict;

namespace {

struct Call {
    std::string name;
    std::function<void()> make;
};

sigset_t no_signals() {
    sigset_t set;
    sigemptyset(&set);
    return set;
}

const Call named[] = {
    {"pause", [] { pause(); }},
    {"sigsuspend",
     [] {
         const sigset_t set = no_signals();
         sigsuspend(&set);
     }},
    {"sigwait",
     [] {
         const sigset_t set = no_signals();
         int signal;
         sigwait(&set, &signal);
     }},
    {"sigwaitinfo",
     [] {
         const sigset_t set = no_signals();
         sigwaitinfo(&set, nullptr);
     }},
    {"sigtimedwait",
     [] {
         const sigset_t set = no_signals();
         const timespec second{1, 0};
         sigtimedwait(&set, nullptr, &second);
     }},
    {"pthread_cancel",
     [] {
         std::thread thread([] { std::this_thread::sleep_for(std::chrono::seconds(1)); });
         pthread_cancel(thread.native_handle());
         thread.join();
     }},
    {"alarm", [] { alarm(1); }},
    {"flock", [] { flock(open("/dev/null", O_RDONLY), LOCK_EX); }},
    {"semop",
     [] {
         sembuf wait{0, -1, 0};
         semop(semget(IPC_PRIVATE, 1, 0600), &wait, 1);
     }},
    {"msgrcv",
     [] {
         long message[8];
         msgrcv(msgget(IPC_PRIVATE, 0600), message, 8, 0, 0);
     }},
    {"syscall(SYS_nanosleep)",
     [] {
         const timespec long_time{100, 0};
         syscall(SYS_nanosleep, &long_time, nullptr);
     }},
    {"futex operation 6",
     [] {
         static int word = 0;
         syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0);
     }},
};

}  // namespace

TEST_CASE("an uncontrolled call is named and soon") {
    for (const Call& call : named) {
        CAPTURE(call.name);
        const auto search = explore({.schedules = 3}, call.make);
        CHECK(search.verdict == Verdict::not_controlled);
        CHECK(search.message == call.name);
    }
}

TEST_CASE("a wait in the kernel that nobody knows is shown with its line") {
    const auto search = explore({.schedules = 1}, [] {
        int ends[2];
        EXPECT(pipe(ends) == 0);
        char byte;
        long result;
        asm volatile("syscall"  // as a library does that makes its system calls itself
                     : "=a"(result)
                     : "a"(SYS_read), "D"(ends[0]), "S"(&byte), "d"(1)
                     : "rcx", "r11", "memory");
    });
    CHECK(search.verdict == Verdict::not_controlled);
    CHECK(search.story.find("uncontrolled_test.cpp:") != std::string::npos);
}
