// Mistake: a process that does not exist has an empty list of tasks.
// Loses:   01.1
// Hint:    No process has no tasks. What does opening a directory that isn't there tell you?
#include "isolation.hpp"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

namespace lab {

std::vector<pid_t> tasks_of(pid_t process) {
    DIR* directory = opendir(("/proc/" + std::to_string(process) + "/task").c_str());
    if (!directory)
        return {};
    std::vector<pid_t> tasks;
    while (const dirent* entry = readdir(directory))
        if (entry->d_name[0] != '.')
            tasks.push_back(std::stoi(entry->d_name));
    closedir(directory);
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
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "cannot wait for the child");
    return ending_of(status);
}

}  // namespace lab
