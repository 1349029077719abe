// Who runs when; what a frame costs beside a thread; how deep the stack is; what a switch costs.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "coroutines.hpp"

namespace {

using Clock = std::chrono::steady_clock;

/// A line of the output, or what is missing for it.
void line(const std::string& what, const std::function<void()>& print) {
    std::printf("  %-34s ", what.c_str());
    try {
        print();
    } catch (const course::NotImplemented& missing) {
        std::printf("not there yet: %s\n", missing.item().c_str());
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
    }
}

/// Does it in a child process: a crash is a line of the output, and the rest goes on.
void in_child(const std::string& what, const std::function<void()>& print) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        print();
        std::fflush(stdout);
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        std::printf("  %-34s no child to try it in: %s\n", what.c_str(), std::strerror(errno));
    else if (WIFSIGNALED(status))
        std::printf("  %-34s a crash: %s\n", what.c_str(), strsignal(WTERMSIG(status)));
    else if (status != 0)
        std::printf("  %-34s a crash\n", what.c_str());
}

void line_in_child(const std::string& what, const std::function<void()>& print) {
    in_child(what, [&] { line(what, print); });
}

// --- Who runs? ---------------------------------------------------------------------------------

/// What a coroutine waits for until somebody rings it.
struct Bell {
    std::coroutine_handle<> waits = nullptr;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) noexcept { waits = coroutine; }
    void await_resume() const noexcept {}
};

//! [who runs]
lab::Task<int> inner(Bell& bell) {
    std::printf("    inner: waits for the bell\n");
    co_await bell;
    std::printf("    inner: the bell has rung\n");
    co_return 20;
}

lab::Task<int> outer(Bell& bell) {
    std::printf("  outer: awaits inner\n");
    const int twenty = co_await inner(bell);
    std::printf("  outer: inner is worth %d\n", twenty);
    co_return twenty + 1;
}
//! [who runs]

void show_who_runs() try {
    std::puts("Who runs?");
    Bell bell;
    lab::Task<int> task = outer(bell);
    std::puts("caller: starts outer");
    task.start();
    if (bell.waits) {
        std::puts("caller: rings the bell");
        bell.waits.resume();
    }
    std::printf("caller: %s\n", task.done()
                                    ? ("outer is worth " + std::to_string(task.result())).c_str()
                                    : "and nobody goes on with outer");
} catch (const course::NotImplemented& missing) {
    std::printf("  not there yet: %s\n", missing.item().c_str());
}

// --- What does it take? ------------------------------------------------------------------------

lab::Generator<int> numbers(int count) {
    for (int i = 0; i < count; ++i)
        co_yield i;
}

lab::Task<int> one() {
    co_return 1;
}

