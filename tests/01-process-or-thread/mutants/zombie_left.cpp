// Mistake: the parent reads how the child ended with WNOWAIT, which leaves the zombie.
// Loses:   01.4
// Hint:    An ended child stays a zombie until its parent has waited for it. Did the parent wait?
#include "isolation.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

namespace lab {

std::vector<pid_t> tasks_of(pid_t process) {
    std::vector<pid_t> tasks;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task"))
        tasks.push_back(std::stoi(entry.path().filename().string()));
    return tasks;
}

int in_thread(const std::function<int()>& work) {
    int result = 0;
    std::thread thread([&] { result = work(); });
    thread.join();
    return result;
}

Ending ending_of(int status) {
    if (WIFSIGNALED(status))
        return {-1, WTERMSIG(status)};
    return {WEXITSTATUS(status), 0};
}

Ending in_child(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child < 0)
        throw std::system_error(errno, std::generic_category(), "cannot fork");
    if (child == 0) {
        const auto guarded = [&]() noexcept { return work(); };
        _exit(guarded());
    }
    siginfo_t ended;
    while (waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) < 0)
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "cannot wait for the child");
    if (ended.si_code == CLD_EXITED)
        return {ended.si_status, 0};
    return {-1, ended.si_status};
}

}  // namespace lab
