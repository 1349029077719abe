// Starts a command, waits for it or its limit, and kills until nothing of its tree is left.
#include <course/grading/supervisor.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <limits>

#include <course/grading/tree_use.hpp>
#include <course/grading/waiting.hpp>
#include <course/sandbox/first_process.hpp>
#include <course/testing/process_state.hpp>
#include <course/testing/report_channel.hpp>

namespace course::grading {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int channel_number = 3;

void limit(int resource, rlim_t soft, rlim_t hard) {
    rlimit now{};
    getrlimit(static_cast<__rlimit_resource>(resource), &now);
    const rlimit wanted{std::min(soft, now.rlim_max), std::min(hard, now.rlim_max)};
    setrlimit(static_cast<__rlimit_resource>(resource), &wanted);
}

/// In the command's process, before exec: what must be impossible afterwards.
void apply(const Limits& limits) {
    const auto cpu = static_cast<rlim_t>(limits.cpu.count());
    limit(RLIMIT_CPU, cpu, cpu + 1);
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_FSIZE, limits.file_size, limits.file_size);
    if (limits.memory)
        limit(RLIMIT_AS, *limits.memory, *limits.memory);
    if (limits.processor) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(*limits.processor, &set);
        sched_setaffinity(0, sizeof set, &set);
    }
}

constexpr auto unlimited = std::numeric_limits<std::uint64_t>::max();
/// All processes together may use so many times the CPU time of one.
constexpr int cpu_shares = 4;
/// What they use together is looked at so often.
constexpr auto look_every = std::chrono::milliseconds(50);

