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

#include <course/grading/waiting.hpp>
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

[[noreturn]] void become(const Command& command, const SupervisorEnds& ends, int start_error) {
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(ends.output, STDOUT_FILENO);
    dup2(ends.error, STDERR_FILENO);
    // The pipe that tells of a failed exec and the channel keep their places; all else is closed.
    const int error_pipe = fcntl(start_error, F_DUPFD_CLOEXEC, 10);
    const int channel = ends.channel < 0 ? -1 : fcntl(ends.channel, F_DUPFD, 10);
    close_range(3, 9, 0);
    if (channel >= 0)
        dup2(channel, channel_number);
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
    Supervision(pid_t main, const Limits& limits) : main_(main), limits_(limits) {}

    /// Until the command has ended, or the limit or SIGTERM has come.
    void wait() {
        sigset_t awaited;
        sigemptyset(&awaited);
        sigaddset(&awaited, SIGCHLD);
        sigaddset(&awaited, SIGTERM);
        auto deadline = started_ + limits_.wall;
        for (;;) {
            reap(WNOHANG);
            if (main_ended_)
                return;
            auto left =
                std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now())
                    .count();
            if (left <= 0) {
                waiting_ = what_waits(getpid());
                status_.computing = waiting_.find(is_running) != std::string::npos;
                // What computes is limited by its CPU time: on a busy machine that takes longer.
                const bool has_had_its_share = Clock::now() >= started_ + limits_.wall * 4;
                if (!status_.computing || has_had_its_share) {
                    status_.end = static_cast<int>(Outcome::End::wall_limit);
                    return;
                }
                deadline += limits_.wall / 4;
                continue;
            }
            const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
            if (sigtimedwait(&awaited, nullptr, &timeout) == SIGTERM) {
                status_.end = static_cast<int>(Outcome::End::output_limit);
                return;
            }
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
        status_.end = static_cast<int>(Outcome::End::not_started);
        status_.code = error;
    }

  private:
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
            const bool undecided = status_.end == 0;
            if (undecided && WIFSIGNALED(status))
                status_.end = static_cast<int>(Outcome::End::signalled);
            if (undecided)
                status_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
        }
    }

    pid_t main_;
    const Limits& limits_;
    Clock::time_point started_ = Clock::now();
    bool main_ended_ = false;
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
    const pid_t main = fork();
    if (main < 0)
        _exit(1);
    if (main == 0) {
        setpgid(0, 0);
        become(command, ends, start_error[1]);
    }
    setpgid(main, main);
    close(start_error[1]);
    close(ends.output);
    close(ends.error);
    if (ends.channel >= 0)
        close(ends.channel);
    Supervision supervision(main, command.limits);
    int error = 0;
    const bool failed_to_start = read(start_error[0], &error, sizeof error) == sizeof error;
    supervision.wait();
    supervision.end_tree();
    if (failed_to_start)
        supervision.not_started(error);
    supervision.report(ends.status);
    _exit(0);
}

}  // namespace course::grading
