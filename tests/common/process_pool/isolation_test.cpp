// What workers inherit, what is left after a pool, and who ends when somebody dies.
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <course/process_pool/channel.hpp>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "kitchen.hpp"

using namespace course;
using namespace kitchen;

namespace {

/// Targets of the descriptors of the calling process, `N:what`.
std::vector<std::string> open_descriptors() {
    std::vector<std::string> all;
    for (const auto& descriptor : testing::descriptors())
        all.push_back(std::to_string(descriptor.number) + ":" +
                      descriptor.target.substr(0, descriptor.target.find(':')));
    return all;
}

/// A descriptor that is readable when the process ends, which may not be a child.
int watch_process(pid_t pid) {
    return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

bool wait_for_end(int process) {
    pollfd waiting{process, POLLIN, 0};
    const bool ended = poll(&waiting, 1, -1) == 1;
    close(process);
    return ended;
}

/// The channel's page in a worker.
pool::SharedPage* shared_page() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        if (line.find("memfd:process-pool") != std::string::npos)
            return reinterpret_cast<pool::SharedPage*>(std::stoul(line, nullptr, 16));
    return nullptr;
}

/// The number of the task that the worker runs.
std::uint32_t own_sequence(const pool::SharedPage& page) {
    std::uint64_t last = 0;
    for (const auto& word : page.claims)
        if ((word.load() & 3) == pool::claimed)
            last = std::max(last, word.load() >> 2);
    return static_cast<std::uint32_t>(last);
}

/// In a worker: write what no worker writes into the channel.
int scribble(int how) {
    pool::SharedPage& page = *shared_page();
    char* const results = reinterpret_cast<char*>(&page) + 4096 + 2 * pool::ring_size;
    const std::uint64_t written = page.results.written.load();
    pool::FrameHeader header{4, own_sequence(page), pool::Tag::value, pool::FrameHeader::mark};
    std::uint64_t size = sizeof header + 4;
    switch (how) {
        case 0:  // a counter from nowhere
            size = pool::ring_size + 1;
            break;
        case 1:  // a piece of a header
            size = 5;
            break;
        case 2:  // no header at all
            header.check = 0x1111;
            break;
        case 3:  // longer than what is there
            header.length = 1000;
            break;
        case 4:  // longer than any memory
            header.length = 1ULL << 60;
            break;
        case 5:  // an unknown tag
            header.tag = static_cast<pool::Tag>(77);
            break;
        default:  // the answer to a task that it does not have
            header.sequence = 5000;
    }
    std::memcpy(results + written % pool::ring_size, &header, sizeof header);
    page.results.written.store(written + size);
    page.wake_at.store(0);
    // What a working worker would do then: ring. The socket is the only descriptor beside the streams.
    const char byte = 1;
    if (write(3, &byte, 1) != 1)
        std::abort();
    pause();
    return 0;
}

}  // namespace

TEST_CASE("a worker inherits the standard streams and its channel and nothing else") {
    const int spare = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    Gate gate;
    ProcessPool pool({.max_workers = 3});
    const auto inside = pool.submit(open_descriptors).get();
    REQUIRE(inside.size() == 4);
    CHECK(inside[0].starts_with("0:"));
    CHECK(inside[1].starts_with("1:"));
    CHECK(inside[2].starts_with("2:"));
    CHECK(inside[3] == "3:socket");
    // And all of them, seen from outside. At the gate each has begun its work.
    std::vector<Future<int>> held;
    for (int i = 0; i < 3; ++i)
        held.push_back(pool.submit(Gate::pass, gate.path(), i));
    for (int i = 0; i < 3; ++i)
        gate.await_arrival();
    while (pool.worker_pids().size() < 3)
        std::this_thread::yield();
    for (const pid_t pid : pool.worker_pids()) {
        int others = 0;  // but for the pipes of the gate that it stands at
        for (const auto& descriptor : testing::descriptors(pid))
            others +=
                !descriptor.target.starts_with(std::filesystem::canonical(gate.path()).string());
        CHECK(others == 4);
        CHECK(testing::threads(pid).size() <= 2);  // a sanitizer may have one of its own
    }
    gate.open_for(3);
    CHECK(wait(held));
    const auto signals = pool.submit([] {
        sigset_t mask;
        sigprocmask(SIG_BLOCK, nullptr, &mask);
        int blocked = 0;
        for (int number = 1; number < 32; ++number)
            blocked += sigismember(&mask, number);
        struct sigaction action {};
        sigaction(SIGTERM, nullptr, &action);
        return blocked + (action.sa_handler == SIG_DFL ? 0 : 100);
    });
    CHECK(Future(signals).get() == 0);
    close(spare);
}

TEST_CASE("nothing is left of a pool after its shutdown") {
    const auto before = testing::ProcessState::now();
    std::vector<int> processes;  // as pidfds
    {
        ProcessPool pool({.max_workers = 3});
        pool.submit(add, 1, 1).get();
        pool.submit(add, 1, 1).on_done([](const Future<int>&) {});
        CHECK_THROWS_AS(pool.submit([] { raise(SIGKILL); }).get(), WorkerDied);
        while (pool.worker_pids().size() < 3)
            pool.submit(add, 1, 1).get();
        for (const pid_t pid : pool.worker_pids())
            if (const int process = watch_process(pid); process != -1)
                processes.push_back(process);
        CHECK_FALSE(processes.empty());
        pool.shutdown();
        for (const int process : processes) {
            pollfd ended{process, POLLIN, 0};
            CHECK(poll(&ended, 1, 0) == 1);  // they have ended already
            close(process);
        }
        CHECK(testing::difference(before, testing::ProcessState::now()) == "");
    }
    CHECK(testing::difference(before, testing::ProcessState::now()) == "");
}

