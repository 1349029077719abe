// Mistake: Reads 4 KiB in each turn, and stops when the program has ended.
// Loses:   07.1 07.2 07.3
// Hint:    Is the output over when the program is? A read gives what is there: go on until it gives 0.
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

namespace lab {

namespace {

using Clock = std::chrono::steady_clock;

/// Given: the result of a system call, or an exception if it failed.
int checked(int result, const char* what) {
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
int process_descriptor(pid_t child) {
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

/// In the child: become the program, or tell the parent why not. Calls only what is safe after a fork
/// of a program with threads, so no memory is allocated here.
[[noreturn]] void become(char* const* arguments, int input, int output, int failure) {
    // If the caller has closed 0 or 1, a pipe has that number: dup2(0, 0) would not even take the
    // mark off that has exec close it. So each goes above 2 first.
    for (int* number : {&input, &output, &failure})
        *number = fcntl(*number, F_DUPFD_CLOEXEC, 3);
    setpgid(0, 0);  // a group of its own, which the deadline can kill as a whole
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);  // also what the caller forgot to mark

    // A handler does not survive exec, but "ignore" and "blocked" do.
    for (int number = 1; number < NSIG; ++number)
        signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);

    execvp(arguments[0], arguments);
    const int error = errno;
    [[maybe_unused]] const auto told = write(failure, &error, sizeof error);
    _exit(127);
}

/// Milliseconds for poll until \p deadline: -1 for ever, rounded up so that it is over afterwards.
int time_left(const std::optional<Clock::time_point>& deadline) {
    if (!deadline)
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    return static_cast<int>(std::clamp<long long>(left.count(), 0, 3'600'000));
}

/// Write some of \p input from \p at on; close the pipe when there is no more, or nobody to read it.
void feed(Descriptor& pipe, const std::string& input, std::size_t& at) {
    const ssize_t sent = write(pipe.number(), input.data() + at, input.size() - at);
    if (sent > 0)
        at += static_cast<std::size_t>(sent);
    const bool later = sent < 0 && (errno == EAGAIN || errno == EINTR);
    if (at == input.size() || (sent < 0 && !later))
        pipe.close();
}

/// Add to \p output what is there; close the pipe at its end.
void drain(Descriptor& pipe, std::string& output) {
    char block[4096];
    const ssize_t got = read(pipe.number(), block, sizeof block);
    if (got > 0)
        output.append(block, static_cast<std::size_t>(got));
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        pipe.close();
}

/// Feed, drain and wait until the program has ended and nobody holds its output.
/// \return  whether that came before \p deadline.
bool exchange(int program, Descriptor& to_program, Descriptor& from_program,
              const std::string& input, std::string& output,
              const std::optional<Clock::time_point>& deadline) {
    const NoPipeSignal quiet;
    std::size_t fed = 0;
    bool running = true;
    if (input.empty())
        to_program.close();
    while (running) {
        if (deadline && Clock::now() >= *deadline)  // also if there is always something to read
            return false;
        // A negative descriptor is not watched: what is closed, or over.
        pollfd watched[] = {{running ? program : -1, POLLIN, 0},
                            {from_program.number(), POLLIN, 0},
                            {to_program.number(), POLLOUT, 0}};
        if (poll(watched, 3, time_left(deadline)) < 0) {
            if (errno != EINTR)
                checked(-1, "cannot poll");
            continue;
        }
        if (watched[0].revents != 0)
            running = false;
        if (watched[1].revents != 0)
            drain(from_program, output);
        if (watched[2].revents != 0)
            feed(to_program, input, fed);
    }
    return true;
}

/// Wait for \p child: afterwards it is no zombie.
int reap(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            checked(-1, "cannot wait");
    return status;
}

/// Why the child could not become the program; 0 if it did: then exec closed the pipe.
int reason_from(int pipe) {
    int reason = 0;
    ssize_t got = 0;
    do
        got = read(pipe, &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    return got == sizeof reason ? reason : 0;
}

}  // namespace

Ending run(const Command& command) {
    if (command.arguments.empty())
        throw std::invalid_argument("a command needs at least the name of a program");
    std::optional<Clock::time_point> deadline;
    if (command.deadline)
        deadline = Clock::now() + *command.deadline;

    // All memory that the child needs is made before the fork.
    std::vector<char*> arguments;
    for (const auto& argument : command.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    Pipe input;
    Pipe output;
    Pipe failure;
    const pid_t child = checked(fork(), "cannot fork");
    if (child == 0)
        become(arguments.data(), input.reader.number(), output.writer.number(),
               failure.writer.number());
    setpgid(child, child);  // whoever comes first: after this line the group is there
    input.reader.close();   // else we would keep the program's pipes open ourselves
    output.writer.close();
    failure.writer.close();

    if (const int reason = reason_from(failure.reader.number())) {
        reap(child);
        throw std::system_error(reason, std::generic_category(),
                                "cannot run " + command.arguments[0]);
    }
    Ending ending;
    try {
        const Descriptor process(process_descriptor(child));
        // A pipe that polls as writable may hold less than we have: never wait in write.
        fcntl(input.writer.number(), F_SETFL, O_NONBLOCK);
        ending.timed_out = !exchange(process.number(), input.writer, output.reader, command.input,
                                     ending.output, deadline);
    } catch (...) {
        kill(-child, SIGKILL);
        reap(child);
        throw;
    }
    // The child is not reaped yet, so its number is still its own, and its group's.
    if (ending.timed_out)
        kill(-child, SIGKILL);
    const int status = reap(child);
    if (WIFEXITED(status))
        ending.exit_status = WEXITSTATUS(status);
    else
        ending.signal = WTERMSIG(status);
    return ending;
}

std::vector<Ending> run_all(const std::vector<Command>& commands, std::size_t at_once) {
    if (at_once == 0)
        throw std::invalid_argument("nothing can run if 0 programs may run at once");
    std::vector<Ending> endings(commands.size());
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr first_error;  // guarded by mutex
    const auto work = [&] {
        for (std::size_t i; (i = next++) < commands.size();)
            try {
                endings[i] = run(commands[i]);
            } catch (...) {
                next = commands.size();  // nobody starts another one
                const std::lock_guard lock(mutex);
                if (!first_error)
                    first_error = std::current_exception();
            }
    };
    {
        std::vector<std::jthread> workers;
        for (std::size_t i = 0; i < std::min(at_once, commands.size()); ++i)
            workers.emplace_back(work);
    }  // joined here: no program runs any more
    if (first_error)
        std::rethrow_exception(first_error);
    return endings;
}

}  // namespace lab
