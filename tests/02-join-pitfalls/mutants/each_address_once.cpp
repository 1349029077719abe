// Mistake: Downloads an address that comes twice only once.
// Loses:   02.2
// Hint:    Twelve addresses, some of them twice: how many downloads is that, and how many pages?
#include "downloads.hpp"

#include <exception>
#include <map>
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
    std::map<std::string, std::string> pages;
    std::map<std::string, std::exception_ptr> errors;
    for (const auto& address : addresses) {  // a place for each, before any thread starts
        pages[address];
        errors[address];
    }
    {
        std::vector<JoiningThread> threads;
        for (auto& [address, page] : pages)
            threads.emplace_back(
                [&download, &address = address, &page = page, &error = errors[address]] {
                    try {
                        page = download(address);
                    } catch (...) {
                        error = std::current_exception();
                    }
                });
    }
    Pages in_order;
    for (const auto& address : addresses) {
        if (errors[address])
            std::rethrow_exception(errors[address]);
        in_order.push_back(pages[address]);
    }
    return in_order;
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
