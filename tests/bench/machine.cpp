// Reads /proc, uname and os-release, and asks python3 for its version.
#include "machine.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <boost/version.hpp>
#include <ctime>
#include <fstream>

#include "measuring.hpp"
#include "processors.hpp"

namespace bench {

namespace {

/// What stands behind \p key and \p separator in \p file; empty if there is no such line.
std::string value_in(const char* file, const std::string& key, char separator) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(key)) {
            const auto begin = line.find_first_not_of(" \t\"", line.find(separator) + 1);
            const auto end = line.find_last_not_of(" \t\"");
            return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
        }
    return "";
}

/// `6.18` of `6.18.44-whatever`.
std::string major_minor(const std::string& release) {
    return release.substr(0, release.find_first_not_of("0123456789", release.find('.') + 1));
}

std::string compiler_here() {
#ifdef __clang__
    return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string python_here() {
    std::string version = python("--version").value_or("");
    while (!version.empty() && version.back() == '\n')
        version.pop_back();
    return version;
}

}  // namespace

Machine Machine::here() {
    Machine machine;
    machine.processor = value_in("/proc/cpuinfo", "model name", ':');
    utsname kernel{};
    uname(&kernel);
    if (machine.processor.empty())
        machine.processor = kernel.machine;
    machine.processors = static_cast<unsigned>(bench::processors().size());
    machine.gigabytes = double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE)) / (1 << 30);
    machine.system =
        value_in("/etc/os-release", "PRETTY_NAME", '=') + ", Linux " + major_minor(kernel.release);
    machine.compiler = compiler_here();
    machine.libraries = fmt::format("Boost {}.{}, glibc {}", BOOST_VERSION / 100000,
                                    BOOST_VERSION / 100 % 1000, gnu_get_libc_version());
    machine.python = python_here();
    return machine;
}

std::string Machine::in_words() const {
    return fmt::format("{}, {} processor{}, {:.0f} GiB; {}; {}, {}{}", processor, processors,
                       processors == 1 ? "" : "s", gigabytes, system, compiler, libraries,
                       python.empty() ? "" : ", " + python);
}

std::string today() {
    return fmt::format("{:%Y-%m-%d}", fmt::localtime(std::time(nullptr)));
}

}  // namespace bench
