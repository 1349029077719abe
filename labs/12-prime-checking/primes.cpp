// Your work in lab 12: is_prime, and three ways to ask it about many numbers at once.
#include "primes.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <course/process_pool/as_completed.hpp>
#include <course/process_pool/process_pool.hpp>
#include <course/testing/not_implemented.hpp>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace lab {

bool is_prime([[maybe_unused]] std::uint64_t number) {
    // TODO(12.1): find out whether anything between 1 and the number divides it.
    throw course::NotImplemented("12.1");
}

// Given: what the others must return as well, only sooner.
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

std::vector<Verdict> check_with_processes([[maybe_unused]] course::ProcessPool& pool,
                                          [[maybe_unused]] const Numbers& numbers,
                                          [[maybe_unused]] std::size_t chunksize,
                                          [[maybe_unused]] Question question) {
    // TODO(12.3): let the pool map the question over the numbers, in chunks.
    throw course::NotImplemented("12.3");
}

void check_as_completed([[maybe_unused]] course::ProcessPool& pool,
                        [[maybe_unused]] const Numbers& numbers, [[maybe_unused]] Question question,
                        [[maybe_unused]] const std::function<void(const Answer&)>& tell) {
    // TODO(12.4): submit each number, and tell each answer when it is there.
    throw course::NotImplemented("12.4");
}

}  // namespace lab
