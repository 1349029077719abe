// The rubric of lab 01: where the work ran, who saw its change, who survived it.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <latch>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <course/testing/testing.hpp>

#include "isolation.hpp"

using course::testing::children;
using course::testing::contents;
using course::testing::hint;
using course::testing::threads;

namespace {

pid_t this_task() {
    return static_cast<pid_t>(syscall(SYS_gettid));
}

std::vector<pid_t> sorted(std::vector<pid_t> tasks) {
    std::sort(tasks.begin(), tasks.end());
    return tasks;
}

/// Threads that only stand there, until the end of the scope.
class StandingThreads {
  public:
    explicit StandingThreads(int count) : all_stand_(count) {
        for (int i = 0; i < count; ++i)
            threads_.emplace_back([this] {
                all_stand_.count_down();
                go_home_.wait();
            });
        all_stand_.wait();
    }
    ~StandingThreads() {
        go_home_.count_down();
        for (auto& thread : threads_)
            thread.join();
    }
    StandingThreads(const StandingThreads&) = delete;
    StandingThreads& operator=(const StandingThreads&) = delete;

  private:
    std::latch all_stand_;
    std::latch go_home_{1};
    std::vector<std::thread> threads_;
};

/// A child with threads of its own, until the end of the scope.
class ChildWithThreads {
  public:
    explicit ChildWithThreads(int count) {
        int ends[2];
        if (pipe(ends) != 0)
            throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
        pid_ = fork();
        if (pid_ == 0) {
            const StandingThreads standing(count);
            const bool told = write(ends[1], "", 1) == 1;
            while (told)
                pause();
            _exit(1);
        }
        char byte = 0;
        const bool ready = read(ends[0], &byte, 1) == 1;
        close(ends[0]);
        close(ends[1]);
        if (!ready)
            throw std::runtime_error("the child did not start");
    }
    ~ChildWithThreads() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    ChildWithThreads(const ChildWithThreads&) = delete;
    ChildWithThreads& operator=(const ChildWithThreads&) = delete;

    pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
};

/// What the work writes here is seen by the test, wherever the work ran; never unmapped, because
/// the atexit handlers of a child may still write.
struct SharedNotes {
    pid_t process = 0;
    pid_t task = 0;
    bool exit_handler_ran = false;

