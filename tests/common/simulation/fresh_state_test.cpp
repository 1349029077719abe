// Every schedule starts from the program's initial state, whatever the schedules before it did.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <course/simulation/catch.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using course::explore;
using course::Strategy;
using course::Verdict;

namespace {

int calls = 0;
std::vector<int> numbers = {1, 2, 3};
std::map<std::string, int> words = {{"a long word that needs memory of its own", 1}};
thread_local int calls_in_thread = 0;
thread_local std::string word_in_thread = "a long word that needs memory of its own";

struct CountsItsEnd {
    int* count = nullptr;
    ~CountsItsEnd() {
        if (count != nullptr) {
            ++*count;
        }
    }
};
thread_local CountsItsEnd counted;

int count_static_calls() {
    static int count = [] { return 10; }();
    return ++count;
}

// A bug that only the first use can show: the second thread finds the table half filled.
bool initialised = false;
int table_size = 0;
std::mutex table_mutex;

void use_table() {
    bool fill = false;
    {
        std::lock_guard lock(table_mutex);
        fill = !initialised;
        initialised = true;
    }
    if (fill) {
        std::lock_guard lock(table_mutex);
        table_size = 100;
    }
    std::lock_guard lock(table_mutex);
    EXPECT(table_size == 100);
}

}  // namespace

TEST_CASE("globals and statics and what they own are as at the start") {
    const auto search = explore({.schedules = 200}, [] {
        EXPECT(++calls == 1);
        EXPECT(++calls_in_thread == 1);
        EXPECT(count_static_calls() == 11);
        numbers.push_back(4);
        numbers[0] = 7;
        EXPECT(numbers == std::vector<int>{7, 2, 3, 4});
        EXPECT(++words["a long word that needs memory of its own"] == 2);
        words["another long word that needs memory of its own"] = 1;
        words.erase("a long word that needs memory of its own");
        EXPECT(words.size() == 1);
    });
    CHECK(search.verdict == Verdict::pass);
    CHECK(calls == 0);
}

TEST_CASE("captured variables are as at the start") {
    int count = 0;
    std::vector<int> items = {1};
    const auto search = explore({.schedules = 100}, [&] {
        EXPECT(++count == 1);
        items.push_back(2);
        EXPECT(items.size() == 2);
    });
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("a bug that needs a fresh start is found") {
    const auto search = explore({.schedules = 1000}, [] {
        std::thread one(use_table);
        std::thread two(use_table);
        one.join();
        two.join();
    });
    CHECK(search.verdict == Verdict::check_failed);
    CHECK(search.schedules < 100);
}

TEST_CASE("descriptors and keys that a schedule leaves behind are taken away") {
    const auto search = explore({.schedules = 3000}, [] {
        course::observe(open("/dev/null", O_RDONLY));
        pthread_key_t key;
        EXPECT(pthread_key_create(&key, nullptr) == 0);
    });
    CHECK(search.verdict == Verdict::pass);
    CHECK(search.outcomes.size() == 1);
}

TEST_CASE("a thread is new in each schedule, whatever another did in its place") {
    const auto search = explore({.schedules = 200}, [] {
        int destroyed = 0;
        pthread_key_t key;
        EXPECT(pthread_key_create(&key, [](void* count) { ++*static_cast<int*>(count); }) == 0);
        const auto use_all = [&] {
            EXPECT(++calls_in_thread == 1);
            EXPECT(word_in_thread == "a long word that needs memory of its own");
            EXPECT(counted.count == nullptr);
            EXPECT(pthread_getspecific(key) == nullptr);
            sigset_t blocked;
            pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
            EXPECT(sigismember(&blocked, SIGUSR1) == 0);
            word_in_thread = "another long word that needs memory of its own";
            counted.count = &destroyed;
            pthread_setspecific(key, &destroyed);
            sigaddset(&blocked, SIGUSR1);
            pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
        };
        std::thread(use_all).join();
        EXPECT(destroyed == 2);
        std::thread([&] {
            use_all();
            pthread_exit(nullptr);
        }).join();
        EXPECT(destroyed == 4);
    });
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("more keys than there are, one after the other") {
    const auto search = explore({.schedules = 2}, [] {
        for (int i = 0; i < 3000; ++i) {
            pthread_key_t key;
            EXPECT(pthread_key_create(&key, nullptr) == 0);
            EXPECT(pthread_key_delete(key) == 0);
        }
    });
    CHECK(search.verdict == Verdict::pass);
}

TEST_CASE("one process per schedule finds the same") {
    const auto body = [] { EXPECT(++calls == 1); };
    const auto search = explore({.schedules = 20, .isolate = true}, body);
    CHECK(search.verdict == Verdict::pass);
    CHECK(search.schedules == 20);
}

TEST_CASE("more than 256 threads in one schedule") {
    const auto search = explore({.schedules = 5}, [] {
        std::mutex mutex;
        int count = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 300; ++i) {
            threads.emplace_back([&] {
                std::lock_guard lock(mutex);
                ++count;
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        EXPECT(count == 300);
    });
    CHECK(search.verdict == Verdict::pass);
}
