// Mistake: the wait is given up when a signal handler has run.
// Loses:   01.4
// Hint:    When a signal handler has run, waitpid returns -1, errno is EINTR, and the child is not
//          over. What then?
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
    int status = 0;
    waitpid(child, &status, 0);
    return ending_of(status);
}

}  // namespace lab
