// Asks the kernel for processors.
#include "processors.hpp"

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace bench {

namespace {

cpu_set_t allowed() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        throw std::system_error(errno, std::generic_category(), "sched_getaffinity");
    return set;
}

}  // namespace

std::vector<int> processors() {
    const cpu_set_t set = allowed();
    std::vector<int> all;
    for (int i = 0; i < CPU_SETSIZE; ++i)
        if (CPU_ISSET(static_cast<std::size_t>(i), &set))
            all.push_back(i);
    return all;
}

Pinned::Pinned(unsigned count) : before_(allowed()) {
    const std::vector<int> all = processors();
    if (count > all.size())
        throw std::runtime_error("this needs " + std::to_string(count) +
                                 " processors, and the program may use " +
                                 std::to_string(all.size()));
    cpu_set_t few;
    CPU_ZERO(&few);
    for (unsigned i = 0; i < count; ++i)
        CPU_SET(static_cast<std::size_t>(all[i]), &few);
    if (sched_setaffinity(0, sizeof few, &few) != 0)
        throw std::system_error(errno, std::generic_category(), "sched_setaffinity");
}

Pinned::~Pinned() {
    sched_setaffinity(0, sizeof before_, &before_);
}

}  // namespace bench