[[noreturn]] void become(const Command& command, const SupervisorEnds& ends, int start_error,
                         int end_of_sandbox) {
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(ends.output, STDOUT_FILENO);
    dup2(ends.error, STDERR_FILENO);
    // The pipe that tells of a failed exec, the channel and the sandbox's first process's pipe keep
    // their places; all else is closed.
    const int error_pipe = fcntl(start_error, F_DUPFD_CLOEXEC, 10);
    const int channel = ends.channel < 0 ? -1 : fcntl(ends.channel, F_DUPFD, 10);
    const int end = end_of_sandbox < 0 ? -1 : fcntl(end_of_sandbox, F_DUPFD, 10);
    close_range(3, 9, 0);
    if (channel >= 0)
        dup2(channel, channel_number);
    if (end >= 0)
        dup2(end, sandbox::end_descriptor);
    const auto kept = static_cast<unsigned>(error_pipe);
    if (kept > 10)
        close_range(10, kept - 1, 0);
    close_range(kept + 1, ~0U, 0);

    std::vector<std::string> environment = command.environment;
    for (const char* passed_on : {"PATH", "HOME", "LANG"})
        if (const char* value = std::getenv(passed_on))
            environment.push_back(std::string(passed_on) + "=" + value);
    if (channel >= 0)
        environment.push_back(std::string(testing::channel_variable) + "=" +
                              std::to_string(channel_number));
    std::vector<char*> arguments;
    for (const auto& argument : command.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    std::vector<char*> variables;
    for (const auto& variable : environment)
        variables.push_back(const_cast<char*>(variable.c_str()));
    variables.push_back(nullptr);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    apply(command.limits);
    if (command.folder.empty() || chdir(command.folder.c_str()) == 0)
        execvpe(arguments[0], arguments.data(), variables.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t said = write(error_pipe, &error, sizeof error);
    _exit(127);
}

/// The command while it runs, and what is known about its end.
class Supervision {
  public:
    Supervision(pid_t main, const Command& command)
        : main_(main), limits_(command.limits), sandboxed_(command.sandbox != nullptr) {}

    /// Until the command has ended, or a limit or SIGTERM has come.
    void wait() {
        sigset_t awaited;
        sigemptyset(&awaited);
        sigaddset(&awaited, SIGCHLD);
        sigaddset(&awaited, SIGTERM);
        auto deadline = started_ + limits_.wall;
        auto next_look = started_ + look_every;
        for (;;) {
            reap(WNOHANG);
            if (main_ended_)
                return;
            const auto now = Clock::now();
            if (now >= deadline && limit_has_come(now, deadline))
                return end_by(Outcome::End::wall_limit);
            if (now >= next_look) {
                if (uses_too_much())
                    return;
                // Where there is much to look at, looking must not be most of the work.
                next_look =
                    Clock::now() + std::max(Clock::duration(look_every), (Clock::now() - now) * 10);
            }
            const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
                                  std::min(deadline, next_look) - Clock::now())
                                  .count();
            if (left <= 0)
                continue;
            const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
            if (sigtimedwait(&awaited, nullptr, &timeout) == SIGTERM)
                return end_by(Outcome::End::output_limit);
        }
    }

    /// Kill until there is nobody left; orphans become our children as their parents die.
    void end_tree() {
        status_.wall =
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_).count();
        const bool ended_by_itself = main_ended_;
        bool first = true;
        for (;;) {
            reap(WNOHANG);
            const auto alive = testing::children();
            if (alive.empty())
                break;
            if (first && ended_by_itself)
                status_.left_over = static_cast<int>(alive.size());
            first = false;
            kill(-main_, SIGKILL);
            for (const auto& child : alive)
                kill(child.pid, SIGKILL);
            reap(0);
        }
    }

    /// The status with its text, to the grader.
    void report(int fd) {
        rusage used{};
        getrusage(RUSAGE_CHILDREN, &used);
        status_.cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * std::int64_t{1'000'000} +
                      used.ru_utime.tv_usec + used.ru_stime.tv_usec;
        status_.max_rss = used.ru_maxrss;
        const bool cpu_used_up =
            status_.end == static_cast<int>(Outcome::End::signalled) &&
            (status_.code == SIGXCPU ||
             (status_.code == SIGKILL && status_.cpu >= limits_.cpu.count() * 1'000'000));
        if (cpu_used_up)
            status_.end = static_cast<int>(Outcome::End::cpu_limit);
        status_.waiting_length = static_cast<int>(waiting_.size());
        std::string bytes(reinterpret_cast<const char*>(&status_), sizeof status_);
        bytes += waiting_;
        [[maybe_unused]] const ssize_t said = write(fd, bytes.data(), bytes.size());
    }

    /// The command could not be started.
    void not_started(int error) {
        end_by(Outcome::End::not_started);
        status_.code = error;
    }

    /// What the sandbox's first process said on \p fd counts: what ended out here was the sandbox.
    void ask_sandbox(int fd) {
        sandbox::End end;
        if (read(fd, &end, sizeof end) != sizeof end) {
            if (main_ended_ && !cut_off_)
                end_by(Outcome::End::no_sandbox);
            return;
        }
        if (!end.started)
            return not_started(end.status);
        status_.left_over = end.left_over;
        // It had ended in time; it was taking the sandbox down that was not over.
        const bool too_late = status_.end == static_cast<int>(Outcome::End::wall_limit);
        if (!cut_off_ || too_late)
            ended_with(end.status);
    }

  private:
    /// Whether all processes together are over a limit.
    bool uses_too_much() {
        if (limits_.tree_memory == unlimited)
            return false;
        const TreeUse use = tree_use(getpid());
        if (use.memory > limits_.tree_memory)
            end_by(Outcome::End::memory_limit);
        else if (use.cpu > limits_.cpu * cpu_shares)
            end_by(Outcome::End::cpu_limit);
        return cut_off_;
    }

    /// At the wall limit: whether it is over, or what computes has more time, until \p deadline.
    bool limit_has_come(Clock::time_point now, Clock::time_point& deadline) {
        waiting_ = what_waits(sandboxed_ ? first_process() : getpid());
        // Where nobody is left to wait, the sandbox is being taken down.
        status_.computing = waiting_.empty() || waiting_.find(is_running) != std::string::npos;
        // What computes is limited by its CPU time: on a busy machine that takes longer.
        const bool has_had_its_share = now >= started_ + limits_.wall * 4;
        deadline += limits_.wall / 4;
        return !status_.computing || has_had_its_share;
    }

    /// In the sandbox, between the supervisor and the command: bubblewrap, and below it PID 1.
    pid_t first_process() const {
        const auto below = testing::children(main_);
        return below.empty() ? main_ : below.front().pid;
    }

    void end_by(Outcome::End end) {
        status_.end = static_cast<int>(end);
        cut_off_ = true;
    }

    void ended_with(int status) {
        status_.end =
            static_cast<int>(WIFSIGNALED(status) ? Outcome::End::signalled : Outcome::End::exited);
        status_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }

    void reap(int options) {
        int status = 0;
        for (;;) {
            const pid_t ended = waitpid(-1, &status, options);
            if (ended <= 0)
                return;
            options = WNOHANG;
            if (ended != main_ || main_ended_)
                continue;
            main_ended_ = true;
            if (!cut_off_)
                ended_with(status);
        }
    }

    pid_t main_;
    const Limits& limits_;
    Clock::time_point started_ = Clock::now();
    bool sandboxed_;
    bool main_ended_ = false;
    bool cut_off_ = false;  // by a limit: how the command ended was not its own doing
    SupervisorStatus status_;
    std::string waiting_;
};

}  // namespace

void supervise(const Command& command, const SupervisorEnds& ends, pid_t grader) {
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // also of a grader that is killed: the tree ends with it
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (getppid() != grader)
        _exit(1);  // the grader ended before the line above
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    sigprocmask(SIG_SETMASK, &awaited, nullptr);

    int start_error[2];
    if (pipe2(start_error, O_CLOEXEC) != 0)
        _exit(1);
    int end_of_sandbox[2] = {-1, -1};
    if (command.sandbox && pipe2(end_of_sandbox, O_CLOEXEC | O_NONBLOCK) != 0)
        _exit(1);
    const pid_t main = fork();
    if (main < 0)
        _exit(1);
    if (main == 0) {
        setpgid(0, 0);
        become(command, ends, start_error[1], end_of_sandbox[1]);
    }
    setpgid(main, main);
    close(start_error[1]);
    close(ends.output);
    close(ends.error);
    if (ends.channel >= 0)
        close(ends.channel);
    Supervision supervision(main, command);
    int error = 0;
    const bool failed_to_start = read(start_error[0], &error, sizeof error) == sizeof error;
    supervision.wait();
    supervision.end_tree();
    if (failed_to_start)
        supervision.not_started(error);
    else if (command.sandbox)
        supervision.ask_sandbox(end_of_sandbox[0]);
    supervision.report(ends.status);
    _exit(0);
}

}  // namespace course::grading
