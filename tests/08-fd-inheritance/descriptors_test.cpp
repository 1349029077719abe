// The rubric of lab 08: offsets, buffers, leaks and pipes across fork.
//
// Some mistakes show only when another thread or process is quick enough. To show them in every
// run, four functions of libc are replaced here, for the whole test program: a definition in the
// program goes before libc's. They do nothing special until a case switches them on.
//
//     fcntl, ioctl   another thread starts a program just before a descriptor is marked (08.4)
//     read           pretends the end of a pipe where it could only wait for its own process (08.5)
//     close          counts the numbers that were not open (08.5)
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <course/testing/testing.hpp>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "descriptors.hpp"

using namespace course::testing;

namespace {

const pid_t test_process = getpid();

const std::string private_name = "recipe.private";
std::atomic<bool> other_thread_is_busy{false};
std::atomic<int> programs_that_got_the_file{0};

/// What the other thread does at the worst moment. A program gets all that is not close-on-exec.
void start_a_program() {
    if (!other_thread_is_busy.exchange(false))
        return;
    for (const auto& one : descriptors())
        if (!one.close_on_exec && one.target.ends_with(private_name))
            ++programs_that_got_the_file;
    other_thread_is_busy = true;
}

std::atomic<bool> first_read_is_watched{false};
std::atomic<int> reads_that_never_end{0};
std::atomic<int> closes_of_closed_numbers{0};

ino_t inode(int descriptor) {
    struct stat status {};
    fstat(descriptor, &status);
    return status.st_ino;
}

std::string opened_for(int descriptor) {
    switch (fcntl(descriptor, F_GETFL) & O_ACCMODE) {
        case O_RDONLY:
            return "reading";
        case O_WRONLY:
            return "writing";
        default:
            return "both";
    }
}

/// Whether this process has an end for \p purpose of the pipe that \p end belongs to.
bool has_end_for(const std::string& purpose, int end) {
    const std::string pipe = "pipe:[" + std::to_string(inode(end)) + "]";
    const auto all = descriptors();
    return std::any_of(all.begin(), all.end(), [&](const Descriptor& one) {
        return one.target == pipe && opened_for(one.number) == purpose;
    });
}

}  // namespace

extern "C" int fcntl(int descriptor, int command, ...) {
    start_a_program();
    va_list rest;
    va_start(rest, command);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    return static_cast<int>(syscall(SYS_fcntl, descriptor, command, argument));
}

extern "C" int ioctl(int descriptor, unsigned long request, ...) noexcept {
    start_a_program();
    va_list rest;
    va_start(rest, request);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    return static_cast<int>(syscall(SYS_ioctl, descriptor, request, argument));
}

extern "C" ssize_t read(int descriptor, void* buffer, std::size_t size) {
    if (getpid() == test_process && first_read_is_watched.exchange(false) &&
        opened_for(descriptor) == "reading" && has_end_for("writing", descriptor)) {
        ++reads_that_never_end;
        return 0;
    }
    return syscall(SYS_read, descriptor, buffer, size);
}

extern "C" int close(int descriptor) {
    const int result = static_cast<int>(syscall(SYS_close, descriptor));
    if (result < 0 && errno == EBADF && descriptor >= 0 && getpid() == test_process)
        ++closes_of_closed_numbers;
    return result;
}

