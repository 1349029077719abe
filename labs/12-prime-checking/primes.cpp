// Your work in lab 12: is_prime, and two ways to ask it about many numbers at once.
#include "primes.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <course/testing/not_implemented.hpp>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

namespace lab {

bool is_prime([[maybe_unused]] std::uint64_t number) {
    // TODO(12.1): find out whether anything between 1 and the number divides it.
    throw course::NotImplemented("12.1");
}

// Given: what the two others must return as well, only sooner.
std::vector<Verdict> check_serial(const Numbers& numbers, const Predicate& predicate) {
    std::vector<Verdict> verdicts;
    for (const std::uint64_t number : numbers)
        verdicts.push_back(predicate(number) ? Verdict::yes : Verdict::no);
    return verdicts;
}

std::vector<Verdict> check_with_threads([[maybe_unused]] const Numbers& numbers,
                                        [[maybe_unused]] std::size_t workers,
                                        [[maybe_unused]] const Predicate& predicate) {
    // TODO(12.2): let threads take one number after the other until none is left.
    throw course::NotImplemented("12.2");
}

std::vector<Range> chunks([[maybe_unused]] std::size_t count,
                          [[maybe_unused]] std::size_t chunksize) {
    // TODO(12.3): cut the indexes 0 to count - 1 into ranges.
    throw course::NotImplemented("12.3");
}

std::vector<Verdict> check_with_processes([[maybe_unused]] const Numbers& numbers,
                                          [[maybe_unused]] std::size_t workers,
                                          [[maybe_unused]] std::size_t chunksize,
                                          [[maybe_unused]] const Predicate& predicate) {
    // TODO(12.4): let forked children take one chunk after the other and send the verdicts home.
    throw course::NotImplemented("12.4");
}

}  // namespace lab
