// Measures what a round trip costs by each way to talk, and when it pays to let others do the sums.
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "messages.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// --- A list in two processes -----------------------------------------------------------------------

void show_the_list() {
    std::puts("A list of dishes, and a child that adds three");
    std::vector<std::string> dishes;
    const pid_t child = fork();
    if (child == 0) {
        for (const char* dish : {"soup", "fish", "cake"})
            dishes.emplace_back(dish);
        _exit(static_cast<int>(dishes.size()));
    }
    int status = 0;
    waitpid(child, &status, 0);
    std::printf("  the child's list then has   %d\n", WEXITSTATUS(status));
    std::printf("  the parent's list has       %zu\n", dishes.size());
}

// --- There and back --------------------------------------------------------------------------------

/// Somebody who gives back what he gets, \p times times.
using Echo = std::function<void(int times)>;

/// Start \p echo in a child, run \p talk here, wait for the child; in seconds, for the talk alone.
double beside_a_child(int times, const Echo& echo, const Echo& talk) {
    const pid_t child = fork();
    if (child == 0) {
        echo(times);
        _exit(0);
    }
    talk(1);  // the child is there now, and warm
    const auto start = Clock::now();
    talk(times - 1);
    const double seconds = seconds_since(start);
    waitpid(child, nullptr, 0);
    return seconds;
}

volatile char received = 0;

[[gnu::noinline]] char given_back(char byte) {
    asm volatile("");  // not even a pure function is called less often for that
    return byte;
}

double by_call(int times) {
    const auto start = Clock::now();
    for (int i = 0; i < times; ++i)
        received = given_back('x');
    return seconds_since(start);
}

/// Two semaphores, as two bells: one for each direction.
struct Bells {
    sem_t there;
    sem_t back;
    char byte;
    std::atomic<int> turn;  // for those who look instead of waiting: odd means there
};

void answer_bells(Bells& bells, int times) {
    for (int i = 0; i < times; ++i) {
        sem_wait(&bells.there);
        sem_post(&bells.back);
    }
}

void ring_bells(Bells& bells, int times) {
    for (int i = 0; i < times; ++i) {
        bells.byte = 'x';
        sem_post(&bells.there);
        sem_wait(&bells.back);
        received = bells.byte;
    }
}

double by_thread(int times) {
    Bells bells{};
    sem_init(&bells.there, 0, 0);
    sem_init(&bells.back, 0, 0);
    std::thread other([&] { answer_bells(bells, times); });
    ring_bells(bells, 1);
    const auto start = Clock::now();
    ring_bells(bells, times - 1);
    const double seconds = seconds_since(start);
    other.join();
    return seconds;
}

/// Memory that this process shares with the children that it forks.
class SharedBells {
  public:
    SharedBells()
        : memory_(mmap(nullptr, sizeof(Bells), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0)) {
        if (memory_ == MAP_FAILED)
            throw std::bad_alloc();
        bells_ = new (memory_) Bells{};
        sem_init(&bells_->there, 1, 0);
        sem_init(&bells_->back, 1, 0);
    }
    ~SharedBells() { munmap(memory_, sizeof(Bells)); }
    SharedBells(const SharedBells&) = delete;
    SharedBells& operator=(const SharedBells&) = delete;
    Bells& operator*() const { return *bells_; }

  private:
    void* memory_;
    Bells* bells_ = nullptr;
};

double by_shared_memory(int times) {
    const SharedBells bells;
    return beside_a_child(
        times, [&](int count) { answer_bells(*bells, count); },
        [&](int count) { ring_bells(*bells, count); });
}

double by_looking(int times) {
    const SharedBells bells;
    std::atomic<int>& turn = (*bells).turn;
    return beside_a_child(
        times,
        [&](int count) {
            for (int i = 0; i < count; ++i) {
                while (turn % 2 == 0) {
                }
                ++turn;
            }
        },
        [&](int count) {
            for (int i = 0; i < count; ++i) {
                (*bells).byte = 'x';
                ++turn;
                while (turn % 2 == 1) {
                }
                received = (*bells).byte;
            }
        });
}

/// Two descriptors to talk through: what is written to `out` on one side comes from `in` on the other.
struct Side {
    int in;
    int out;
};

void one_byte_each_way(Side side, int times, bool first) {
    char byte = 'x';
    for (int i = 0; i < times; ++i) {
        if (first && write(side.out, &byte, 1) != 1)
            std::abort();
        if (read(side.in, &byte, 1) != 1)
            std::abort();
        if (!first && write(side.out, &byte, 1) != 1)
            std::abort();
    }
    received = byte;
}

