// The rubric of lab 07: what came back, what is left behind, who still lives.
//
// The programs that are run are a shell and what every system has. Where one has to wait for the test,
// it reads a FIFO; where the test has to know that nobody goes on, it looks until nobody moves. Where the
// order of two steps decides, `poll` and `setpgid` are the test's own.
#include "children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <course/testing/testing.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::wait_for_end;

// --- poll and setpgid, in the test's hands ------------------------------------------------------

namespace {

/// What the system's calls do for the student's code.
enum class System {
    plain,    ///< what they always do
    flooded,  ///< somebody writes without pause, so poll always finds something to read
    settled,  ///< poll answers when the children have done all that they can
    late,     ///< setpgid of a child comes after its exec
};
std::atomic<System> system_now = System::plain;

/// The system is like this as long as it exists.
class While {
  public:
    explicit While(System system) { system_now = system; }
    ~While() { system_now = System::plain; }
    While(const While&) = delete;
    While& operator=(const While&) = delete;
};

bool is_pipe(int descriptor) {
    struct stat about {};
    return fstat(descriptor, &about) == 0 && S_ISFIFO(about.st_mode);
}

void wait_for_children() {
    while (!course::testing::nobody_moves(getpid()))
        std::this_thread::sleep_for(1ms);
}

/// Give a hint of its own to who asks for the same pipe again and again, although it has ended.
void look_for_ignored_ends(const pollfd* watched, nfds_t count) {
    static int last = -1;
    static int times = 0;
    int ended = -1;
    for (nfds_t i = 0; i < count; ++i)
        if (watched[i].revents == POLLHUP && (watched[i].events & POLLIN) != 0)
            ended = watched[i].fd;
    times = ended >= 0 && ended == last ? times + 1 : 0;
    last = ended;
    if (times == 1000)
        hint(
            "poll says POLLHUP, without POLLIN, when a pipe is empty and its last writer is gone. "
            "What do you do then?",
            Mishap::stuck);
}

}  // namespace

extern "C" int poll(pollfd* watched, nfds_t count, int timeout) {
    if (system_now == System::settled)
        wait_for_children();
    if (system_now == System::flooded &&
        std::any_of(watched, watched + count, [](const pollfd& one) {
            return (one.events & POLLIN) != 0 && is_pipe(one.fd);
        }))
        timeout = -1;
    const timespec limit = {timeout / 1000, timeout % 1000 * 1'000'000L};
    const int ready = ppoll(watched, count, timeout < 0 ? nullptr : &limit, nullptr);
    if (ready > 0 && gettid() == getpid())
        look_for_ignored_ends(watched, count);
    return ready;
}

extern "C" int setpgid(pid_t process, pid_t group) noexcept {
    if (system_now == System::late && process != 0 && process != getpid()) {
        // Until it is another program, has ended or waits for us.
        std::error_code gone;
        const auto program = [&gone](pid_t pid) {
            return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", gone);
        };
        while (program(process) == program(getpid()) && !course::testing::nobody_moves(getpid()))
            std::this_thread::sleep_for(1ms);
    }
    const int result = static_cast<int>(syscall(SYS_setpgid, process, group));
    if (result < 0 && errno == EACCES && getpgid(process) != process && gettid() == getpid())
        for (const auto mishap : {Mishap::wrong, Mishap::stuck})
            hint(
                "setpgid of a child fails (EACCES) once the child has called exec. In which "
                "process "
                "does it always come in time?",
                mishap);
    return result;
}