    static SharedNotes& make() {
        void* page = mmap(nullptr, sizeof(SharedNotes), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            throw std::system_error(errno, std::generic_category(), "cannot share memory");
        return *new (page) SharedNotes;
    }
};

/// Lets a caller that does not wait go on without us: returns once \p task is blocked. A caller
/// that waits without blocking is given a second.
void give_way_to(pid_t task) {
    const std::string file = "/proc/" + std::to_string(task) + "/stat";
    for (int look = 0; look < 1000; ++look) {
        std::ifstream stat(file);
        std::string line;
        std::getline(stat, line);
        const auto name_end = line.rfind(')');
        if (name_end != std::string::npos && line.substr(name_end + 2, 1) == "S")
            return;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

/// The status that `waitpid` reports for a child that does \p body and then exits with 0.
template <class Body>
int status_after(Body body) {
    const pid_t child = fork();
    if (child == 0) {
        body();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

int crash() {
    std::signal(SIGSEGV, SIG_DFL);
    return std::raise(SIGSEGV);
}

SharedNotes* notes_of_exit = nullptr;

}  // namespace

TEST_CASE("every thread is a task of its process", "[01.1][1 point]") {
    std::vector<pid_t> listed, existing;
    {
        const StandingThreads three(3);
        hint("Threads are siblings: each has a directory in /proc/PID/task, the first one too.");
        listed = lab::tasks_of(getpid());
        existing = threads();
    }
    INFO("this process has its first thread and three more");
    CHECK(sorted(listed) == existing);
    hint("What your function opens, it closes, also /proc: opendir has its closedir.");
}

TEST_CASE("another process can be asked and a missing one is an error", "[01.1][1 point]") {
    std::vector<pid_t> listed, existing;
    {
        const ChildWithThreads child(2);
        hint("/proc/self is the process that looks. Whose directory were you asked for?");
        listed = lab::tasks_of(child.pid());
        existing = threads(child.pid());
    }
    {
        INFO("the child has its first thread and two more");
        CHECK(sorted(listed) == existing);
    }
    hint("No process has no tasks. What does opening a directory that isn't there tell you?");
    INFO("no process has this number");
    CHECK_THROWS_AS(lab::tasks_of(INT_MAX), std::system_error);
    hint("What your function opens, it closes, also /proc: opendir has its closedir.");
}

TEST_CASE("a thread's change is seen by its caller", "[01.2][2 points]") {
    const pid_t task_of_caller = this_task();
    pid_t process_of_work = 0, task_of_work = 0;
    int counter = 41;
    const std::function<int()> work = [&] {
        process_of_work = getpid();
        task_of_work = this_task();
        give_way_to(task_of_caller);
        return ++counter;
    };
    hint("A std::thread that is destroyed before join or detach ends the whole process.");
    const int seen_by_thread = lab::in_thread(work);
    hint("Has the work finished when you read its result? Nothing waits for a thread by itself.");
    CHECK(seen_by_thread == 42);
    const int seen_by_caller = counter;
    CHECK(seen_by_caller == 42);
    hint("Who did the work? It must have a task of its own; a plain call has the caller's.");
    CHECK(task_of_work != task_of_caller);
    CHECK(process_of_work == getpid());
}

TEST_CASE("a process that exited tells its exit status", "[01.3][1 point]") {
    hint("The status packs several numbers into one int. wait(2) names the macros to unpack it.");
    const lab::Ending zero = lab::ending_of(status_after([] { _exit(0); }));
    CHECK(zero.exit_status == 0);
    CHECK(zero.signal == 0);
    const lab::Ending three = lab::ending_of(status_after([] { _exit(3); }));
    CHECK(three.exit_status == 3);
    CHECK(three.signal == 0);
    const lab::Ending most = lab::ending_of(status_after([] { _exit(255); }));
    CHECK(most.exit_status == 255);
    CHECK(most.signal == 0);
}

TEST_CASE("a process that was killed tells its signal", "[01.3][1 point]") {
    INFO("killed by SIGKILL");
    hint("WEXITSTATUS means nothing after a signal: it reads 0, as if all were well. Ask first.");
    const lab::Ending killed = lab::ending_of(status_after([] { std::raise(SIGKILL); }));
    CHECK(killed.exit_status == -1);
    CHECK(killed.signal == SIGKILL);
    hint("The low byte is the signal and one bit for a core dump. Which macro leaves it out?");
    INFO("and another by SIGABRT, with a core dump");
    const lab::Ending dumped = lab::ending_of(SIGABRT | WCOREFLAG);
    CHECK(dumped.exit_status == -1);
    CHECK(dumped.signal == SIGABRT);
}

TEST_CASE("a child's change stays in the child", "[01.4][1 point]") {
    SharedNotes& notes = SharedNotes::make();
    const pid_t process_of_caller = getpid();
    int counter = 41;
    hint("Whose process is this? If the work crashes here, it is the caller that dies.");
    const lab::Ending ending = lab::in_child([&] {
        notes.process = getpid();
        give_way_to(process_of_caller);
        return ++counter;
    });
    const pid_t process_of_work = notes.process;
    CHECK(process_of_work != process_of_caller);
    hint("An ended child stays a zombie until its parent has waited for it. Did the parent wait?");
    const auto children_left = children().size();
    CHECK(children_left == 0);
    hint(
        "After fork each side has its own copy of every variable, and runs on from there. "
        "All that comes back to the parent is what the child gives to _exit.");
    const int seen_by_child = ending.exit_status;
    CHECK(seen_by_child == 42);
    CHECK(ending.signal == 0);
    hint("vfork lends the caller's memory to the child; fork gives it a copy.");
    const int seen_by_caller = counter;
    CHECK(seen_by_caller == 41);
}

TEST_CASE("a crash in the child leaves the caller standing", "[01.4][1 point]") {
    hint("A signal kills a process with all its threads. Whose process is this?");
    const lab::Ending crashed = lab::in_child(crash);
    {
        INFO("the work crashed with SIGSEGV");
        CHECK(crashed.signal == SIGSEGV);
        CHECK(crashed.exit_status == -1);
    }
    hint(
        "The child's stack is a copy of the caller's. Where does an exception arrive that leaves "
        "the work? It must end the child as std::terminate would, not by an exit status.");
    const lab::Ending threw =
        lab::in_child([]() -> int { throw std::runtime_error("the oven is on fire"); });
    INFO("the work threw an exception");
    CHECK(threw.signal == SIGABRT);
    CHECK(threw.exit_status == -1);
}

TEST_CASE("what the caller had written comes out once", "[01.4][1 point]") {
    notes_of_exit = &SharedNotes::make();
    notes_of_exit->process = getpid();
    std::atexit([] {
        if (notes_of_exit->process != getpid())
            notes_of_exit->exit_handler_ran = true;
    });
    hint(
        "exit flushes buffers and calls atexit handlers. In a child both are its parent's copies. "
        "Which call ends a process and does nothing else?");
    // Not standard output: under ThreadSanitizer even _exit flushes that one.
    std::FILE* orders = std::fopen("orders.txt", "we");
    REQUIRE(orders != nullptr);
    std::fputs("soup", orders);
    lab::in_child([] { return 0; });
    std::fclose(orders);
    const std::string written = contents("orders.txt");
    CHECK(written == "soup");
    const bool handlers_of_the_caller_ran_in_the_child = notes_of_exit->exit_handler_ran;
    CHECK_FALSE(handlers_of_the_caller_ran_in_the_child);
}

TEST_CASE("only the new child is waited for", "[01.4][1 point]") {
    const pid_t elder = fork();
    if (elder == 0)
        _exit(9);
    siginfo_t ended;
    waitid(P_PID, static_cast<id_t>(elder), &ended, WEXITED | WNOWAIT);
    hint("wait takes any child that has ended; the caller may have others. waitpid takes yours.");
    const lab::Ending ending = lab::in_child([] { return 7; });
    INFO("an older child, which is not yours, had exited with status 9");
    CHECK(ending.exit_status == 7);
    int status_of_elder = 0;
    CHECK(waitpid(elder, &status_of_elder, 0) == elder);
    const auto children_left = children().size();
    CHECK(children_left == 0);
}
