// Lab 08: what a forked child shares with its parent, and how to share no more than you mean to.
#include "descriptors.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace lab {

namespace {

/// Given: \p result, or the error of the system call \p what as an exception. For the parent only:
/// a child must not throw, it would unwind into code that is the parent's.
template <class Result>
Result checked(Result result, const std::string& what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

}  // namespace

off_t offset_after_child_reads(int descriptor, std::size_t bytes) {
    std::vector<char> buffer(bytes);
    const pid_t child = checked(fork(), "fork");
    if (child == 0)
        _exit(read(descriptor, buffer.data(), bytes) < 0);
    checked(waitpid(child, nullptr, 0), "waitpid");
    // The child's descriptor was a copy, but both copies point at the same offset.
    return checked(lseek(descriptor, 0, SEEK_CUR), "lseek");
}

int open_again(int descriptor) {
    // open makes a new open file description, and the offset lives there. This link leads to the
    // file itself, not to its name, so neither rename nor unlink breaks it.
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const int mode = checked(fcntl(descriptor, F_GETFL), "fcntl") & O_ACCMODE;
    return checked(open(link.c_str(), mode | O_CLOEXEC), link);
}

void log_from_children(std::FILE* log, int children) {
    // fork copies memory, and the buffer of a stream is memory: let nothing wait in it.
    std::fflush(log);
    std::vector<pid_t> pids;
    for (int number = 0; number < children; ++number) {
        pids.push_back(checked(fork(), "fork"));
        if (pids.back() == 0) {
            std::fprintf(log, "child %d\n", number);
            // _exit flushes nothing: not this line, but neither what else the parent has buffered.
            _exit(std::fflush(log) != 0);
        }
    }
    for (const pid_t child : pids)
        checked(waitpid(child, nullptr, 0), "waitpid");
}

int open_private(const std::string& path) {
    // The flag is there from the start; fcntl(F_SETFD) afterwards would leave a moment without it.
    return checked(open(path.c_str(), O_RDONLY | O_CLOEXEC), path);
}

std::string collect(const std::function<void(int)>& writer) {
    int ends[2];
    checked(pipe2(ends, O_CLOEXEC), "pipe2");
    const auto [read_end, write_end] = ends;
    const pid_t child = checked(fork(), "fork");
    if (child == 0) {
        close(read_end);
        writer(write_end);
        _exit(0);
    }
    // The end of the pipe comes when its last write end is closed, and this is one of the two.
    close(write_end);
    std::string output;
    std::array<char, 4096> buffer;
    // Read before waiting: a writer whose pipe is full does not end.
    while (const ssize_t got = checked(read(read_end, buffer.data(), buffer.size()), "read"))
        output.append(buffer.data(), static_cast<std::size_t>(got));
    close(read_end);
    checked(waitpid(child, nullptr, 0), "waitpid");
    return output;
}

}  // namespace lab
