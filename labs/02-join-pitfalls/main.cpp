// Eight downloads in four ways, timed on a real clock.
#include <chrono>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "downloads.hpp"

namespace {

using namespace std::chrono_literals;

/// A page from a slow server, a tenth of a second away.
std::string download(const std::string& address) {
    std::this_thread::sleep_for(100ms);
    return "page of " + address;
}

const lab::Addresses addresses{"soup", "rice", "fish", "bread", "salad", "cake", "fruit", "tea"};

lab::Pages start_and_join_in_one_loop() {
    lab::Pages pages(addresses.size());
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        std::thread thread([&, i] { pages[i] = download(addresses[i]); });
        thread.join();
    }
    return pages;
}

lab::Pages with_jthread() {
    lab::Pages pages(addresses.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < addresses.size(); ++i)
            threads.emplace_back([&, i] { pages[i] = download(addresses[i]); });
    }  // each is joined here
    return pages;
}

//! [the real ones]
lab::Pages with_async() {
    std::vector<std::future<std::string>> futures;
    for (const auto& address : addresses)
        futures.push_back(std::async(std::launch::async, download, address));
    lab::Pages pages;
    for (auto& future : futures)
        pages.push_back(future.get());  // the page, or what download threw
    return pages;
}
//! [the real ones]

/// Without a variable for the future there is nobody who has it: it waits at the end of the line.
lab::Pages with_async_and_no_variable() {
    for (const auto& address : addresses)
        static_cast<void>(std::async(std::launch::async, download, address));
    return addresses;
}

template <class Way>
void row(const char* name, const Way& way) {
    std::printf("  %-34s ", name);
    std::fflush(stdout);
    const auto start = std::chrono::steady_clock::now();
    try {
        const lab::Pages pages = way();
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        std::printf("%.1f s   %zu pages\n", time.count(), pages.size());
    } catch (const course::NotImplemented& missing) {
        std::printf("%s is not there yet\n", missing.item().c_str());
    }
}

}  // namespace

int main() {
    std::puts("Eight downloads of 0.1 s");
    row("one by one, without a thread",
        [] { return lab::download_one_by_one(addresses, download); });
    row("start and join in one loop", start_and_join_in_one_loop);
    row("start all, then join all: yours", [] { return lab::download_all(addresses, download); });
    std::puts("\nThe real ones");
    row("std::jthread", with_jthread);
    row("std::async, futures kept", with_async);
    row("std::async, futures thrown away", with_async_and_no_variable);
}
