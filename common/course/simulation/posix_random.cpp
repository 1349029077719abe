// Redefines the sources of randomness: a schedule's random numbers follow from its seed.
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <algorithm>
#include <random>

#include "calls.hpp"

namespace course::simulation {
namespace {

void fill(void* memory, std::size_t size) {
    auto* bytes = static_cast<unsigned char*>(memory);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<unsigned char>(scheduler().random());
    }
}

}  // namespace
}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED ssize_t getrandom(void* memory, size_t size, unsigned flags) {
    if (controlled() == nullptr) {
        return syscall(SYS_getrandom, memory, size, flags);
    }
    fill(memory, size);
    return static_cast<ssize_t>(size);
}

COURSE_REDEFINED int getentropy(void* memory, size_t size) {
    if (size > 256) {
        errno = EIO;
        return -1;
    }
    return getrandom(memory, size, 0) == static_cast<ssize_t>(size) ? 0 : -1;
}

COURSE_REDEFINED int rand() noexcept {
    if (controlled() == nullptr) {
        return reinterpret_cast<int (*)()>(next_definition("rand"))();
    }
    return static_cast<int>(scheduler().random() & RAND_MAX);
}

// std::random_device takes its numbers from the processor; its member functions are libstdc++'s.
COURSE_REDEFINED unsigned course_random_device_getval(std::random_device*) asm(
    "_ZNSt13random_device9_M_getvalEv");

COURSE_REDEFINED unsigned course_random_device_getval(std::random_device* device) {
    if (controlled() == nullptr) {
        using Getval = unsigned (*)(std::random_device*);
        auto* const next =
            reinterpret_cast<Getval>(next_definition("_ZNSt13random_device9_M_getvalEv"));
        return next(device);
    }
    return static_cast<unsigned>(scheduler().random());
}
