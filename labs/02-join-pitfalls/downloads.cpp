// Your work in lab 02: start threads, and be there when they end.
#include "downloads.hpp"

#include <course/testing/not_implemented.hpp>
#include <exception>

namespace lab {

// Given: what download_all must return as well, only sooner.
Pages download_one_by_one(const Addresses& addresses, const Download& download) {
    Pages pages;
    for (const auto& address : addresses)
        pages.push_back(download(address));
    return pages;
}

Pages download_all([[maybe_unused]] const Addresses& addresses,
                   [[maybe_unused]] const Download& download) {
    // TODO(02.1): let a thread of its own get each page, all at the same time.
    // TODO(02.2): return them complete and in order.
    // TODO(02.3): let what a download throws come out here, and not before all threads are joined.
    throw course::NotImplemented("02.1");
}

JoiningThread::JoiningThread([[maybe_unused]] std::function<void()> work) {
    // TODO(02.4): start the thread; then write the other three.
    throw course::NotImplemented("02.4");
}

JoiningThread::~JoiningThread() {}

JoiningThread::JoiningThread([[maybe_unused]] JoiningThread&& other) noexcept {}

JoiningThread& JoiningThread::operator=([[maybe_unused]] JoiningThread&& other) noexcept {
    return *this;
}

}  // namespace lab
