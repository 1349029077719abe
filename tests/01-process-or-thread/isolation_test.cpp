// The rubric of lab 01: where the work ran, who saw its change, who survived it.
//
// Whether there can be a child depends on the machine. To show what happens if not, fork is replaced
// here for the whole test program: a definition in the program goes before libc's. It does nothing
// special until a case switches it on.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
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

#include <course/testing/failing_fork.hpp>
#include <course/testing/testing.hpp>

#include "isolation.hpp"

using course::testing::children;
using course::testing::contents;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::no_child_can_be;
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
    std::atomic<bool> exit_handler_ran = false;
    std::atomic<bool> signal_handler_ran = false;

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

/// A child that has exited with 9 and that nobody has waited for yet.
pid_t elder_child() {
    const pid_t elder = fork();
    if (elder == 0)
        _exit(9);
    siginfo_t ended;
    waitid(P_PID, static_cast<id_t>(elder), &ended, WEXITED | WNOWAIT);
    return elder;
}

/// Sends \p process a signal that it handles, once it waits, and gives the handler a second to run.
void interrupt(pid_t process, const std::atomic<bool>& handler_ran) {
    give_way_to(process);
    kill(process, SIGUSR1);
    for (int look = 0; look < 1000 && !handler_ran; ++look)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// The notes of the case that runs, for handlers, which can capture nothing.
SharedNotes* notes_of_case = nullptr;

constexpr const char* whose_process =
    "Who did the work? A child is a process with an identifier of its own; neither a plain call "
    "nor "
    "a thread has one.";
constexpr const char* what_is_left =
    "When your function is over, what it opened is closed, and the child that it started is waited "
    "for.";

}  // namespace

TEST_CASE("every thread is a task of its process", "[01.1][1 point]") {
    hint("A loop over a directory ends only if each turn moves on to the next entry.",
         Mishap::stuck);
    hint("What your function opens, it closes, also /proc: opendir has its closedir.",
         Mishap::leak);
    std::vector<pid_t> listed, existing;
    {
        const StandingThreads three(3);
        hint(
            "Which directory do you walk through? Each entry of it is a whole path, such as "
            "/proc/4316/task/4317. Which part of that is the number?");
        listed = lab::tasks_of(getpid());
        existing = threads();
    }
    hint("ls /proc/PID/task shows the list: one entry for each thread, the first one too.");
    INFO("this process has its first thread and three more");
    CHECK(sorted(listed) == existing);
}

TEST_CASE("another process can be asked and a missing one is an error", "[01.1][1 point]") {
    hint("What your function opens, it closes, also /proc: opendir has its closedir.",
         Mishap::leak);
    std::vector<pid_t> listed, existing;
    {
        const ChildWithThreads child(2);
        listed = lab::tasks_of(child.pid());
        existing = threads(child.pid());
    }
    {
        hint("/proc/self is the process that looks. Whose directory were you asked for?");
        INFO("the child has its first thread and two more");
        CHECK(sorted(listed) == existing);
    }
    hint("No process has no tasks. What does opening a directory that isn't there tell you?");
    INFO("no process has this number");
    CHECK_THROWS_AS(lab::tasks_of(INT_MAX), std::system_error);
}

TEST_CASE("a thread's change is seen by its caller", "[01.2][1 point]") {
    // Static, for a thread that nobody has waited for may still use them when the case is over.
    static std::atomic<pid_t> task_of_caller, process_of_work, task_of_work;
    static std::atomic<int> times{0}, counter{41};
    static std::atomic<bool> work_is_over{false};
    static const std::function<int()> work = [] {
        ++times;
        process_of_work = getpid();
        task_of_work = this_task();
        give_way_to(task_of_caller);
        const int changed = ++counter;
        work_is_over = true;
        return changed;
    };
    task_of_caller = this_task();
    hint(
        "Two things end the whole process: a std::thread that is destroyed before join, and an "
        "exception that leaves a thread. What was printed tells which.",
        Mishap::crash);
    const int returned = lab::in_thread(work);
    const bool work_was_over = work_is_over;
    hint("Is the work over when your function returns? Nothing waits for a thread by itself.");
    CHECK(work_was_over);
    hint("Each call of work() does the work once more. How many calls do you make?");
    CHECK(times == 1);
    hint("Who did the work? It must have a task of its own; a plain call has the caller's.");
    CHECK(task_of_work != task_of_caller);
    CHECK(process_of_work == getpid());
    hint(
        "Into whose variable does the thread write the result (a capture by value is a copy), and "
        "has it done so when you read it?");
    CHECK(returned == 42);
    CHECK(counter == 42);
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
    const lab::Ending killed = lab::ending_of(status_after([] { std::raise(SIGKILL); }));
    hint("WEXITSTATUS means nothing after a signal: it reads 0, as if all were well. Ask first.");
    CHECK(killed.exit_status == -1);
    hint(
        "It is the signal's own number that is asked for; 128 more is what the shell makes of it. "
        "wait(2) names the macro that goes with WIFSIGNALED.");
    CHECK(killed.signal == SIGKILL);
    INFO("and another by SIGABRT, with a core dump");
    const lab::Ending dumped = lab::ending_of(SIGABRT | WCOREFLAG);
    hint("The low byte is the signal and one bit for a core dump. Which macro leaves it out?");
    CHECK(dumped.exit_status == -1);
    CHECK(dumped.signal == SIGABRT);
}

