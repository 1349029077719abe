// Your work in lab 07: run a program, and know how it ended.
#include "children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <course/testing/not_implemented.hpp>

namespace lab {

namespace {

/// Given: the result of a system call, or an exception if it failed.
[[maybe_unused]] int checked(int result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

/// Given: a descriptor that is closed at the end of the scope.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    void close() {
        if (is_open())
            ::close(number_);
        number_ = -1;
    }

  private:
    int number_;
};

/// Given: a pipe, both ends of which are closed by exec.
struct Pipe {
    Pipe() : Pipe(make()) {}
    Descriptor reader;
    Descriptor writer;

  private:
    struct Ends {
        int numbers[2];
    };
    explicit Pipe(Ends ends) : reader(ends.numbers[0]), writer(ends.numbers[1]) {}
    static Ends make() {
        Ends ends{};
        checked(pipe2(ends.numbers, O_CLOEXEC), "cannot make a pipe");
        return ends;
    }
};

/// Given: a descriptor on which poll reports POLLIN when \p child has ended (pidfd_open, Linux 5.3).
[[maybe_unused]] int process_descriptor(pid_t child) {
    return checked(static_cast<int>(syscall(SYS_pidfd_open, child, 0)), "cannot watch a process");
}

/// Given: as long as it exists, a write of this thread into a pipe that nobody reads is an error (EPIPE)
/// and no signal. Afterwards all is as it was.
class NoPipeSignal {
  public:
    NoPipeSignal() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoPipeSignal() {
        const timespec at_once{};
        sigset_t pending;
        sigpending(&pending);
        if (sigismember(&pending, SIGPIPE) == 1 && sigismember(&before_, SIGPIPE) == 0)
            sigtimedwait(&pipe_, nullptr, &at_once);  // ours: the caller never hears of it
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoPipeSignal(const NoPipeSignal&) = delete;
    NoPipeSignal& operator=(const NoPipeSignal&) = delete;

  private:
    sigset_t pipe_{};
    sigset_t before_{};
};

}  // namespace

Ending run(const Command& command) {
    if (!command.input.empty())
        // TODO(07.2): write the input and read the output at the same time; then take this out.
        throw course::NotImplemented("07.2");
    if (command.deadline)
        // TODO(07.3): when the deadline has passed, kill all that was started; then take this out.
        throw course::NotImplemented("07.3");
    // TODO(07.1): start the program in a child, read what it writes, and find out how it ended.
    throw course::NotImplemented("07.1");
}

std::vector<Ending> run_all([[maybe_unused]] const std::vector<Command>& commands,
                            [[maybe_unused]] std::size_t at_once) {
    // TODO(07.4): run them all, so many at the same time.
    throw course::NotImplemented("07.4");
}

}  // namespace lab
