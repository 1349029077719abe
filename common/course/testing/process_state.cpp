// Reads the state of a process from /proc.
#include <course/testing/process_state.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <system_error>
#include <thread>

namespace course::testing {

namespace {

std::string proc_path(pid_t pid, const std::string& name) {
    return "/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid)) + "/" + name;
}

/// The names in a directory of /proc that are numbers, in order; `looking` is our own descriptor.
std::vector<int> numbers_in(const std::string& path, int* looking = nullptr) {
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(path.c_str()), closedir);
    if (!dir)
        throw std::system_error(errno, std::generic_category(), "cannot read " + path);
    if (looking)
        *looking = dirfd(dir.get());
    std::vector<int> numbers;
    while (const dirent* entry = readdir(dir.get()))
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
            numbers.push_back(std::atoi(entry->d_name));
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

/// The letter and the parent in /proc/PID/stat; the command's name before them may hold anything.
bool read_stat(pid_t pid, char& state, pid_t& parent) {
    std::ifstream file(proc_path(pid, "stat"));
    std::string line;
    if (!std::getline(file, line))
        return false;
    std::istringstream rest(line.substr(line.rfind(')') + 1));
    return static_cast<bool>(rest >> state >> parent);
}

/// The children of each thread where the kernel keeps that list, otherwise every process there is.
std::vector<pid_t> candidates(pid_t pid) {
    std::vector<pid_t> found;
    for (const pid_t thread : numbers_in(proc_path(pid, "task"))) {
        std::ifstream list(proc_path(pid, "task/" + std::to_string(thread) + "/children"));
        if (!list)
            return numbers_in("/proc");
        for (pid_t child = 0; list >> child;)
            found.push_back(child);
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

std::vector<Descriptor> descriptors(pid_t pid) {
    int looking = -1;
    const std::string folder = proc_path(pid, "fd");
    std::vector<Descriptor> found;
    for (const int number : numbers_in(folder, &looking)) {
        if (pid == 0 && number == looking)
            continue;
        char target[PATH_MAX];
        const ssize_t length =
            readlink((folder + "/" + std::to_string(number)).c_str(), target, sizeof target);
        if (length < 0)
            continue;  // closed in the meantime
        Descriptor descriptor;
        descriptor.number = number;
        descriptor.target.assign(target, static_cast<std::size_t>(length));
        std::ifstream info(proc_path(pid, "fdinfo/" + std::to_string(number)));
        for (std::string key, value; info >> key >> value;) {
            if (key == "pos:")
                descriptor.offset = std::stoll(value);
            if (key == "flags:") {
                descriptor.close_on_exec = (std::stoll(value, nullptr, 8) & O_CLOEXEC) != 0;
                break;
            }
        }
        found.push_back(std::move(descriptor));
    }
    return found;
}

std::vector<pid_t> threads(pid_t pid) {
    return numbers_in(proc_path(pid, "task"));
}

std::vector<Child> children(pid_t pid) {
    const pid_t parent_wanted = pid == 0 ? getpid() : pid;
    std::vector<Child> found;
    for (const pid_t candidate : candidates(pid)) {
        char state = 0;
        pid_t parent = 0;
        if (read_stat(candidate, state, parent) && parent == parent_wanted)
            found.push_back({candidate, state == 'Z'});
    }
    return found;
}

ProcessState ProcessState::now() {
    return {course::testing::descriptors(), course::testing::threads(),
            course::testing::children()};
}

std::string difference(const ProcessState& before, const ProcessState& after) {
    std::string text;
    const auto say = [&text](const std::string& what) {
        text += (text.empty() ? "" : ", ") + what;
    };
    const auto has = [](const auto& list, const auto& same) {
        return std::find_if(list.begin(), list.end(), same) != list.end();
    };
    for (const auto& now : after.descriptors)
        if (!has(before.descriptors, [&](const auto& d) { return d == now; }))
            say("descriptor " + std::to_string(now.number) + " is open on " + now.target);
    for (const auto& old : before.descriptors)
        if (!has(after.descriptors, [&](const auto& d) { return d.number == old.number; }))
            say("descriptor " + std::to_string(old.number) + " was closed, but it was not yours");
    for (const pid_t now : after.threads)
        if (!has(before.threads, [&](pid_t t) { return t == now; }))
            say("thread " + std::to_string(now) + " still runs");
    for (const auto& now : after.children)
        if (!has(before.children, [&](const auto& c) { return c.pid == now.pid; }))
            say("child " + std::to_string(now.pid) +
                (now.zombie ? " ended but was never waited for (a zombie)" : " still runs"));
    return text;
}

bool has_ended(pid_t pid) {
    char state = 0;
    pid_t parent = 0;
    if (!read_stat(pid, state, parent))
        return true;
    try {
        return state == 'Z' && threads(pid).size() <= 1;  // else a thread of it is still on its way
    } catch (const std::system_error&) {
        return true;  // gone meanwhile
    }
}

void wait_for_end(pid_t pid) {
    while (!has_ended(pid))
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

namespace {

/// Each task of \p family and its descendants but the calling one, with how often it fell asleep; the
/// number is -1 for a task that is awake.
std::map<pid_t, long> sleepers(pid_t family) {
    std::vector<pid_t> processes{family};
    for (std::size_t i = 0; i < processes.size(); ++i)
        for (const auto& child : children(processes[i]))
            if (!child.zombie)
                processes.push_back(child.pid);
    std::map<pid_t, long> found;
    for (const pid_t process : processes)
        for (const pid_t task : threads(process)) {
            if (task == gettid())
                continue;
            std::ifstream status("/proc/" + std::to_string(task) + "/status");
            bool asleep = false;
            long times = -1;
            for (std::string key; status >> key; std::getline(status, key)) {
                if (key == "State:")
                    asleep = (status >> key) && key == "S";
                if (key == "voluntary_ctxt_switches:")
                    status >> times;
            }
            found[task] = asleep ? times : -1;
        }
    return found;
}

}  // namespace

bool nobody_moves(pid_t family) {
    try {
        const auto before = sleepers(family);
        const bool all_asleep = std::none_of(before.begin(), before.end(),
                                             [](const auto& task) { return task.second < 0; });
        return all_asleep && sleepers(family) == before;
    } catch (const std::system_error&) {
        return false;  // a process ended while we looked at it
    }
}

}  // namespace course::testing