TEST_CASE("a child's change stays in the child", "[01.4][1 point]") {
    SharedNotes& notes = SharedNotes::make();
    const pid_t process_of_caller = getpid();
    int counter = 41;
    hint(what_is_left, Mishap::leak);
    const lab::Ending ending = lab::in_child([&] {
        notes.process = getpid();
        give_way_to(process_of_caller);
        return ++counter;
    });
    hint(whose_process);
    CHECK(notes.process != process_of_caller);
    hint("An ended child stays a zombie until its parent has waited for it. Did the parent wait?");
    const auto children_left = children().size();
    CHECK(children_left == 0);
    hint("What waitpid reports is still packed. Which of your functions unpacks it?");
    CHECK(ending.exit_status <= 255);
    hint(
        "After fork each side has its own copy of every variable. All that comes back to the "
        "parent is what the child gives to _exit.");
    CHECK(ending.exit_status == 42);
    CHECK(ending.signal == 0);
    hint("vfork lends the caller's memory to the child; fork gives it a copy.");
    const int seen_by_caller = counter;
    CHECK(seen_by_caller == 41);
}

TEST_CASE("what the caller had written comes out once", "[01.4][1 point]") {
    notes_of_case = &SharedNotes::make();
    static const pid_t caller = getpid();
    std::atexit([] {
        if (caller != getpid())
            notes_of_case->exit_handler_ran = true;
    });
    hint(what_is_left, Mishap::leak);
    // Not standard output: under ThreadSanitizer even _exit flushes that one.
    std::FILE* orders = std::fopen("orders.txt", "we");
    REQUIRE(orders != nullptr);
    std::fputs("soup", orders);
    lab::in_child([] {
        notes_of_case->process = getpid();
        return 0;
    });
    std::fclose(orders);
    hint(whose_process);
    CHECK(notes_of_case->process != caller);
    hint(
        "exit flushes buffers and calls atexit handlers. In a child both are its parent's copies. "
        "Which call ends a process and does nothing else?");
    const std::string written = contents("orders.txt");
    CHECK(written == "soup");
    const bool handlers_of_the_caller_ran_in_the_child = notes_of_case->exit_handler_ran;
    CHECK_FALSE(handlers_of_the_caller_ran_in_the_child);
}

TEST_CASE("only the new child is waited for until it is over", "[01.4][1 point]") {
    SharedNotes& notes = SharedNotes::make();
    notes_of_case = &notes;
    const pid_t caller = getpid();
    struct sigaction on_signal {};
    on_signal.sa_handler = [](int) { notes_of_case->signal_handler_ran = true; };
    sigaction(SIGUSR1, &on_signal, nullptr);
    const pid_t elder = elder_child();
    hint(what_is_left, Mishap::leak);
    const lab::Ending beside_elder = lab::in_child([&] {
        notes.process = getpid();
        return 7;
    });
    int status_of_elder = 0;
    const bool elder_was_left_alone = waitpid(elder, &status_of_elder, 0) == elder;
    hint(whose_process);
    CHECK(notes.process != caller);
    hint("wait takes any child that has ended; the caller may have others. waitpid takes yours.");
    {
        INFO("an older child, which is not yours, had exited with status 9");
        CHECK(beside_elder.exit_status == 7);
        CHECK(elder_was_left_alone);
    }
    hint(
        "When a signal handler has run, waitpid returns -1, errno is EINTR, and the child is not "
        "over. What then?");
    const lab::Ending interrupted = lab::in_child([&] {
        interrupt(caller, notes.signal_handler_ran);
        return 8;
    });
    INFO("the caller handled a signal while it waited for a child that returns 8");
    CHECK(interrupted.exit_status == 8);
    const auto children_left = children().size();
    CHECK(children_left == 0);
}

TEST_CASE("no child is an error", "[01.4][1 point]") {
    SharedNotes& notes = SharedNotes::make();
    const pid_t elder = elder_child();
    hint(what_is_left, Mishap::leak);
    hint(
        "If there can be no child, fork returns -1, and says why in errno. For waitpid, -1 is any "
        "child of the caller.");
    no_child_can_be = true;
    {
        INFO("the kernel has no process left: fork fails");
        CHECK_THROWS_AS(lab::in_child([&] {
                            notes.process = getpid();
                            return 7;
                        }),
                        std::system_error);
    }
    no_child_can_be = false;
    hint("No child, no work: what did your function do after fork had failed?");
    const bool work_was_done = notes.process != 0;
    CHECK_FALSE(work_was_done);
    int status_of_elder = 0;
    const bool elder_was_left_alone = waitpid(elder, &status_of_elder, 0) == elder;
    CHECK(elder_was_left_alone);
}

TEST_CASE("a crash in the child leaves the caller standing", "[01.4][1 point]") {
    hint("A signal kills a process with all its threads. Whose process is this?", Mishap::crash);
    hint(what_is_left, Mishap::leak);
    const lab::Ending crashed = lab::in_child(crash);
    hint("waitpid says how the child ended, and ending_of reads it. Is that what you return?");
    {
        INFO("the work crashed with SIGSEGV");
        CHECK(crashed.signal == SIGSEGV);
        CHECK(crashed.exit_status == -1);
    }
    const lab::Ending threw =
        lab::in_child([]() -> int { throw std::runtime_error("the oven is on fire"); });
    hint(
        "An exception of the work must end the child as std::terminate would, by SIGABRT. An exit "
        "status could be one that the work has returned.");
    INFO("the work threw an exception");
    CHECK(threw.signal == SIGABRT);
    CHECK(threw.exit_status == -1);
}
