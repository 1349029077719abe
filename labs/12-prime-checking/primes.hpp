// Contract of lab 12: one question about many numbers, answered by one worker, by threads, by
// processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace course {
class ProcessPool;
}

namespace lab {

/// Whether \p number is prime (12.1).
///
/// Right for all 64 bits. Divides at most sqrt(number) times.
/// \thread_safety  any number of threads may call it.
bool is_prime(std::uint64_t number);

/// The numbers to check; the same one may come twice.
using Numbers = std::vector<std::uint64_t>;
/// The question that is asked about each number: is_prime, or what a test wants to see called.
using Predicate = std::function<bool(std::uint64_t)>;
/// What the predicate said about one number. It has a byte of its own, so several threads may write
/// several verdicts of one vector.
enum class Verdict : unsigned char { no, yes };

/// Ask \p predicate about each of \p numbers, one after the other. Given.
/// \return  the verdicts, in the order of the numbers.
/// \throws  what the predicate threw.
std::vector<Verdict> check_serial(const Numbers& numbers, const Predicate& predicate);

/// The same with threads (12.2).
///
/// At most \p workers threads call the predicate; a caller that helps them is one of these. A thread
/// that is free takes the next number.
/// \param predicate  is called once for each number, in several threads at once.
/// \return  the verdicts, in the order of the numbers.
/// \throws std::invalid_argument  if there are 0 workers.
/// \throws  what the predicate threw (if it threw several times, one of them), once no thread is in
///          it any more; numbers that nobody has begun may then stay unchecked.
/// \source  PEP 3148, `ThreadPoolExecutor.map`.
std::vector<Verdict> check_with_threads(const Numbers& numbers, std::size_t workers,
                                        const Predicate& predicate);

/// The question for other processes: a function. It means the same there, which a lambda with captures does not.
using Question = bool (*)(std::uint64_t);

/// The same as check_serial with processes (12.3).
///
/// The numbers go to the workers of \p pool in chunks of \p chunksize neighbours, all at once; a worker
/// that is free takes the next chunk. The pool stays open.
/// \param question  is called once for each number, in the workers alone.
/// \return  the verdicts, in the order of the numbers.
/// \throws std::invalid_argument  if \p chunksize is 0.
/// \throws  what the question threw, or course::WorkerDied; of several numbers, for the first one.
/// \source  PEP 3148, `ProcessPoolExecutor.map(..., chunksize)`.
std::vector<Verdict> check_with_processes(course::ProcessPool& pool, const Numbers& numbers,
                                          std::size_t chunksize, Question question);

/// What came of one number.
struct Answer {
    /// The number.
    std::uint64_t number = 0;
    /// Its verdict; none if the question threw or its worker died.
    std::optional<Verdict> verdict;
    /// What the exception says, if there is no verdict.
    std::string error;
};

/// Ask \p question about each of the numbers in the workers of \p pool, and tell each answer as soon as
/// it is known (12.4).
///
/// \param question  is called once for each number, also for one that comes twice.
/// \param tell      is called once for each number, by the calling thread, first done first told.
/// \throws  what \p tell throws; nothing that has to do with a single number.
/// \source  PEP 3148, `submit` and `as_completed`.
void check_as_completed(course::ProcessPool& pool, const Numbers& numbers, Question question,
                        const std::function<void(const Answer&)>& tell);

}  // namespace lab
