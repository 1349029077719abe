// Mistake: Lets an exception leave the thread.
// Loses:   02.3
// Hint:    An exception that leaves a thread ends the program; so does a thread that is forgotten
//          while an exception passes by. Which one was it?
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
    Pages pages(addresses.size());
    {
        std::vector<JoiningThread> threads;
        for (std::size_t i = 0; i < addresses.size(); ++i)
            threads.emplace_back([&, i] { pages[i] = download(addresses[i]); });
    }
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
