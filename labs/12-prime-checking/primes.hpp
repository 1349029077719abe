// Contract of lab 12: one question about many numbers, answered by one worker, by threads, by
// processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

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

/// Some of the numbers: from index `first` up to but not including index `last`.
struct Range {
    /// Index of the first one.
    std::size_t first = 0;
    /// One more than the index of the last one.
    std::size_t last = 0;
};

/// Cut \p count numbers into chunks (12.3).
/// \return  ranges that hold each index once and in order: all of \p chunksize numbers, but the
///          last one shorter where the count does not divide. None is empty.
/// \throws std::invalid_argument  if \p chunksize is 0.
std::vector<Range> chunks(std::size_t count, std::size_t chunksize);

/// The same as check_serial with processes (12.4).
///
/// Forks at most \p workers children; one that is free takes the next chunk of \p chunksize numbers.
/// \param predicate  is called once for each number, in the children alone.
/// \return  the verdicts, in the order of the numbers. No child and no descriptor is left.
/// \throws std::invalid_argument  if there are 0 workers or \p chunksize is 0.
/// \throws std::runtime_error  if a number got no verdict: its worker died, left with any exit
///                             status, or the predicate threw.
/// \source  PEP 3148, `ProcessPoolExecutor.map(..., chunksize)`.
std::vector<Verdict> check_with_processes(const Numbers& numbers, std::size_t workers,
                                          std::size_t chunksize, const Predicate& predicate);

}  // namespace lab
