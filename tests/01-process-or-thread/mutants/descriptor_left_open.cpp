// Mistake: the result comes through a pipe, and the caller never closes its ends.
// Loses:   01.4
// Hint:    When your function is over, what it opened is closed, and the child that it started is
//          waited for.
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
    int ends[2];
    if (pipe(ends) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    const pid_t child = fork();
    if (child < 0)
        throw std::system_error(errno, std::generic_category(), "cannot fork");
    if (child == 0) {
        const auto guarded = [&]() noexcept { return work(); };
        const int result = guarded();
        _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "cannot wait for the child");
    Ending ending = ending_of(status);
    if (ending.signal == 0 && read(ends[0], &ending.exit_status, sizeof(int)) != sizeof(int))
        throw std::system_error(errno, std::generic_category(), "cannot read the result");
    return ending;
}

}  // namespace lab