TEST_CASE("a pool with a fork server of its own leaves nothing either") {
    const auto end = testing::in_child([] {
        const auto before = testing::ProcessState::now();
        {
            ProcessPool pool({.max_workers = 2});
            if (pool.submit(add, 1, 1).get() != 2)
                _exit(1);
        }
        if (testing::difference(before, testing::ProcessState::now()) != "")
            _exit(2);
    });
    CHECK(end.signal == 0);
    CHECK(end.exit_status == 0);
}

TEST_CASE("a pool can be made while the program has threads if there is a fork server") {
    std::atomic<bool> stop{false};
    std::thread thread([&] {
        while (!stop)
            std::free(std::malloc(100));  // it holds the lock of the heap now and then
    });
    for (int i = 0; i < 10; ++i) {
        ProcessPool pool({.max_workers = 2});
        CHECK(pool.submit([] { return std::string(1000, 'x'); }).get().size() == 1000);
    }
    stop = true;
    thread.join();
}

TEST_CASE("without a fork server a program with threads is refused") {
    const auto end = testing::in_child([] {
        std::thread waiting([] { pause(); });
        try {
            ProcessPool pool({.max_workers = 1});
        } catch (const std::logic_error& error) {
            _exit(std::strstr(error.what(), "at the top of main") ? 7 : 8);
        }
        _exit(9);
    });
    CHECK(end.exit_status == 7);
}

TEST_CASE("the workers end when the program is killed") {
    prctl(PR_SET_CHILD_SUBREAPER, 1);  // so that the orphans are waited for here
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t program = fork();
    if (program == 0) {
        ForkServer server;
        ProcessPool pool({.max_workers = 2});
        auto busy = pool.submit([] { pause(); });  // it never looks at its channel
        pid_t pids[3] = {server.pid(), -1, -1};
        while (!busy.running() || pool.worker_pids().size() < 2)
            std::this_thread::yield();
        pids[1] = pool.worker_pids()[0], pids[2] = pool.worker_pids()[1];
        if (write(ends[1], pids, sizeof pids) != sizeof pids)
            _exit(1);
        pause();
    }
    pid_t pids[3];
    REQUIRE(read(ends[0], pids, sizeof pids) == sizeof pids);
    int processes[3];
    for (int i = 0; i < 3; ++i)
        REQUIRE((processes[i] = watch_process(pids[i])) != -1);
    kill(program, SIGKILL);
    waitpid(program, nullptr, 0);
    for (const int process : processes)
        CHECK(wait_for_end(process));
    for (const pid_t pid : pids)
        waitpid(pid, nullptr, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    close(ends[0]), close(ends[1]);
}

TEST_CASE("the pool is broken when its fork server is killed and the workers end") {
    const auto end = testing::in_child([] {
        ForkServer server;
        ProcessPool pool({.max_workers = 2});
        auto busy = pool.submit([] { pause(); });
        while (!busy.running() || pool.worker_pids().size() < 2)
            std::this_thread::yield();
        const int process = watch_process(pool.worker_pids().front());
        kill(server.pid(), SIGKILL);
        const auto throws_broken = [](const auto& body) {
            try {
                body();
            } catch (const BrokenPool&) {
                return true;
            }
            return false;
        };
        if (!throws_broken([&] { busy.get(); }))
            _exit(1);
        if (!wait_for_end(process))
            _exit(2);
        if (!throws_broken([&] { pool.submit(add, 1, 1); }))
            _exit(3);
    });
    CHECK(end.signal == 0);
    CHECK(end.exit_status == 0);
}

TEST_CASE("a worker that sends nonsense is ended and its task says so") {
    ProcessPool pool({.max_workers = 1});
    for (int how = 0; how < 7; ++how) {
        std::string message;
        try {
            pool.submit(scribble, how).get();
        } catch (const WorkerDied& error) {
            message = error.what();
        }
        CAPTURE(how);
        CHECK_THAT(message, testing::ContainsSubstring("was ended by SIGKILL while it ran task"));
        CHECK(pool.submit(add, how, 1).get() == how + 1);
    }
}

TEST_CASE("a result that is longer than the pool allows ends its worker and takes no memory") {
    ProcessPool pool({.max_workers = 1, .max_result_size = 100'000});
    const auto text = [](std::size_t size) { return std::string(size, 'x'); };
    CHECK(pool.submit(text, 100'000).get().size() == 100'000);
    std::string message;
    try {
        pool.submit(text, 100'001).get();
    } catch (const WorkerDied& error) {
        message = error.what();
    }
    CHECK_THAT(message, testing::ContainsSubstring("longer than the pool's max_result_size"));
    CHECK(pool.submit(text, 5).get() == "xxxxx");
}

TEST_CASE("a forked child of the program may end and leave the pool as it is") {
    ProcessPool pool({.max_workers = 1});
    CHECK(pool.submit(add, 1, 1).get() == 2);
    const auto end = testing::in_child([&] {
        pool.~ProcessPool();  // what `exit` or `return` would do in it
        new (&pool) ProcessPool({.max_workers = 1});
        if (pool.submit(add, 2, 2).get() != 4)
            _exit(1);
    });
    CHECK(end.signal == 0);
    CHECK(end.exit_status == 0);
    CHECK(pool.submit(add, 3, 3).get() == 6);
}
