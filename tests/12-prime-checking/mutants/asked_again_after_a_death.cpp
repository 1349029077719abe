// Mistake: The whole map is made once more if a worker died.
// Loses:   12.3
// Hint:    A number was asked that had killed a worker before. Who will it kill the next time?
// Your work in lab 12: is_prime, and three ways to ask it about many numbers at once.
#include "primes.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <course/process_pool/as_completed.hpp>
#include <course/process_pool/process_pool.hpp>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>
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

// Given: what the others must return as well, only sooner.
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

std::vector<Verdict> check_with_processes(course::ProcessPool& pool, const Numbers& numbers,
                                          std::size_t chunksize, Question question) {
    std::vector<Verdict> verdicts;
    //! [processes]
    std::vector<bool> answers;
    try {
        answers = pool.map(question, numbers, chunksize).get();
    } catch (const course::WorkerDied&) {
        answers = pool.map(question, numbers, chunksize).get();
    }
    for (const bool yes : answers)
        verdicts.push_back(yes ? Verdict::yes : Verdict::no);
    //! [processes]
    return verdicts;
}

void check_as_completed(course::ProcessPool& pool, const Numbers& numbers, Question question,
                        const std::function<void(const Answer&)>& tell) {
    std::vector<course::Future<bool>> futures;
    std::map<course::Future<bool>, std::uint64_t> number_of;  // for who is done first has no place
    for (const std::uint64_t number : numbers) {
        futures.push_back(pool.submit(question, number));
        number_of[futures.back()] = number;
    }
    //! [as completed]
    for (auto& future : course::as_completed(futures)) {
        Answer answer;
        answer.number = number_of.at(future);
        try {
            answer.verdict = future.get() ? Verdict::yes : Verdict::no;
        } catch (const std::exception& error) {  // of this number alone
            answer.error = error.what();
        }
        tell(answer);
    }
    //! [as completed]
}

}  // namespace lab
