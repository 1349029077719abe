// Lab 06's program: three calls in every way there is to wait for them, and Boost's futures beside.
//
// Before an item is done, its row says so.
#define BOOST_THREAD_VERSION 4  // then, when_any, when_all
#include <algorithm>
#include <boost/thread/future.hpp>
#include <chrono>
#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "futures.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// A call that takes so many milliseconds, and returns them.
int nap(int length) {
    std::this_thread::sleep_for(milliseconds(length));
    return length;
}

/// One row: prints its name at once, and what \p body returns when it is there.
void row(const char* name, const std::function<std::string()>& body) {
    std::printf("  %-34s", name);
    std::fflush(stdout);
    std::string text;
    try {
        text = body();
    } catch (const course::NotImplemented& missing) {
        text = "not there yet: " + missing.item();
    }
    text.erase(text.find_last_not_of(' ') + 1);
    std::printf("%s\n", text.c_str());
}

/// Notes what arrives, and after how long: "100 at 100   ".
class Arrivals {
  public:
    void operator()(int what) {
        const auto now = std::chrono::duration_cast<milliseconds>(Clock::now() - start_).count();
        char text[40];
        std::snprintf(text, sizeof text, "%3d at %3d ms   ", what, static_cast<int>(now));
        const std::lock_guard lock(mutex_);
        text_ += text;
    }
    std::string text() {
        const std::lock_guard lock(mutex_);
        return text_;
    }

  private:
    Clock::time_point start_ = Clock::now();
    std::mutex mutex_;  // guards text_
    std::string text_;
};

// --- Three calls -------------------------------------------------------------------------------

constexpr int lengths[] = {300, 100, 200};

std::vector<lab::Future> three_naps(lab::Executor& executor) {
    std::vector<lab::Future> futures;
    for (const int length : lengths)
        futures.push_back(lab::submit(executor, nap, length));
    return futures;
}

template <class Future, class Start>
std::vector<Future> three_started(const Start& start) {
    std::vector<Future> futures;
    for (const int length : lengths)
        futures.push_back(start([length] { return nap(length); }));
    return futures;
}

auto std_async = [](auto call) { return std::async(std::launch::async, call); };
auto boost_async = [](auto call) { return boost::async(boost::launch::async, call); };

std::string one_by_one() {
    Arrivals arrived;
    for (auto& future : three_started<std::future<int>>(std_async))
        arrived(future.get());
    return arrived.text();
}

std::string with_as_completed() {
    lab::Workers three(3);
    Arrivals arrived;
    for (const lab::Future& future : lab::as_completed(three_naps(three)))
        arrived(future.get());
    return arrived.text();
}

std::string with_callbacks() {
    Arrivals arrived;
    {
        lab::Workers three(3);
        for (lab::Future& future : three_naps(three))
            future.add_done_callback([&](const lab::Future& done) { arrived(done.get()); });
    }
    return arrived.text();
}

std::string with_map() {
    lab::Workers three(3);
    Arrivals arrived;
    for (const int result : lab::map(three, nap, {300, 100, 200}))
        arrived(result);
    return arrived.text();
}

std::string with_when_any() {
    Arrivals arrived;
    const auto is_ready = [](const boost::future<int>& future) { return future.is_ready(); };
    auto waiting = three_started<boost::future<int>>(boost_async);
    //! [when any]
    while (!waiting.empty()) {
        waiting = boost::when_any(waiting.begin(), waiting.end()).get();
        const auto ready = std::find_if(waiting.begin(), waiting.end(), is_ready);
        arrived(ready->get());
        waiting.erase(ready);
    }
    //! [when any]
    return arrived.text();
}

std::string with_then() {
    Arrivals arrived;
    std::vector<boost::future<void>> told;
    for (auto& future : three_started<boost::future<int>>(boost_async))
        told.push_back(future.then(boost::launch::sync,
                                   [&](boost::future<int> done) { arrived(done.get()); }));
    boost::when_all(told.begin(), told.end()).wait();
    return arrived.text();
}

void show_arrivals() {
    std::printf("Three calls take 300, 100 and 200 ms. Which one arrives when?\n");
    row("std::future, one after the other", one_by_one);
    row("lab::as_completed", with_as_completed);
    row("lab::Future::add_done_callback", with_callbacks);
    row("lab::map", with_map);
    row("boost::when_any", with_when_any);
    row("boost::future::then", with_then);
}

// --- What else a future can --------------------------------------------------------------------

const char* word(lab::Status status) {
    constexpr const char* words[] = {"pending", "running", "finished", "cancelled"};
    return words[static_cast<int>(status)];
}

std::string parts_of(lab::ReturnWhen return_when, std::optional<milliseconds> timeout) {
    lab::Workers three(3);
    const auto start = Clock::now();
    const auto parts = lab::wait(three_naps(three), return_when, timeout);
    const auto taken = std::chrono::duration_cast<milliseconds>(Clock::now() - start).count();
    return std::to_string(parts.done.size()) + " done, " + std::to_string(parts.not_done.size()) +
           " not, after " + std::to_string(taken) + " ms";
}

