// Adds up /proc/PID/statm, /proc/PID/stat, and the files that are nothing but memory.
#include <course/grading/tree_use.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

#include <course/testing/process_state.hpp>

namespace course::grading {

namespace fs = std::filesystem;

namespace {

std::uint64_t resident(const fs::path& process) {
    std::ifstream file(process / "statm");
    std::uint64_t size = 0, resident = 0, shared = 0;
    file >> size >> resident >> shared;
    return (resident - std::min(resident, shared)) * static_cast<std::uint64_t>(getpagesize());
}

/// CPU time of a process and of the children that it has waited for.
std::chrono::milliseconds cpu_time(const fs::path& process) {
    std::string line;
    std::getline(std::ifstream(process / "stat"), line);
    const auto end_of_name = line.rfind(')');
    if (end_of_name == std::string::npos)
        return {};
    std::istringstream fields(line.substr(end_of_name + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field)
        fields >> skipped;
    long ticks = 0;
    for (long part = 0, i = 0; i < 4 && fields >> part; ++i)  // user, system; those of children
        ticks += part;
    return std::chrono::milliseconds(ticks * 1000 / sysconf(_SC_CLK_TCK));
}

/// The files without a name that \p process has open, each counted once for all processes.
std::uint64_t nameless_files(const fs::path& process, std::set<ino_t>& counted) {
    std::uint64_t sum = 0;
    std::error_code gone;  // or it may not be looked into, as the sandbox's first process
    for (fs::directory_iterator at(process / "fd", gone), end; !gone && at != end;
         at.increment(gone)) {
        std::error_code closed;
        if (!fs::read_symlink(at->path(), closed).string().starts_with("/memfd:"))
            continue;
        struct stat status {};
        if (stat(at->path().c_str(), &status) == 0 && counted.insert(status.st_ino).second)
            sum += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
    return sum;
}

void add_below(pid_t ancestor, TreeUse& use, std::set<ino_t>& counted) {
    for (const auto& child : testing::children(ancestor)) {
        const fs::path process = "/proc/" + std::to_string(child.pid);
        use.memory += resident(process) + nameless_files(process, counted);
        use.cpu += cpu_time(process);
        try {
            add_below(child.pid, use, counted);
        } catch (const std::system_error&) {
            // it has ended
        }
    }
}

}  // namespace

TreeUse tree_use(pid_t ancestor) {
    TreeUse use;
    std::set<ino_t> counted;
    try {
        add_below(ancestor, use, counted);
    } catch (const std::system_error&) {
        // the ancestor has ended
    }
    return use;
}

}  // namespace course::grading
