// Mistake: Starts one thread that gets all the pages.
// Loses:   02.1
// Hint:    When does the second download start? Before the first one is joined?
#include "downloads.hpp"

#include <exception>
#include <utility>

namespace lab {

// Given: what download_all must return as well, only sooner.
Pages download_one_by_one(const Addresses& addresses, const Download& download) {
    Pages pages;
    for (const auto& address : addresses)
        pages.push_back(download(address));
    return pages;
}

Pages download_all(const Addresses& addresses, const Download& download) {
    Pages pages;
    std::exception_ptr error;
    std::thread thread([&] {
        for (const auto& address : addresses)
            try {
                pages.push_back(download(address));
            } catch (...) {
                if (!error)
                    error = std::current_exception();
            }
    });
    thread.join();
    if (error)
        std::rethrow_exception(error);
    return pages;
}

JoiningThread::JoiningThread(std::function<void()> work) : thread_(std::move(work)) {}

JoiningThread::~JoiningThread() {
    if (thread_.joinable())  // who was moved from has nobody to wait for
        thread_.join();
}

JoiningThread::JoiningThread(JoiningThread&& other) noexcept : thread_(std::move(other.thread_)) {}

JoiningThread& JoiningThread::operator=(JoiningThread&& other) noexcept {
    // Assigned to while it has a thread, std::thread would end the program.
    if (thread_.joinable())
        thread_.join();
    thread_ = std::move(other.thread_);
    return *this;
}

}  // namespace lab
