// Mistake: A child writes its verdicts into the vector: into its own copy of it.
// Loses:   12.4
// Hint:    fork copies memory. In whose memory does the child write its verdict, and who reads it?
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
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

namespace lab {

bool is_prime(std::uint64_t number) {
    if (number < 2)
        return false;
    if (number % 2 == 0)
        return number == 2;
    // The root once, not `divisor * divisor <= number` each time: near 2^64 the product overflows.
    const auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(number)));
    for (std::uint64_t divisor = 3; divisor <= root; divisor += 2)
        if (number % divisor == 0)
            return false;
    return true;
}

// Given: what the two others must return as well, only sooner.
std::vector<Verdict> check_serial(const Numbers& numbers, const Predicate& predicate) {
    std::vector<Verdict> verdicts;
    for (const std::uint64_t number : numbers)
        verdicts.push_back(predicate(number) ? Verdict::yes : Verdict::no);
    return verdicts;
}

std::vector<Verdict> check_with_threads(const Numbers& numbers, std::size_t workers,
                                        const Predicate& predicate) {
    if (workers == 0)
        throw std::invalid_argument("no worker: give at least 1");
    std::vector<Verdict> verdicts(numbers.size());
    std::atomic<std::size_t> next = 0;
    std::mutex failure_mutex;
    std::exception_ptr failure;  // guarded by failure_mutex
    const auto work = [&] {
        try {
            for (std::size_t i = next++; i < numbers.size(); i = next++)
                verdicts[i] = predicate(numbers[i]) ? Verdict::yes : Verdict::no;
        } catch (...) {  // an exception that left the thread would end the whole process
            const std::lock_guard lock(failure_mutex);
            if (!failure)
                failure = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < std::min(workers, numbers.size()); ++i)
            threads.emplace_back(work);
    }  // all are joined here, also if one of them could not be started
    if (failure)
        std::rethrow_exception(failure);
    return verdicts;
}

std::vector<Range> chunks(std::size_t count, std::size_t chunksize) {
    if (chunksize == 0)
        throw std::invalid_argument("chunks of 0 numbers never end: give at least 1");
    std::vector<Range> ranges;
    for (std::size_t first = 0; first < count; first = ranges.back().last)
        ranges.push_back({first, first + std::min(chunksize, count - first)});
    return ranges;
}

namespace {

/// A counter in memory that stays one and the same after fork; all other memory is copied.
class SharedCounter {
  public:
    SharedCounter()
        : memory_(mmap(nullptr, sizeof(std::atomic<std::size_t>), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (memory_ == MAP_FAILED)
            throw std::system_error(errno, std::generic_category(), "no shared memory");
        value_ = new (memory_) std::atomic<std::size_t>(0);
    }
    ~SharedCounter() { munmap(memory_, sizeof(std::atomic<std::size_t>)); }
    SharedCounter(const SharedCounter&) = delete;
    SharedCounter& operator=(const SharedCounter&) = delete;

    std::size_t operator++(int) { return (*value_)++; }

  private:
    void* memory_;
    std::atomic<std::size_t>* value_;
};

}  // namespace

std::vector<Verdict> check_with_processes(const Numbers& numbers, std::size_t workers,
                                          std::size_t chunksize, const Predicate& predicate) {
    if (workers == 0)
        throw std::invalid_argument("no worker: give at least 1");
    const std::vector<Range> ranges = chunks(numbers.size(), chunksize);
    SharedCounter next;
    std::vector<Verdict> verdicts(numbers.size());
    std::vector<pid_t> children;
    for (std::size_t i = 0; i < std::min(workers, ranges.size()); ++i) {
        const pid_t child = fork();
        if (child == 0) {
            for (std::size_t chunk = next++; chunk < ranges.size(); chunk = next++)
                for (std::size_t k = ranges[chunk].first; k < ranges[chunk].last; ++k)
                    verdicts[k] = predicate(numbers[k]) ? Verdict::yes : Verdict::no;
            _exit(0);
        }
        if (child < 0)
            break;  // those that are there do the work
        children.push_back(child);
    }
    for (const pid_t child : children)
        waitpid(child, nullptr, 0);
    return verdicts;
}

}  // namespace lab
