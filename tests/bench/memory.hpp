// How much memory a process has for itself.
#pragma once

#include <sys/types.h>

#include <fstream>
#include <string>

namespace bench {

/// The sum of the lines of \p file, one of /proc's, that begin with \p key, in bytes.
inline double bytes_in(const std::string& file, const std::string& key) {
    std::ifstream lines(file);
    double kilobytes = 0;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(key))
            kilobytes += std::stod(line.substr(line.find(':') + 1));
    return 1024 * kilobytes;
}

/// Bytes that are the process's own, and not shared with another.
inline double private_memory(pid_t pid) {
    return bytes_in("/proc/" + std::to_string(pid) + "/smaps_rollup", "Private_");
}

}  // namespace bench
