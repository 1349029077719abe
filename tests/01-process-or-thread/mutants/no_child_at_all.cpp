// Mistake: the work is called, and no process is made.
// Loses:   01.4
// Hint:    Who did the work? A child is a process with an identifier of its own; neither a plain
//          call nor a thread has one.
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
    return {work(), 0};
}

}  // namespace lab