double by_descriptors(int times, Side mine, Side theirs) {
    return beside_a_child(
        times, [&](int count) { one_byte_each_way(theirs, count, false); },
        [&](int count) { one_byte_each_way(mine, count, true); });
}

/// Descriptors that are closed at the end of the scope.
struct Descriptors {
    explicit Descriptors(std::vector<int> all_) : all(std::move(all_)) {}
    ~Descriptors() {
        for (const int one : all)
            close(one);
    }
    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;
    std::vector<int> all;
};

double by_pipes(int times) {
    int there[2];
    int back[2];
    if (pipe(there) != 0 || pipe(back) != 0)
        std::abort();
    const Descriptors closed({there[0], there[1], back[0], back[1]});
    return by_descriptors(times, {back[0], there[1]}, {there[0], back[1]});
}

double by_sockets(int times) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        std::abort();
    const Descriptors closed({ends[0], ends[1]});
    return by_descriptors(times, {ends[0], ends[0]}, {ends[1], ends[1]});
}

double by_messages(int times) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        std::abort();
    const Descriptors closed({ends[0], ends[1]});
    lab::send_message(ends[0], "x");  // throws here, and not in the child, if it is not there yet
    lab::receive_message(ends[1]);
    return beside_a_child(
        times,
        [&](int count) {
            for (int i = 0; i < count; ++i)
                lab::send_message(ends[1], *lab::receive_message(ends[1]));
        },
        [&](int count) {
            for (int i = 0; i < count; ++i) {
                lab::send_message(ends[0], "x");
                received = (*lab::receive_message(ends[0]))[0];
            }
        });
}

void show_round_trips() {
    std::puts("\nOne byte there and back, in microseconds (median of 9 rounds; the quickest one)");
    const struct {
        const char* name;
        double (*way)(int);
        int times;
    } ways[] = {{"a function call", by_call, 1'000'000},
                {"shared memory, both look all the time", by_looking, 20'000},
                {"a thread, two semaphores", by_thread, 5'000},
                {"shared memory, two semaphores", by_shared_memory, 5'000},
                {"two pipes", by_pipes, 5'000},
                {"a socketpair", by_sockets, 5'000},
                {"a socketpair, your frames", by_messages, 5'000}};
    for (const auto& [name, way, times] : ways) {
        std::printf("  %-40s ", name);
        std::fflush(stdout);
        try {
            std::array<double, 9> rounds{};
            for (double& round : rounds)
                round = way(times) / (times - 1) * 1e6;
            std::sort(rounds.begin(), rounds.end());
            std::printf("%9.3f %9.3f\n", rounds[4], rounds[0]);
        } catch (const course::NotImplemented& missing) {
            std::printf("%s is not there yet\n", missing.item().c_str());
        }
    }
}

// --- When it pays ----------------------------------------------------------------------------------

/// What an order costs, after some work on it.
double price_after(int rounds, const std::string& order) {
    double price = static_cast<double>(order.size());
    for (int i = 0; i < rounds; ++i)
        price += 1.0 / (price + i);
    return price;
}

void show_sums() {
    std::puts("\nThe sum of the prices, in milliseconds (best of 3)");
    std::puts("                                  a loop    2 children");
    const struct {
        const char* name;
        std::size_t orders;
        int rounds;
    } menus[] = {{"20000 orders of 1 division each", 20'000, 1},
                 {"2000 orders of 10000 divisions", 2'000, 10'000},
                 {"20 orders of a million divisions", 20, 1'000'000}};
    for (const auto& [name, count, rounds] : menus) {
        const std::vector<std::string> orders(count, "soup");
        const lab::Price price = [work = rounds](const std::string& order) {
            return price_after(work, order);
        };
        double loop = 1e9;
        double children = 1e9;
        double sum_of_loop = 0;
        double sum_of_children = 0;
        try {
            for (int round = 0; round < 3; ++round) {
                auto start = Clock::now();
                sum_of_loop = 0;
                for (const auto& order : orders)
                    sum_of_loop += price(order);
                loop = std::min(loop, seconds_since(start) * 1000);
                start = Clock::now();
                sum_of_children = lab::parallel_sum(orders, 2, price);
                children = std::min(children, seconds_since(start) * 1000);
            }
            std::printf("  %-34s %7.2f %12.2f%s\n", name, loop, children,
                        sum_of_loop == sum_of_children ? "" : "   and another sum");
        } catch (const course::NotImplemented& missing) {
            std::printf("  %-34s %7.2f   %s is not there yet\n", name, loop,
                        missing.item().c_str());
        }
    }
}

}  // namespace

int main() {
    show_the_list();
    show_round_trips();
    show_sums();
}