namespace {

long long offset_of(int descriptor) {
    for (const auto& one : descriptors())
        if (one.number == descriptor)
            return one.offset;
    return -1;
}

bool close_on_exec(int descriptor) {
    return (fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0;
}

std::string read_from(int descriptor, std::size_t bytes) {
    std::string text(bytes, '\0');
    const ssize_t got = read(descriptor, text.data(), bytes);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

/// A file with \p text in it, open in \p mode at offset 0.
class OpenFile {
  public:
    OpenFile(const std::string& path, const std::string& text, int mode) {
        std::ofstream(path, std::ios::binary) << text;
        number_ = open(path.c_str(), mode | O_CLOEXEC);
        REQUIRE(number_ >= 0);
    }
    ~OpenFile() { close(number_); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int number() const { return number_; }

  private:
    int number_ = -1;
};

int read_by_next_child = -1;
long long offset_when_the_child_had_ended = -1;
std::string how_the_child_ended = "there was no child";

/// Runs in the parent inside of fork: nothing of the student's runs there before the child has
/// ended.
void wait_for_the_child_to_end() {
    const int descriptor = std::exchange(read_by_next_child, -1);
    if (descriptor < 0)
        return;
    siginfo_t end;
    waitid(P_ALL, 0, &end, WEXITED | WNOWAIT);
    offset_when_the_child_had_ended = offset_of(descriptor);
    how_the_child_ended = end.si_code == CLD_EXITED
                              ? "by itself"
                              : std::string("by a signal: ") + strsignal(end.si_status);
}

/// Children that were not waited for end now, and stay as zombies: they are LEAK, and nothing else
/// that a case looks at depends on how quick they are.
void let_children_end() {
    for (const Child& child : children()) {
        siginfo_t end;
        waitid(P_PID, static_cast<id_t>(child.pid), &end, WEXITED | WNOWAIT);
    }
}

/// A child that runs the exit handlers of its parent removes its parent's pid file.
void make_pid_file() {
    std::ofstream("kitchen.pid") << test_process;
    std::atexit([] { std::remove("kitchen.pid"); });
}

bool pid_file_is_there() {
    return std::filesystem::exists("kitchen.pid");
}

const std::string about_exit =
    "exit runs what the parent has registered with atexit. Which way to end does not?";
const std::string about_errors =
    "A system call that fails returns -1. checked, which is given, makes an exception of it.";
const std::string about_modes =
    "A descriptor knows whether it was opened to read or to write: F_GETFL in fcntl(2).";
const std::string about_write_ends =
    "The end of a pipe comes when its last write end is closed. Who has one?";
const std::string about_waiting = "The pipe is at its end. Has anybody waited for the child?";
const int never_opened = 999;

std::vector<std::string> sorted_lines(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
}

/// What is likely to be wrong with the lines of three children and their parent.
std::string hint_about(const std::vector<std::string>& lines) {
    if (lines.size() < 4)
        return "fprintf only fills a buffer: who writes it to the file? Does the child come that "
               "far?";
    if (lines.size() > 4)
        return "Some line is there twice: which process had a copy of it in its buffer?";
    return "There are four lines, as there should be. Compare them letter by letter.";
}

/// What is likely to be wrong if \p output came from writer_who_says_who_it_is.
std::string hint_about(const std::string& output) {
    if (output.empty())
        return "pipe(2) gives two ends: one to read from, one to write to. Which has the writer?";
    if (output == "from the parent")
        return "After fork two processes run the same code. Which of them calls the writer?";
    if (output == "from a child with a read end")
        return "A pipe has two ends, and after a fork each process has both.";
    return "read says how many bytes it got. What else is in the buffer did not come now.";
}

void writer_who_says_who_it_is(int to) {
    std::string text = getpid() == test_process ? "from the parent" : "from a child";
    if (getpid() != test_process && has_end_for("reading", to))
        text += " with a read end";
    [[maybe_unused]] const ssize_t written = write(to, text.data(), text.size());
}

/// O_DIRECT makes a packet of each write to a pipe, and a read gets one packet. So each letter
/// comes in a read of its own, no matter which process is quicker.
void writer_of_single_letters(int to) {
    fcntl(to, F_SETFL, O_WRONLY | O_DIRECT);
    for (const char letter : std::string("soup and fish"))
        [[maybe_unused]] const ssize_t written = write(to, &letter, 1);
}

}  // namespace

TEST_CASE("what a child reads moves the parent on", "[08.1][1 point]") {
    const TemporaryFolder folder;
    const OpenFile file(folder.file("log"), std::string(30'000, 'x'), O_RDONLY);
    read_from(file.number(), 100);
    make_pid_file();
    pthread_atfork(nullptr, wait_for_the_child_to_end, nullptr);
    read_by_next_child = file.number();

    hint("Not waited for, a child that has ended stays as a zombie. And has it read by then?",
         Mishap::leak);
    const off_t returned = lab::offset_after_child_reads(file.number(), 20'000);
    hint(how_the_child_ended == "there was no child"
             ? "The parent must not read: who does? See fork(2)."
             : "It is the child that has crashed. Where does it put what it reads, and is there "
               "room?");
    CHECK(how_the_child_ended == "by itself");
    {
        INFO("The parent has an exit handler that removes its pid file.");
        hint(about_exit);
        CHECK(pid_file_is_there());
    }
    INFO("The parent had read 100 bytes. The child is to read 20000 bytes more.");
    const auto moved_by_the_child = offset_when_the_child_had_ended - 100;
    hint(moved_by_the_child == 0
             ? "Is it the child that reads, and with success? And with read(2)? pread(2) moves "
               "nothing."
             : "Does the child read all that it should? How large is its buffer?");
    CHECK(moved_by_the_child == 20'000);
    hint("The parent only asks where it is. lseek(2) can do that without moving.");
    CHECK(returned == 20'100);
    INFO("No file is open as descriptor 999.");
    hint(about_errors);
    CHECK_THROWS_AS(lab::offset_after_child_reads(never_opened, 10), std::system_error);
    let_children_end();
}

TEST_CASE("a file that was opened again is read independently", "[08.2][1 point]") {
    const TemporaryFolder folder;
    const OpenFile first(folder.file("log"), "first second", O_RDONLY);
    read_from(first.number(), 6);

    const int again = lab::open_again(first.number());
    {
        INFO("6 bytes had been read through the first descriptor.");
        hint("The offset is not in the descriptor but behind it. What makes a second one of it?");
        CHECK(offset_of(again) == 0);
        CHECK(offset_of(first.number()) == 6);
    }
    hint(about_modes);
    CHECK(opened_for(again) == "reading");
    hint("The first descriptor leads to the file. Does the second lead there, too?");
    CHECK(read_from(again, 12) == "first second");
    CHECK(read_from(first.number(), 6) == "second");
    hint("What would a program that this process starts find open?");
    CHECK(close_on_exec(again));
    close(again);
    INFO("No file is open as descriptor 999.");
    hint(about_errors);
    CHECK_THROWS_AS(lab::open_again(never_opened), std::system_error);
}

TEST_CASE("a file that has lost its name is opened again as it was", "[08.2][1 point]") {
    const TemporaryFolder folder;
    const OpenFile log(folder.file("log"), "monday", O_WRONLY);
    const OpenFile notes(folder.file("notes"), "buy eggs", O_RDWR);
    lseek(log.number(), 6, SEEK_SET);
    std::filesystem::remove(folder.file("log"));
    std::ofstream(folder.file("log")) << "another file of the same name";

    hint("The name is gone, the file is not: which path leads to it without its name?");
    const int log_again = lab::open_again(log.number());
    {
        INFO("Different inode numbers: different files.");
        CHECK(inode(log_again) == inode(log.number()));
    }
    {
        INFO("6 bytes had been written through the first descriptor.");
        hint("The offset is not in the descriptor but behind it. What makes a second one of it?");
        CHECK(offset_of(log_again) == 0);
        CHECK(offset_of(log.number()) == 6);
    }
    hint(about_modes);
    CHECK(opened_for(log_again) == "writing");
    const int notes_again = lab::open_again(notes.number());
    CHECK(opened_for(notes_again) == "both");
    close(notes_again);
    close(log_again);
}

TEST_CASE("three children and their parent have one line each", "[08.3][1 point]") {
    const TemporaryFolder folder;
    std::FILE* const log = std::fopen(folder.file("log").c_str(), "we");
    REQUIRE(log != nullptr);
    std::fputs("parent\n", log);

    hint("Who waits for each of the children?", Mishap::leak);
    lab::log_from_children(log, 3);
    let_children_end();
    std::fclose(log);
    const auto lines = sorted_lines(contents(folder.file("log")));
    hint("Where is the parent's line at the moment of the fork: in the file, or in memory?");
    CHECK(std::count(lines.begin(), lines.end(), "parent") == 1);
    hint(hint_about(lines));
    CHECK(lines == std::vector<std::string>{"child 0", "child 1", "child 2", "parent"});
}

TEST_CASE("the children leave alone what else is the parent's", "[08.3][1 point]") {
    const TemporaryFolder folder;
    std::FILE* const log = std::fopen(folder.file("log").c_str(), "we");
    std::FILE* const diary = std::fopen(folder.file("diary").c_str(), "we");
    REQUIRE(log != nullptr);
    REQUIRE(diary != nullptr);
    std::fputs("dear diary\n", diary);
    make_pid_file();

    hint("Who waits for each of the children?", Mishap::leak);
    lab::log_from_children(log, 3);
    let_children_end();
    std::fclose(log);
    std::fclose(diary);
    const auto lines = sorted_lines(contents(folder.file("diary")));
    {
        INFO("The parent had written one line to another stream and not flushed it.");
        hint("exit flushes every stream, as fflush(nullptr) does. Which way to end does not?");
        CHECK(lines == std::vector<std::string>{"dear diary"});
    }
    INFO("The parent has an exit handler that removes its pid file.");
    hint(about_exit);
    CHECK(pid_file_is_there());
}

TEST_CASE("a program that another thread starts never gets the file", "[08.4][2 points]") {
    const TemporaryFolder folder;
    std::ofstream(folder.file(private_name)) << "two eggs";

    other_thread_is_busy = true;
    const int opened = lab::open_private(folder.file(private_name));
    other_thread_is_busy = false;
    hint(opened_for(opened) == "writing"
             ? "The flags of F_SETFD are not those of open: there the number 1 means O_WRONLY."
             : "The file is for reading only. Which flags of open(2) say so?");
    CHECK(opened_for(opened) == "reading");
    hint("exec leaves it open. open has a flag for that, and F_SETFD of fcntl has its own.");
    CHECK(close_on_exec(opened));
    {
        INFO("Between two steps of open_private, another thread called fork and exec.");
        hint("A moment after the open is too late. How can the open itself do it?");
        CHECK(programs_that_got_the_file == 0);
    }
    hint("The descriptor is new, and at the start of the file.");
    CHECK(read_from(opened, 100) == "two eggs");
    close(opened);
    INFO("There is no file of this name.");
    hint(about_errors);
    CHECK_THROWS_AS(lab::open_private(folder.file("no recipe")), std::system_error);
}

TEST_CASE("what a child writes comes back", "[08.5][1 point]") {
    make_pid_file();
    first_read_is_watched = true;
    closes_of_closed_numbers = 0;
    hint("The end of a pipe is a read that returns 0. Who could still write? Does your loop see 0?",
         Mishap::stuck);
    hint(about_waiting, Mishap::leak);
    const std::string output = lab::collect(writer_who_says_who_it_is);
    let_children_end();
    if (children().empty())
        hint("A pipe has two ends, and after a fork each process has both.", Mishap::leak);
    {
        INFO("read would never return 0: this process has a write end of that pipe itself.");
        hint(about_write_ends);
        CHECK(reads_that_never_end == 0);
    }
    hint(hint_about(output));
    CHECK(output == "from a child");
    hint("A closed number is free, and another thread's next open gets it. Who closes it twice?");
    CHECK(closes_of_closed_numbers == 0);
    INFO("The parent has an exit handler that removes its pid file.");
    hint(about_exit);
    CHECK(pid_file_is_there());
}

TEST_CASE("a message that comes in pieces comes back whole", "[08.5][1 point]") {
    first_read_is_watched = true;
    hint(about_waiting, Mishap::leak);
    const std::string output = lab::collect(writer_of_single_letters);
    hint(about_write_ends);
    CHECK(reads_that_never_end == 0);
    INFO("The child wrote it letter by letter, so read returned one letter at a time.");
    hint("A short read is not the end: it is what had been written by then. What is the end?");
    CHECK(output == "soup and fish");
}

TEST_CASE("a megabyte comes back whole", "[08.5][1 point]") {
    std::string megabyte(1'000'000, '\0');
    for (std::size_t i = 0; i < megabyte.size(); ++i)
        megabyte[i] = static_cast<char>(i % 251);
    first_read_is_watched = true;
    hint("A pipe holds 64 KiB. What does a child do that has more to say, and who waits for it?",
         Mishap::stuck);
    hint(about_waiting, Mishap::leak);
    const std::string output = lab::collect([&](int to) {
        ssize_t written = 0;
        for (std::size_t sent = 0; written >= 0 && sent < megabyte.size();
             sent += static_cast<std::size_t>(written))
            written = write(to, megabyte.data() + sent, megabyte.size() - sent);
    });
    hint(about_write_ends);
    CHECK(reads_that_never_end == 0);
    hint("Each read gives you a part. Are all kept, and in full? They are bytes: one may be 0.");
    CHECK(output.size() == 1'000'000);
    CHECK((output == megabyte));
}