std::string cancelled_in_time() {
    lab::Workers one(1);
    auto futures = three_naps(one);
    std::this_thread::sleep_for(milliseconds(50));
    std::string text;
    for (lab::Future& future : futures) {
        const bool cancelled = future.cancel();
        text += std::string(cancelled ? "yes" : "no") + ", " + word(future.status()) + "   ";
    }
    return text;
}

std::string mapped_with_failure() {
    lab::Workers three(3);
    std::string text;
    const auto divide_12 = [](int by) {
        return by != 0 ? 12 / by : throw std::domain_error("12 by 0");
    };
    auto results = lab::map(three, divide_12, {1, 2, 0, 4});
    try {
        for (const int result : results)
            text += std::to_string(result) + "   ";
    } catch (const std::domain_error& error) {
        text += std::string("throws: ") + error.what();
    }
    return text;
}

void show_the_rest() {
    std::printf("\nWhat has wait got when it returns?\n");
    row("first_completed", [] { return parts_of(lab::ReturnWhen::first_completed, {}); });
    row("all_completed, 150 ms at most",
        [] { return parts_of(lab::ReturnWhen::all_completed, milliseconds(150)); });
    std::printf("\nOne worker, three calls. Which ones can be taken back after 50 ms?\n");
    row("lab::Future::cancel", cancelled_in_time);
    std::printf("\n12 divided by 1, 2, 0 and 4\n");
    row("lab::map", mapped_with_failure);
}

// --- What a future costs -----------------------------------------------------------------------

/// Keeps one task until it is told to run it.
class Later : public lab::Executor {
  public:
    void execute(lab::Task task) override { task_ = std::move(task); }
    void run() { std::exchange(task_, nullptr)(); }

  private:
    lab::Task task_;
};

/// A way to make one call with a future. Its cost is measured in rounds, for others work on this
/// machine too.
struct Way {
    const char* name;
    int count;
    std::function<void()> once;
    std::vector<double> nanoseconds = {};
    std::string missing = {};
};

void measure(Way& way) try {
    const auto start = Clock::now();
    for (int i = 0; i < way.count; ++i)
        way.once();
    way.nanoseconds.push_back(
        std::chrono::duration<double, std::nano>(Clock::now() - start).count() / way.count);
} catch (const course::NotImplemented& missing) {
    way.missing = missing.item();
}

int one() {
    return 1;
}

/// The callback that is measured.
struct Adding {
    int& sum;
    template <class Future>
    void operator()(Future&& future) const {
        sum += future.get();
    }
};

void show_costs() {
    Later executor;
    int sum = 0;
    std::vector<Way> ways{
        {"std::future", 20'000,
         [&] {
             std::packaged_task<int()> task(one);
             auto future = task.get_future();
             task();
             sum += future.get();
         }},
        {"lab::Future", 20'000,
         [&] {
             const lab::Future future = lab::submit(executor, one);
             executor.run();
             sum += future.get();
         }},
        {"boost::future", 20'000,
         [&] {
             boost::packaged_task<int()> task(one);
             auto future = task.get_future();
             task();
             sum += future.get();
         }},
        {"lab::Future, callback", 20'000,
         [&] {
             lab::submit(executor, one).add_done_callback(Adding{sum});
             executor.run();
         }},
        {"boost, then(launch::sync, ...)", 20'000,
         [&] {
             boost::packaged_task<int()> task(one);
             auto told = task.get_future().then(boost::launch::sync, Adding{sum});
             task();
             told.get();
         }},
        {"boost, then(...)", 200,
         [&] {
             boost::packaged_task<int()> task(one);
             auto told = task.get_future().then(Adding{sum});
             task();
             told.get();
         }},
        {"lab::as_completed", 20'000,
         [&] {
             auto completed = lab::as_completed({lab::submit(executor, one)});
             executor.run();
             for (const auto& future : completed)
                 sum += future.get();
         }},
        {"boost::when_any", 200,
         [&] {
             boost::packaged_task<int()> task(one);
             std::vector<boost::future<int>> futures;
             futures.push_back(task.get_future());
             auto any = boost::when_any(futures.begin(), futures.end());
             task();
             sum += any.get().front().get();
         }},
    };
    for (int round = 0; round < 9; ++round)  // interleaved: a busy moment is everybody's
        for (Way& way : ways)
            measure(way);
    std::printf("\nOne call, made by the thread that asked for it: what does its future cost?\n");
    for (Way& way : ways)
        row(way.name, [&way] {
            if (!way.missing.empty())
                return "not there yet: " + way.missing;
            std::sort(way.nanoseconds.begin(), way.nanoseconds.end());
            char text[40];
            std::snprintf(text, sizeof text, "%6.0f ns",
                          way.nanoseconds[way.nanoseconds.size() / 2]);
            return std::string(text);
        });
    if (sum == 0)  // the results are used, so no compiler leaves the calls out
        std::printf("  no result\n");
}

}  // namespace

/// For ThreadSanitizer: it can't see into Boost.Thread's library, and so not what orders its threads.
extern "C" const char* __tsan_default_suppressions() {
    return "race:libboost_thread";
}

int main() {
    show_arrivals();
    show_the_rest();
    show_costs();
}
