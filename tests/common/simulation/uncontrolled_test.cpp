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

#include <atomic>
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

namespace {

/// As a library does that makes its system calls itself.
void read_from_empty_pipe() {
    int ends[2];
    EXPECT(pipe(ends) == 0);
    char byte;
    long result;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(SYS_read), "D"(ends[0]), "S"(&byte), "d"(1)
                 : "rcx", "r11", "memory");
}

[[gnu::noinline]] void count_for_ever() {
    for (long number = 0;; ++number) {
        asm volatile("" : : "r"(number));
    }
}

void block_all_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

TEST_CASE("a wait in the kernel that nobody knows is shown with its line") {
    const auto search = explore({.schedules = 1}, read_from_empty_pipe);
    CHECK(search.verdict == Verdict::not_controlled);
    CHECK(search.story.find("uncontrolled_test.cpp:") != std::string::npos);
}

TEST_CASE("a loop that does nothing at all is shown with its line") {
    const auto search = explore({.schedules = 1}, [] { std::thread(count_for_ever).join(); });
    CHECK(search.verdict == Verdict::livelock);
    CHECK(search.message.find("T1 runs and runs") != std::string::npos);
    CHECK(search.story.find("T1 was running, here") != std::string::npos);
    CHECK(search.story.find("uncontrolled_test.cpp:") != std::string::npos);
}

TEST_CASE("a loop that only some schedules reach is found as well", "[instrumented]") {
    const auto search = explore({}, [] {
        std::atomic<bool> first{false};
        std::thread thread([&] {
            if (first) {
                count_for_ever();
            }
        });
        std::this_thread::yield();
        first = true;
        thread.join();
    });
    CHECK(search.verdict == Verdict::livelock);
    CHECK(search.seed != 0);
}

TEST_CASE("a step that takes long is no hang") {
    const auto used = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
    };
    const auto search = explore({.schedules = 3}, [&] {
        std::thread([&] {
            const auto begin = used();
            while (used() - begin < 70) {
            }
        }).join();
    });
    CHECK(search.verdict == Verdict::pass);
    CHECK(search.schedules == 3);
}

TEST_CASE("who blocks signals hangs no longer than others") {
    const auto loop = explore({.schedules = 1}, [] {
        block_all_signals();
        count_for_ever();
    });
    CHECK(loop.verdict == Verdict::livelock);
    CHECK(loop.message.find("T0 runs and runs") != std::string::npos);
    const auto wait = explore({.schedules = 1}, [] {
        block_all_signals();
        read_from_empty_pipe();
    });
    CHECK(wait.verdict == Verdict::not_controlled);
    CHECK(wait.message.find("T0 waits in a call") != std::string::npos);
}