/// Where the stack ends for whoever calls it.
[[gnu::noinline]] std::uintptr_t stack_end() {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

/// A task in whose place other code calls resume(): what this lab is to avoid.
class Plain {
  public:
    struct promise_type {
        std::coroutine_handle<> awaiting = nullptr;
        Plain get_return_object() { return Plain(handle::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        auto final_suspend() noexcept {
            struct Final {
                bool await_ready() const noexcept { return false; }
                void await_suspend(std::coroutine_handle<promise_type> finished) const noexcept {
                    if (finished.promise().awaiting)
                        finished.promise().awaiting.resume();
                }
                void await_resume() const noexcept {}
            };
            return Final{};
        }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
    using handle = std::coroutine_handle<promise_type>;
    explicit Plain(handle frame) : frame_(frame) {}
    Plain(const Plain&) = delete;
    Plain& operator=(const Plain&) = delete;
    ~Plain() { frame_.destroy(); }
    void start() { frame_.resume(); }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) noexcept {
        frame_.promise().awaiting = awaiting;
        frame_.resume();
    }
    void await_resume() const noexcept {}

  private:
    handle frame_;
};

lab::Task<int> chain(int count, std::uintptr_t& deepest) {
    int below = 0;
    if (count > 0)
        below = co_await chain(count - 1, deepest);
    else
        deepest = stack_end();
    co_return below + 1;
}

Plain plain_chain(int count, std::uintptr_t& deepest) {
    if (count > 0)
        co_await plain_chain(count - 1, deepest);
    else
        deepest = stack_end();
}

void show_sizes() {
    std::puts("\nWhat does it take?");
    const auto frame = [](const auto& make) {
        const std::size_t before = lab::Counted::bytes();
        const auto made = make();
        std::printf("%9zu bytes\n", lab::Counted::bytes() - before);
    };
    line("frame of a generator", [&] { frame([] { return numbers(9); }); });
    line("frame of a task", [&] { frame([] { return one(); }); });
    line("stack of a thread", [] {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        std::size_t size = 0;
        pthread_attr_getstacksize(&attributes, &size);
        pthread_attr_destroy(&attributes);
        std::printf("%9zu bytes, reserved\n", size);
    });

    std::puts("\nA task awaits a task that awaits a task: bytes of stack in use");
    for (const int count : {1, 1'000, 1'000'000}) {
        line_in_child(std::to_string(count) + " deep, yours", [count] {
            std::uintptr_t deepest = 0;
            const std::uintptr_t caller = stack_end();
            auto task = chain(count, deepest);
            task.start();
            if (deepest == 0 || !task.done())
                throw std::runtime_error("nobody goes on");
            std::printf("%9lu\n", static_cast<unsigned long>(caller - deepest));
        });
        line_in_child(std::to_string(count) + " deep, each calls resume()", [count] {
            std::uintptr_t deepest = 0;
            const std::uintptr_t caller = stack_end();
            plain_chain(count, deepest).start();
            std::printf("%9lu\n", static_cast<unsigned long>(caller - deepest));
        });
    }
}

// --- What does a switch cost? ------------------------------------------------------------------

int sum = 0;  // what is measured is used, so no compiler leaves it out

void generate(int count) {
    for (const int number : numbers(count))
        sum += number;
}

void call_back(int count) {
    const std::function<void(int)> add = [](int number) { sum += number; };
    for (int i = 0; i < count; ++i)
        add(i);
}

lab::Task<int> await_many(int count) {
    int total = 0;
    for (int i = 0; i < count; ++i)
        total += co_await one();
    co_return total;
}

void await_tasks(int count) {
    const int at_once = 1000;  // few enough for a stack on which each resume() is a call
    for (int i = 0; i < count; i += at_once) {
        auto task = await_many(at_once);
        task.start();
        if (!task.done())
            throw std::runtime_error("nobody goes on");
        sum += task.result();
    }
}

/// Two threads take turns; a turn is a number of the one for the other.
void hand_over(int count) {
    std::mutex mutex;  // guards turn
    std::condition_variable turn_changed;
    int turn = 0;
    const auto take_turns = [&](int mine) {
        std::unique_lock lock(mutex);
        for (; mine < count; mine += 2) {
            turn_changed.wait(lock, [&] { return turn == mine; });
            ++turn;
            turn_changed.notify_one();
        }
    };
    std::thread other(take_turns, 1);
    take_turns(0);
    other.join();
    sum += turn;
}

void show_costs() {
    std::puts("\nWhat does it cost? (median of 7)");
    struct Way {
        const char* name;
        int count;
        void (*many)(int);
        std::vector<double> nanoseconds = {};
        std::string missing = {};
    };
    std::vector<Way> ways{
        {"a callback is called", 1'000'000, call_back},
        {"a generator gives a value", 1'000'000, generate},
        {"a task is made, awaited, destroyed", 1'000'000, await_tasks},
        {"a thread hands over to another", 4'000, hand_over},
    };
    for (int round = 0; round < 7; ++round)  // in turn: a busy moment is everybody's
        for (Way& way : ways)
            try {
                const auto start = Clock::now();
                way.many(way.count);
                way.nanoseconds.push_back(
                    std::chrono::duration<double, std::nano>(Clock::now() - start).count() /
                    way.count);
            } catch (const course::NotImplemented& missing) {
                way.missing = "not there yet: " + missing.item();
            } catch (const std::exception& error) {
                way.missing = error.what();
            }
    for (Way& way : ways)
        line(way.name, [&way] {
            if (!way.missing.empty())
                throw std::runtime_error(way.missing);
            std::sort(way.nanoseconds.begin(), way.nanoseconds.end());
            std::printf("%9.1f ns\n", way.nanoseconds[way.nanoseconds.size() / 2]);
        });
    if (sum == 0)
        std::puts("  nothing was added");
}

// --- What a frame keeps ------------------------------------------------------------------------

void show_words() {
    std::puts("\nThe words of a text that is gone");
    line("words(std::string(...))", [] {
        auto words = lab::words(std::string("soup, fish and a cake ") + "with cherries on it");
        for (const std::string& word : words)
            std::printf("[%s]", word.c_str());
        std::puts("");
    });
}

}  // namespace

int main() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a crash loses no line, in a pipe either
    for (const auto show : {show_who_runs, show_sizes, show_costs, show_words})
        in_child("and here it ends:", show);
}
