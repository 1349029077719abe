// Mistake: returns the -1 of a system call that failed as if it were a descriptor.
// Loses:   08.2
// Hint:    A system call that fails returns -1. checked, which is given, makes an exception of it.
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
    return checked(lseek(descriptor, 0, SEEK_CUR), "lseek");
}

int open_again(int descriptor) {
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const int mode = fcntl(descriptor, F_GETFL) & O_ACCMODE;
    return open(link.c_str(), mode | O_CLOEXEC);
}

void log_from_children(std::FILE* log, int children) {
    std::fflush(log);
    std::vector<pid_t> pids;
    for (int number = 0; number < children; ++number) {
        pids.push_back(checked(fork(), "fork"));
        if (pids.back() == 0) {
            std::fprintf(log, "child %d\n", number);
            _exit(std::fflush(log) != 0);
        }
    }
    for (const pid_t child : pids)
        checked(waitpid(child, nullptr, 0), "waitpid");
}

int open_private(const std::string& path) {
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
    close(write_end);
    std::string output;
    std::array<char, 4096> buffer;
    while (const ssize_t got = checked(read(read_end, buffer.data(), buffer.size()), "read"))
        output.append(buffer.data(), static_cast<std::size_t>(got));
    close(read_end);
    checked(waitpid(child, nullptr, 0), "waitpid");
    return output;
}

}  // namespace lab
