// Reads from /proc what each thread of a process tree is waiting in.
#include <course/grading/waiting.hpp>

#include <sys/syscall.h>

#include <array>
#include <fstream>
#include <string_view>

#include <course/testing/process_state.hpp>

namespace course::grading {

namespace {

struct SystemCall {
    long number;
    std::string_view name;
    bool on_descriptor;
};

constexpr std::array calls{
    SystemCall{SYS_read, "read from", true},
    SystemCall{SYS_write, "write to", true},
    SystemCall{SYS_recvfrom, "recv from", true},
    SystemCall{SYS_recvmsg, "recvmsg from", true},
    SystemCall{SYS_accept, "accept on", true},
    SystemCall{SYS_accept4, "accept on", true},
    SystemCall{SYS_connect, "connect of", true},
    SystemCall{SYS_fcntl, "fcntl on", true},
    SystemCall{SYS_flock, "flock on", true},
    SystemCall{SYS_wait4, "waitpid for a child", false},
    SystemCall{SYS_waitid, "waitid for a child", false},
    SystemCall{SYS_futex, "a lock, a condition variable or a join (futex)", false},
    SystemCall{SYS_ppoll, "poll", false},
    SystemCall{SYS_pselect6, "select", false},
    SystemCall{SYS_epoll_pwait, "epoll_wait", false},
#ifdef SYS_poll
    SystemCall{SYS_poll, "poll", false},
    SystemCall{SYS_epoll_wait, "epoll_wait", false},
    SystemCall{SYS_pause, "pause", false},
#endif
    SystemCall{SYS_clock_nanosleep, "a sleep", false},
    SystemCall{SYS_nanosleep, "a sleep", false},
    SystemCall{SYS_rt_sigtimedwait, "sigwait", false},
    SystemCall{SYS_rt_sigsuspend, "sigsuspend", false},
};

std::string target_of(pid_t pid, int number) {
    for (const auto& descriptor : testing::descriptors(pid))
        if (descriptor.number == number)
            return descriptor.target + " (descriptor " + std::to_string(number) + ")";
    return "descriptor " + std::to_string(number);
}

std::string activity(pid_t pid, pid_t thread) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(thread) +
                       "/syscall");
    std::string first;
    if (!(file >> first))
        return "can't be looked at";
    if (first == "running")
        return is_running;
    if (first == std::to_string(SYS_exit_group) || first == std::to_string(SYS_exit))
        return is_running;  // it is on its way out, which on a busy machine can take a while
    long number = -1;
    unsigned long argument = 0;
    try {
        number = std::stol(first);
        std::string hexadecimal;
        file >> hexadecimal;
        argument = std::stoul(hexadecimal, nullptr, 16);
    } catch (const std::exception&) {
        return "is blocked";
    }
    for (const auto& call : calls)
        if (call.number == number)
            return "waits in " + std::string(call.name) +
                   (call.on_descriptor ? " " + target_of(pid, static_cast<int>(argument)) : "");
    return "waits in system call " + std::to_string(number);
}

void describe(pid_t ancestor, const std::string& who, int depth, int& lines, std::string& text) {
    for (const auto& child : testing::children(ancestor)) {
        const std::string name = depth == 0 ? "the test" : who;
        if (child.zombie) {
            text +=
                name + " (" + std::to_string(child.pid) + ") has ended, nobody has waited for it\n";
            continue;
        }
        for (const pid_t thread : testing::threads(child.pid)) {
            if (++lines > 32)
                return;
            text += name + (thread == child.pid ? "" : ", thread " + std::to_string(thread)) +
                    " (" + std::to_string(child.pid) + ") " + activity(child.pid, thread) + "\n";
        }
        describe(child.pid, depth == 0 ? "its child" : "a child of that child", depth + 1, lines,
                 text);
    }
}

}  // namespace

std::string what_waits(pid_t ancestor) {
    std::string text;
    int lines = 0;
    try {
        describe(ancestor, "", 0, lines, text);
    } catch (const std::exception&) {
        text += "(a process ended while it was looked at)\n";
    }
    return text;
}

}  // namespace course::grading