namespace {

lab::Command shell(const std::string& script, std::string input = "") {
    return {{"sh", "-c", script}, std::move(input), std::nullopt};
}

lab::Command within(std::chrono::milliseconds deadline, lab::Command command) {
    command.deadline = deadline;
    return command;
}

/// The error that `run` throws for \p command; 0 if it throws none.
int error_of(const lab::Command& command) {
    try {
        lab::run(command);
        return 0;
    } catch (const std::system_error& error) {
        return error.code().value();
    }
}

/// How \p ending came about, in words.
std::string text(const lab::Ending& ending) {
    return (ending.signal != 0 ? "signal " + std::to_string(ending.signal)
                               : "status " + std::to_string(ending.exit_status)) +
           (ending.timed_out ? ", timed out" : "");
}

/// The numbers in \p file: who wrote that it is there.
std::vector<pid_t> numbers_in(const std::string& file) {
    std::istringstream text(course::testing::contents(file));
    std::vector<pid_t> found;
    for (pid_t number = 0; text >> number;)
        found.push_back(number);
    return found;
}

/// Whether the process with the number in \p file has been killed. One that was is awake until it is
/// gone; one that sleeps lives on, and is killed here.
bool was_killed(const std::string& file) {
    const auto numbers = numbers_in(file);
    if (numbers.size() != 1)
        return false;
    const pid_t pid = numbers[0];
    while (!course::testing::has_ended(pid)) {
        std::ifstream process("/proc/" + std::to_string(pid) + "/stat");
        std::string about;
        std::getline(process, about);
        if (about.find(") S ") != std::string::npos) {
            kill(pid, SIGKILL);
            wait_for_end(pid);
            return false;
        }
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

/// A FIFO in the case's folder, open at both ends, so that nobody waits for the other to open it.
class Fifo {
  public:
    explicit Fifo(const std::string& name) {
        if (mkfifo(name.c_str(), 0600) != 0)
            throw std::system_error(errno, std::generic_category(), "cannot make a FIFO");
        descriptor_ = open(name.c_str(), O_RDWR | O_CLOEXEC);
    }
    ~Fifo() { close(descriptor_); }
    Fifo(const Fifo&) = delete;
    Fifo& operator=(const Fifo&) = delete;

    /// Write a line; may be called by a signal handler.
    void put() const { [[maybe_unused]] const auto put = write(descriptor_, "go\n", 3); }

  private:
    int descriptor_ = -1;
};

/// Run \p script past its deadline, which is so late that somebody has written the file "there".
lab::Ending past_deadline(const std::string& script) {
    for (auto deadline = 50ms;; deadline *= 2) {
        std::filesystem::remove("there");
        lab::Ending ending = lab::run(within(deadline, shell(script)));
        if (!ending.timed_out || !course::testing::contents("there").empty())
            return ending;
    }
}

/// The same with a grandchild that has left the group, holds the output, and lives on. It is gone
/// afterwards.
lab::Ending past_deadline_without_who_has_left() {
    for (auto deadline = 50ms;; deadline *= 2) {
        const std::string name = "fifo" + std::to_string(deadline.count());
        const Fifo fifo(name);
        std::filesystem::remove("who");
        std::filesystem::remove("there");
        // It tells its number before it leaves: whoever was killed before that can't have left.
        lab::Ending ending = lab::run(within(
            deadline,
            shell("sh -c 'echo $$ > who; exec setsid sh -c \"echo yes > there; read line < " +
                  name + "\"' & wait")));
        fifo.put();
        for (const pid_t pid : numbers_in("who"))
            wait_for_end(pid);
        if (!ending.timed_out || !course::testing::contents("there").empty())
            return ending;
    }
}

/// What comes from a program whose child writes when the program has ended, and its caller has nothing
/// more to do than to wait, or is back.
std::string output_of_a_family() {
    const Fifo fifo("family");
    std::atomic<bool> back = false;
    std::jthread chef([&] {
        const auto program_has_ended = [] {
            const auto who = numbers_in("who");
            return who.size() == 2 && course::testing::has_ended(who[0]);
        };
        while (!back && !program_has_ended())
            std::this_thread::sleep_for(1ms);
        // Whether its caller sleeps is no matter of this case: it is looked at only so often.
        for (int looks = 0; looks < 500 && !back && !course::testing::nobody_moves(getpid());
             ++looks)
            std::this_thread::sleep_for(1ms);
        fifo.put();
    });
    std::string output;
    try {
        output = lab::run(shell("(read line < family; echo late) & echo $$ $! > who; echo early"))
                     .output;
    } catch (...) {
        back = true;
        throw;
    }
    back = true;
    chef.join();
    for (const pid_t pid : numbers_in("who"))
        wait_for_end(pid);
    return output;
}

// --- What belongs to the caller ----------------------------------------------------------------

/// A child of the caller's own that has ended, and that nobody but its parent waits for.
class OwnChild {
  public:
    OwnChild() : pid_(fork()) {
        if (pid_ == 0)
            _exit(42);
        wait_for_end(pid_);
    }
    ~OwnChild() { exit_status(); }
    OwnChild(const OwnChild&) = delete;
    OwnChild& operator=(const OwnChild&) = delete;

    /// The status with which it ended; -1 if somebody else has waited for it.
    int exit_status() {
        int status = 0;
        return waitpid(pid_, &status, 0) == pid_ ? WEXITSTATUS(status) : -1;
    }

  private:
    pid_t pid_;
};

/// As long as it exists, the caller has no descriptors 0 and 1.
class NothingOpen {
  public:
    NothingOpen() {
        for (const int number : {0, 1}) {
            kept_[number] = fcntl(number, F_DUPFD_CLOEXEC, 500);
            close(number);
        }
    }
    ~NothingOpen() {
        for (const int number : {0, 1}) {
            dup2(kept_[number], number);
            close(kept_[number]);
        }
    }
    NothingOpen(const NothingOpen&) = delete;
    NothingOpen& operator=(const NothingOpen&) = delete;

  private:
    int kept_[2];
};

// --- A signal that the caller handles ----------------------------------------------------------

constexpr int ticks_needed = 20;
std::atomic<int> ticks = 0;
const Fifo* to_release = nullptr;

void on_tick(int) {
    if (++ticks == ticks_needed)
        to_release->put();
}

/// As long as it exists, a signal comes every two milliseconds, and calls do not go on by themselves.
class Ticking {
  public:
    Ticking() {
        struct sigaction action = {};
        action.sa_handler = on_tick;
        sigaction(SIGALRM, &action, &before_);
        set(2'000);
    }
    ~Ticking() {
        set(0);
        sigaction(SIGALRM, &before_, nullptr);
    }
    Ticking(const Ticking&) = delete;
    Ticking& operator=(const Ticking&) = delete;

  private:
    static void set(suseconds_t period) {
        const itimerval timer = {{0, period}, {0, period}};
        setitimer(ITIMER_REAL, &timer, nullptr);
    }
    struct sigaction before_ = {};
};

// --- Several programs at once ------------------------------------------------------------------

/// Tells when nobody moves, and nobody naps: who looks around every few milliseconds is asleep in most
/// looks at it, but not in so many that it has not looked around meanwhile.
class Stillness {
  public:
    /// Look once more, a millisecond after the last time or later.
    bool look() {
        looks_ = course::testing::nobody_moves(getpid()) ? looks_ + 1 : 0;
        return looks_ >= 50;
    }

  private:
    int looks_ = 0;
};

/// Programs that note when they begin and end, and each wait in between until they are released.
class Kitchen {
  public:
    explicit Kitchen(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::string number = std::to_string(i);
            fifos_.push_back(std::make_unique<Fifo>("fifo" + number));
            commands_.push_back(shell("echo '+ " + number + "' >> log; read line < fifo" + number +
                                      "; echo '- " + number + "' >> log; echo dish " + number));
        }
    }

    const std::vector<lab::Command>& commands() const { return commands_; }
    void release(std::size_t number) const { fifos_.at(number)->put(); }

    /// What is in the log, when at least \p begun programs have begun or nobody moves.
    static std::string log_with(std::size_t begun) {
        for (Stillness stillness;;) {
            const bool still = stillness.look();
            const std::string log = course::testing::contents("log");
            const auto count = static_cast<std::size_t>(std::count(log.begin(), log.end(), '+'));
            if (still || count > begun)
                return log;
            std::this_thread::sleep_for(1ms);
        }
    }

    /// The most programs that were in the kitchen at once, by \p log.
    static int most_at_once(const std::string& log) {
        std::istringstream lines(log);
        int inside = 0;
        int most = 0;
        for (std::string line; std::getline(lines, line);) {
            inside += line[0] == '+' ? 1 : -1;
            most = std::max(most, inside);
        }
        return most;
    }

  private:
    std::vector<std::unique_ptr<Fifo>> fifos_;
    std::vector<lab::Command> commands_;
};

bool has(const std::string& log, const std::string& event) {
    return log.find(event) != std::string::npos;
}

}  // namespace

// --- 07.1 ---------------------------------------------------------------------------------------

TEST_CASE("what a program writes and how it ends come back", "[07.1][1 point]") {
    hint(
        "waitpid fills a status word, which is not the exit status: WIFEXITED says whether there "
        "is one.");
    hint(
        "Does the output's last writer go away? A pipe ends when nobody holds its write end, you "
        "included.",
        Mishap::stuck);
    const lab::Ending soup = lab::run(shell("echo soup; exit 3"));
    CHECK(soup.output == "soup\n");
    CHECK(text(soup) == "status 3");
    const lab::Ending killed = lab::run(shell("kill -TERM $$"));
    CHECK(text(killed) == "signal 15");
    hint(
        "A program that a signal has ended has no exit status. What does the contract want in its "
        "place?");
    CHECK(killed.exit_status == -1);
    hint("Only what dup2 has put in the place of descriptor 1 comes to you. What of descriptor 2?");
    CHECK(lab::run(shell("echo to you; echo to the screen >&2")).output == "to you\n");
    hint("The program has ended, and a child of it still holds its output. Is the output over?");
    CHECK(output_of_a_family() == "early\nlate\n");
    hint("Your caller may have children of its own. For whom does your waitpid wait?");
    OwnChild own;
    CHECK(text(lab::run(shell("exit 3"))) == "status 3");
    CHECK(own.exit_status() == 42);
}

TEST_CASE("a program that can't be started is an error with its reason", "[07.1][1 point]") {
    hint(
        "The child knows in errno why exec failed. How can the parent learn it, and tell it from a "
        "program "
        "that exits with 127?");
    hint("Does the child end if exec fails? If it returns, there are two of you.", Mishap::stuck);
    hint("Is the child that could not become the program waited for as well?", Mishap::leak);
    CHECK(error_of({{"no-such-program"}, "", {}}) == ENOENT);
    CHECK(error_of({{"/dev/null"}, "", {}}) == EACCES);
    CHECK(text(lab::run(shell("exit 127"))) == "status 127");
    hint("What should run do without the name of a program?");
    CHECK_THROWS_AS(lab::run({{}, "", {}}), std::invalid_argument);
}

TEST_CASE("the program finds nothing open and no signal switched off", "[07.1][1 point]") {
    const int forgotten = open("/dev/null", O_RDONLY);  // as a library may leave it: exec keeps it
    hint("Which descriptors does exec keep? Yours, and those that your caller never marked.");
    const std::string open_ones =
        lab::run(shell("for n in $(seq 3 40); do [ -e /proc/$$/fd/$n ] && echo $n; done")).output;
    close(forgotten);
    CHECK(open_ones == "");
    std::string standard_ones;
    int error = 0;
    {
        const NothingOpen nothing_open;
        standard_ones =
            lab::run(shell("for n in 0 1; do [ -e /proc/$$/fd/$n ] && echo $n; done")).output;
        error = error_of({{"no-such-program"}, "", {}});
    }
    hint(
        "Your caller has closed descriptors 0 and 1, so your first pipe got these numbers. What "
        "does "
        "dup2(0, 0) do?");
    CHECK(standard_ones == "0\n1\n");
    CHECK(error == ENOENT);
    sigset_t some;
    sigset_t before;
    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &some, &before);
    const auto on_pipe = signal(SIGPIPE, SIG_IGN);
    const auto on_interrupt = signal(SIGINT, SIG_IGN);
    const std::string masks =
        lab::run({{"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}, "", {}}).output;
    signal(SIGINT, on_interrupt);
    signal(SIGPIPE, on_pipe);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    hint(
        "exec resets handlers, but a blocked signal stays blocked: a program like that can't be "
        "stopped.");
    CHECK_THAT(masks, course::testing::ContainsSubstring("SigBlk:\t0000000000000000"));
    hint(
        "exec resets handlers, but an ignored signal stays ignored: a shell loop before `head -1` "
        "would never end.");
    const auto found = masks.find("SigIgn:\t");
    REQUIRE(found != std::string::npos);
    auto ignored = std::stoull(masks.substr(found + 8), nullptr, 16);
    // What lies before SIGRTMIN is the C library's own, and its posix_spawn leaves it ignored.
    for (int number = 32; number < SIGRTMIN; ++number)
        ignored &= ~(1ULL << (number - 1));
    CHECK((ignored & (1ULL << (SIGPIPE - 1))) == 0);
    hint(
        "The contract says no signal ignored, not only SIGPIPE: who starts you in the background "
        "or "
        "with nohup ignores others.");
    CHECK(ignored == 0);
}

TEST_CASE("a signal that the caller handles does not end the wait", "[07.1][1 point]") {
    hint(
        "A call that a signal interrupted fails with EINTR: is that an error, or a reason to call "
        "again?");
    const Fifo fifo("fifo");
    to_release = &fifo;
    ticks = 0;
    std::string ended;
    {
        const Ticking ticking;
        try {
            const lab::Ending ending = lab::run(shell("read line < fifo; echo $line; exit 5"));
            ended = text(ending) + ", " + ending.output;
        } catch (const std::system_error& error) {
            ended = error.what();
        }
    }
    CHECK(ended == "status 5, go\n");
}

// --- 07.2 ---------------------------------------------------------------------------------------

TEST_CASE("a million bytes go in and come out", "[07.2][1 point]") {
    const std::string soup(1'000'000, 's');
    hint("A pipe holds 64 KiB. Who reads, while you wait for the end of the program?",
         Mishap::stuck);
    const lab::Ending flood = lab::run(shell("head -c 1000000 /dev/zero | tr '\\0' s"));
    hint(
        "Is the output over when the program is? A read gives what is there: go on until it gives "
        "0.");
    CHECK(flood.output.size() == soup.size());
    CHECK(flood.output == soup);
    hint(
        "Is the output over when the program is? A read gives what is there: go on until it gives "
        "0.");
    {
        // The program has ended before poll first answers.
        const While settled(System::settled);
        CHECK(lab::run({{"head", "-c", "60000", "/dev/zero"}, "", {}}).output.size() == 60000);
    }
    hint("Does the program get all its input, and then its end?", Mishap::stuck);
    hint("A write takes as much as fits, not all: go on where it stopped.");
    CHECK(lab::run({{"wc", "-c"}, soup, {}}).output == "1000000\n");
    hint(
        "cat writes while it still reads. If you only write until all is written, who empties the "
        "other pipe?",
        Mishap::stuck);
    const lab::Ending echo = lab::run({{"cat"}, soup, {}});
    hint(
        "Is the output over when the program is? A read gives what is there: go on until it gives "
        "0.");
    CHECK(echo.output.size() == soup.size());
    CHECK(text(echo) == "status 0");
    hint("The program reads until its input ends. Which write ends of that pipe are still open?",
         Mishap::stuck);
    CHECK(lab::run({{"cat"}, "", {}}).output == "");
}

TEST_CASE("a program that leaves its input unread does no harm", "[07.2][1 point]") {
    const std::string soup(1'000'000, 's');
    hint("A write into a pipe that nobody reads raises SIGPIPE, which ends you.", Mishap::crash);
    hint("Nobody reads any more (EPIPE): is that a reason to fail, or just to stop writing?");
    std::string ended;
    try {
        ended = text(lab::run({{"true"}, soup, {}}));
    } catch (const std::system_error& error) {
        ended = error.what();
    }
    CHECK(ended == "status 0");
    hint("What you change about SIGPIPE is your caller's: it must be as it was.");
    struct sigaction now = {};
    sigaction(SIGPIPE, nullptr, &now);
    CHECK((now.sa_handler == SIG_DFL));
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    CHECK(sigismember(&blocked, SIGPIPE) == 0);
}

// --- 07.3 ---------------------------------------------------------------------------------------

TEST_CASE("the deadline ends a program that goes on and does not touch one that is done",
          "[07.3][1 point]") {
    hint(
        "A deadline is the latest moment, not the moment: come back as soon as the program is "
        "done.",
        Mishap::stuck);
    hint("Who ended before the deadline did not time out, whatever ended it.");
    CHECK(text(lab::run(within(1h, shell("exit 3")))) == "status 3");
    CHECK(text(lab::run(within(1h, shell("kill -KILL $$")))) == "signal 9");
    hint("The call in which you wait must come back when the deadline has passed.", Mishap::stuck);
    hint("Who was killed because of its deadline has timed out, and a signal ended it.");
    CHECK(text(lab::run(within(50ms, {{"sleep", "1000"}, "", {}}))) == "signal 9, timed out");
    // Who never looks at it is stopped by the limit of somebody's CPU time, the program's or yours.
    for (const auto mishap : {Mishap::wrong, Mishap::stuck})
        hint("There is always something to read. Where do you look at the clock?", mishap);
    {
        const While flooded(System::flooded);
        CHECK(text(lab::run(within(50ms, shell("while :; do echo soup; done")))) ==
              "signal 9, timed out");
    }
    hint("Who was killed because of its deadline has timed out, and a signal ended it.");
    hint("The output has ended, the program has not. What do you wait for now, and how long?",
         Mishap::stuck);
    CHECK(text(lab::run(within(50ms, shell("exec >&- 2>&-; exec sleep 1000")))) ==
          "signal 9, timed out");
}

TEST_CASE("whatever the program has started ends with it", "[07.3][1 point]") {
    hint("The program is dead, and something that it started holds its output open.",
         Mishap::stuck);
    hint("Something that the program has started still runs.", Mishap::leak);
    // The sleeper has stepped out of the pipe in the second case.
    for (const std::string output : {"", " > /dev/null"}) {
        hint(
            "kill of a positive number ends one process. Its children live on: how is a whole "
            "family killed?");
        CHECK(text(past_deadline("sleep 1000" + output + " & echo $! > there; wait")) ==
              "signal 9, timed out");
        CHECK(was_killed("there"));
    }
    hint("The program has ended, what it has started has not. Whom does the deadline kill now?");
    CHECK(text(past_deadline(
              "(while grep -q '^State:.[RSD]' /proc/$$/status 2>/dev/null; do :; done;"
              "exec sh -c 'echo $$ > there; exec sleep 1000') & exit 3")) == "status 3, timed out");
    CHECK(was_killed("there"));
    hint(
        "Who has left the group (setsid) lives on, and may hold the output for ever. What do you "
        "still wait for after the kill?",
        Mishap::stuck);
    CHECK(text(past_deadline_without_who_has_left()) == "signal 9, timed out");
    const While late(System::late);
    hint("Who was killed because of its deadline has timed out, and a signal ended it.");
    CHECK(text(lab::run(within(50ms, {{"sleep", "1000"}, "", {}}))) == "signal 9, timed out");
}

// --- 07.4 ---------------------------------------------------------------------------------------

TEST_CASE("at most two run at once and the next one starts when any of them ends",
          "[07.4][1 point]") {
    const Kitchen kitchen(4);
    std::string two;
    std::thread chef([&] {
        two = Kitchen::log_with(2);
        kitchen.release(1);  // not the one that began first
        // Who has started two starts the third one now, be it that it looks only now and then.
        while (has(two, "+ 1") && !has(course::testing::contents("log"), "+ 2"))
            std::this_thread::sleep_for(1ms);
        for (const std::size_t number : {0, 2, 3})
            kitchen.release(number);
    });
    hint(
        "The second program was done before the first. Did that make room for the third? If it is "
        "CPU time that is used up: do you sleep while you wait?",
        Mishap::stuck);
    const auto endings = lab::run_all(kitchen.commands(), 2);
    chef.join();
    hint("Two may run, and two should: when does the second one start?");
    const bool too_many =
        std::count(two.begin(), two.end(), '+') > 2;  // the next hint is about that
    CHECK((too_many || (has(two, "+ 0") && has(two, "+ 1"))));
    hint("How many programs run at once?");
    CHECK(Kitchen::most_at_once(course::testing::contents("log")) == 2);
    hint("The order of the results is the order of the commands, whoever is done first.");
    REQUIRE(endings.size() == 4);
    CHECK(endings[1].output == "dish 1\n");
    CHECK(endings[3].output == "dish 3\n");
}

TEST_CASE("an error comes out when nothing is running any more", "[07.4][1 point]") {
    hint("An exception has left a thread of yours: it has no caller there.", Mishap::crash);
    hint("A program was still running when the error came out.", Mishap::leak);
    hint("Do you sleep while you wait, or ask again and again?", Mishap::stuck);
    const Fifo begun("begun");
    const Fifo fifo("fifo");
    // The error comes when the first program has begun, and while it waits.
    std::vector<lab::Command> commands{
        shell("echo > begun; read line < fifo; echo done >> log"),
        shell("read line < begun"),
        {{"no-such-program"}, "", {}},
    };
    for (int i = 0; i < 8; ++i)
        commands.push_back(shell("echo started >> late"));
    std::thread chef([&] {
        Stillness still;
        while (!still.look())
            std::this_thread::sleep_for(1ms);
        fifo.put();
    });
    int error = 0;
    try {
        lab::run_all(commands, 2);
    } catch (const std::system_error& thrown) {
        error = thrown.code().value();
    }
    const std::string log = course::testing::contents("log");
    chef.join();
    hint("What run throws is for the caller of run_all.");
    CHECK(error == ENOENT);
    hint("Who began must have ended before the error comes out.");
    CHECK(log == "done\n");
    hint("After an error no further program is started.");
    CHECK(course::testing::contents("late") == "");
    hint("With 0 at once nothing would ever run.");
    CHECK_THROWS_AS(lab::run_all({}, 0), std::invalid_argument);
}
