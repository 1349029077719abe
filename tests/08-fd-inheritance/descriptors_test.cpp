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
#include <fstream>
#include <sstream>
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

/// Whether this process has a write end of the very pipe that it is about to read from.
bool waits_for_itself(int read_end) {
    const std::string pipe = "pipe:[" + std::to_string(inode(read_end)) + "]";
    const auto all = descriptors();
    return std::any_of(all.begin(), all.end(), [&](const Descriptor& one) {
        return one.target == pipe && opened_for(one.number) == "writing";
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
        waits_for_itself(descriptor)) {
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

/// Runs in the parent inside of fork: nothing of the student's runs there before the child has
/// ended.
void wait_for_the_child_to_end() {
    const int descriptor = std::exchange(read_by_next_child, -1);
    if (descriptor < 0)
        return;
    siginfo_t end;
    waitid(P_ALL, 0, &end, WEXITED | WNOWAIT);
    offset_when_the_child_had_ended = offset_of(descriptor);
}

std::vector<std::string> sorted_lines(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace

TEST_CASE("what a child reads moves the parent on", "[08.1][1 point]") {
    const TemporaryFolder folder;
    const OpenFile file(folder.file("log"), std::string(30'000, 'x'), O_RDONLY);
    read_from(file.number(), 100);
    pthread_atfork(nullptr, wait_for_the_child_to_end, nullptr);
    read_by_next_child = file.number();

    hint("Not waited for, a child that has ended stays as a zombie. And has it read by then?");
    const off_t returned = lab::offset_after_child_reads(file.number(), 20'000);
    CHECK(children().size() == 0);
    INFO("The parent had read 100 bytes. The child is to read 20000 bytes more.");
    hint("Not every way of reading moves the offset: compare read(2) with pread(2).");
    CHECK(offset_when_the_child_had_ended > 100);
    hint("Does the child read all that it should? How large is its buffer?");
    CHECK(offset_when_the_child_had_ended == 20'100);
    hint("The parent only asks where it is. lseek(2) can do that without moving.");
    CHECK(returned == 20'100);
}

TEST_CASE("a file that was opened again is read independently", "[08.2][1 point]") {
    const TemporaryFolder folder;
    const OpenFile first(folder.file("log"), "first second", O_RDONLY);
    read_from(first.number(), 6);

    const int again = lab::open_again(first.number());
    hint("What would a program that this process starts find open?");
    CHECK(close_on_exec(again));
    INFO("6 bytes had been read through the first descriptor.");
    hint("The offset is not in the descriptor but behind it. What makes a second one of it?");
    CHECK(offset_of(again) == 0);
    CHECK(offset_of(first.number()) == 6);
    CHECK(read_from(again, 12) == "first second");
    CHECK(read_from(first.number(), 6) == "second");
    close(again);
}

TEST_CASE("a file that has lost its name is opened again as it was", "[08.2][1 point]") {
    const TemporaryFolder folder;
    const OpenFile log(folder.file("log"), "", O_WRONLY);
    std::filesystem::remove(folder.file("log"));
    std::ofstream(folder.file("log")) << "another file of the same name";

    hint("The name is gone, the file is not: which path leads to it without its name?");
    const int again = lab::open_again(log.number());
    {
        INFO("Different inode numbers: different files.");
        CHECK(inode(again) == inode(log.number()));
    }
    hint("A descriptor knows whether it was opened to read or to write: F_GETFL in fcntl(2).");
    CHECK(opened_for(again) == "writing");
    close(again);
}

TEST_CASE("three children and their parent have one line each", "[08.3][1 point]") {
    const TemporaryFolder folder;
    std::FILE* const log = std::fopen(folder.file("log").c_str(), "we");
    REQUIRE(log != nullptr);
    std::fputs("parent\n", log);

    hint("Who waits for each of the children?");
    lab::log_from_children(log, 3);
    CHECK(children().size() == 0);
    std::fclose(log);
    const auto lines = sorted_lines(contents(folder.file("log")));
    hint("Where is the parent's line at the moment of the fork: in the file, or in memory?");
    CHECK(std::count(lines.begin(), lines.end(), "parent") == 1);
    hint("fprintf only fills a buffer: who writes it to the file? And what does a child do next?");
    CHECK(lines == std::vector<std::string>{"child 0", "child 1", "child 2", "parent"});
}

TEST_CASE("the children leave alone what else is the parent's", "[08.3][1 point]") {
    const TemporaryFolder folder;
    std::FILE* const log = std::fopen(folder.file("log").c_str(), "we");
    std::FILE* const diary = std::fopen(folder.file("diary").c_str(), "we");
    REQUIRE(log != nullptr);
    REQUIRE(diary != nullptr);
    std::fputs("dear diary\n", diary);
    std::ofstream("kitchen.pid") << test_process;
    std::atexit([] { std::remove("kitchen.pid"); });

    hint("A child that does not end goes on with the parent's loop, and then with its program.");
    lab::log_from_children(log, 3);
    std::fclose(log);
    std::fclose(diary);
    const auto lines = sorted_lines(contents(folder.file("diary")));
    {
        INFO("The parent had written one line to another stream and not flushed it.");
        hint("exit flushes every stream, as fflush(nullptr) does. Which way to end does not?");
        CHECK(lines == std::vector<std::string>{"dear diary"});
    }
    INFO("The parent has an exit handler that removes its pid file.");
    hint("exit runs what the parent has registered with atexit. Which way to end does not?");
    CHECK(std::filesystem::exists("kitchen.pid"));
}

TEST_CASE("a program that another thread starts never gets the file", "[08.4][2 points]") {
    const TemporaryFolder folder;
    std::ofstream(folder.file(private_name)) << "two eggs";

    other_thread_is_busy = true;
    const int opened = lab::open_private(folder.file(private_name));
    other_thread_is_busy = false;
    hint("A descriptor stays open across exec unless it is told not to: FD_CLOEXEC in fcntl(2).");
    CHECK(close_on_exec(opened));
    {
        INFO("Between two steps of open_private, another thread called fork and exec.");
        hint("A moment after the open is too late. How can the open itself do it?");
        CHECK(programs_that_got_the_file == 0);
    }
    CHECK(read_from(opened, 100) == "two eggs");
    close(opened);
}

TEST_CASE("what a child writes comes back", "[08.5][1 point]") {
    const auto before = ProcessState::now();
    first_read_is_watched = true;
    closes_of_closed_numbers = 0;
    const std::string output = lab::collect([](int to) {
        const std::string text = getpid() == test_process ? "from the parent" : "from a child";
        [[maybe_unused]] const ssize_t written = write(to, text.data(), text.size());
    });
    {
        INFO("read would never return 0: this process has a write end of that pipe itself.");
        hint("The end of a pipe comes when its last write end is closed. Who has one?");
        CHECK(reads_that_never_end == 0);
    }
    hint("After fork two processes run the same code. Which of them calls the writer?");
    CHECK(output == "from a child");
    hint("A closed number is free, and another thread's next open gets it. Who closes it twice?");
    CHECK(closes_of_closed_numbers == 0);
    hint("The pipe is at its end, but is the child still in the list of processes?");
    CHECK(children().size() == 0);
    hint("A pipe has two ends, and after a fork each process has both.");
    CHECK(difference(before, ProcessState::now()) == "");
}

TEST_CASE("a megabyte comes back whole", "[08.5][2 points]") {
    std::string megabyte(1'000'000, '\0');
    for (std::size_t i = 0; i < megabyte.size(); ++i)
        megabyte[i] = static_cast<char>(i % 251);
    first_read_is_watched = true;
    hint("A pipe holds 64 KiB. What does a child do that has more to say, and who waits for it?");
    const std::string output = lab::collect([&](int to) {
        ssize_t written = 0;
        for (std::size_t sent = 0; written >= 0 && sent < megabyte.size();
             sent += static_cast<std::size_t>(written))
            written = write(to, megabyte.data() + sent, megabyte.size() - sent);
    });
    hint("The end of a pipe comes when its last write end is closed. Who has one?");
    CHECK(reads_that_never_end == 0);
    hint(
        "read returns what is there, at most what you ask for. When is there nothing more to "
        "come?");
    CHECK(output.size() == 1'000'000);
    CHECK((output == megabyte));
}
