// Mistake: The square of an int divisor overflows beyond 46340 and ends the loop.
// Loses:   12.1
// Hint:    How large does the divisor get, and how large its square? Which type holds both?
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
    for (int divisor = 3; static_cast<std::uint64_t>(divisor * divisor) <= number; divisor += 2)
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

/// What a worker sends home about one number.
struct Report {
    std::size_t index;
    Verdict verdict;
};

/// So many go into a pipe in one piece, and the messages of the workers don't mix.
constexpr std::size_t most_at_once = PIPE_BUF / sizeof(Report);

/// \throws std::system_error  if nobody can read it.
void send(int pipe, const std::vector<Report>& message) {
    for (std::size_t sent = 0; sent < message.size(); sent += most_at_once) {
        const std::size_t bytes = std::min(most_at_once, message.size() - sent) * sizeof(Report);
        if (write(pipe, &message[sent], bytes) != static_cast<ssize_t>(bytes))
            throw std::system_error(errno, std::generic_category(), "cannot send");
    }
}

/// What has arrived, whole reports; nothing when the last worker has left.
std::vector<Report> receive(int pipe) {
    std::vector<Report> message(most_at_once);
    const ssize_t bytes = read(pipe, message.data(), message.size() * sizeof(Report));
    message.resize(bytes > 0 ? static_cast<std::size_t>(bytes) / sizeof(Report) : 0);
    return message;
}

/// The life of a worker. It ends here, whatever happens: the caller's code is the parent's alone.
[[noreturn]] void work(const Numbers& numbers, const std::vector<Range>& ranges,
                       SharedCounter& next, int pipe, const Predicate& predicate) {
    try {
        for (std::size_t i = next++; i < ranges.size(); i = next++) {
            std::vector<Report> message;
            for (std::size_t index = ranges[i].first; index < ranges[i].last; ++index)
                message.push_back({index, predicate(numbers[index]) ? Verdict::yes : Verdict::no});
            send(pipe, message);
        }
        _exit(0);
    } catch (...) {
        _exit(1);
    }
}

}  // namespace

std::vector<Verdict> check_with_processes(const Numbers& numbers, std::size_t workers,
                                          std::size_t chunksize, const Predicate& predicate) {
    if (workers == 0)
        throw std::invalid_argument("no worker: give at least 1");
    const std::vector<Range> ranges = chunks(numbers.size(), chunksize);
    SharedCounter next;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        throw std::system_error(errno, std::generic_category(), "no pipe");
    std::vector<pid_t> children;
    for (std::size_t i = 0; i < std::min(workers, ranges.size()); ++i) {
        const pid_t child = fork();
        if (child == 0)
            work(numbers, ranges, next, ends[1], predicate);
        if (child < 0)
            break;  // those that are there do the work
        children.push_back(child);
    }
    close(ends[1]);  // the pipe ends when the last worker has closed it, and this one is no worker

    std::vector<std::optional<Verdict>> known(numbers.size());
    for (auto message = receive(ends[0]); !message.empty(); message = receive(ends[0]))
        for (const Report& report : message)
            known[report.index] = report.verdict;
    close(ends[0]);
    for (const pid_t child : children)
        waitpid(child, nullptr, 0);
    // However a worker ended, what counts is that each number has its verdict.
    std::vector<Verdict> verdicts;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (!known[i])
            throw std::runtime_error("no verdict for number " + std::to_string(numbers[i]) +
                                     ": its worker ended too early or could not start");
        verdicts.push_back(*known[i]);
    }
    return verdicts;
}

}  // namespace lab
