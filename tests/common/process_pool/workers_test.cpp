// Workers: initializers, finalizers, recycling, shutdown, and deaths.
#include <sys/wait.h>

#include <csignal>
#include <set>

#include "kitchen.hpp"

using namespace course;
using namespace kitchen;

namespace {

std::string prepared = "nothing";

void prepare(const std::string& what, int count) {
    prepared = what + std::to_string(count);
}

void append(const std::string& file, const std::string& line) {
    const int log = open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    if (write(log, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        std::abort();
    close(log);
}

int die(int signal) {
    raise(signal);
    return 0;
}

int leave(int status) {
    _exit(status);
}

template <class R>
WorkerDied death_of(Future<R> future) {
    try {
        future.get();
    } catch (const WorkerDied& error) {
        return error;
    }
    throw std::runtime_error("the worker did not die");
}

}  // namespace

TEST_CASE("an initializer with arguments runs in each worker and not here") {
    ProcessPool pool({.max_workers = 2, .initializer = {prepare, "knife", 3}});
    for (int i = 0; i < 10; ++i)
        CHECK(pool.submit([] { return prepared; }).get() == "knife3");
    CHECK(prepared == "nothing");
}

TEST_CASE("a failing initializer breaks the pool with its message") {
    ProcessPool pool({.max_workers = 2,
                      .initializer = {[](const std::string& file) {
                                          throw std::runtime_error("cannot open " + file);
                                      },
                                      "menu.db"}});
    std::string message;
    try {  // depending on who is faster, submit says so or get
        pool.submit(add, 1, 1).get();
    } catch (const BrokenPool& error) {
        message = error.what();
    }
    CHECK(message == "the process pool is broken: an initializer failed: cannot open menu.db");
    CHECK_THROWS_AS(pool.submit(add, 1, 1), BrokenPool);
    CHECK_THROWS_AS(pool.map([](int x) { return x; }, std::vector{1}), BrokenPool);
}

TEST_CASE("an initializer that ends or crashes its worker breaks the pool") {
    for (const int signal : {SIGSEGV, 0}) {
        ProcessPool pool({.max_workers = 1,
                          .initializer = {[](int number) {
                                              if (number != 0)
                                                  raise(number);
                                              _exit(3);
                                          },
                                          signal}});
        std::string message;
        try {
            pool.submit(add, 1, 1).get();
        } catch (const BrokenPool& error) {
            message = error.what();
        }
        CHECK_THAT(message, testing::ContainsSubstring(signal != 0 ? "was ended by SIGSEGV"
                                                                   : "exited with status 3"));
    }
}

TEST_CASE("a finalizer runs in each worker that ends in good order") {
    const testing::TemporaryFolder folder;
    ProcessPool pool({.max_workers = 2,
                      .initializer = {append, folder.file("log"), "begin\n"},
                      .finalizer = {append, folder.file("log"), "end\n"}});
    pool.submit(add, 1, 1).get();
    pool.shutdown();
    const std::string log = testing::contents(folder.file("log"));
    CHECK(std::count(log.begin(), log.end(), 'b') == 2);
    CHECK(log.size() == 2 * 6 + 2 * 4);
}

TEST_CASE("a worker is replaced after its number of tasks") {
    const testing::TemporaryFolder folder;
    ProcessPool pool({.max_workers = 1,
                      .initializer = {append, folder.file("log"), "b"},
                      .finalizer = {append, folder.file("log"), "e"},
                      .max_tasks_per_child = 3});
    std::vector<pid_t> pids;
    for (int i = 0; i < 4; ++i)
        pids.push_back(pool.submit(who).get());
    std::vector<Future<pid_t>> more;
    for (int i = 0; i < 5; ++i)
        more.push_back(pool.submit(who));
    for (auto& future : more)
        pids.push_back(future.get());
    REQUIRE(pids.size() == 9);
    for (std::size_t i = 0; i < 9; i += 3) {
        CHECK(pids[i] == pids[i + 1]);
        CHECK(pids[i] == pids[i + 2]);
    }
    CHECK(std::set(pids.begin(), pids.end()).size() == 3);
    pool.shutdown();
    // Each worker ends before the next one begins; whether a fourth began is a matter of time.
    CHECK(testing::contents(folder.file("log")).starts_with("bebebe"));
}

TEST_CASE("a worker that dies breaks the task it ran and no other") {
    ProcessPool pool({.max_workers = 1});
    std::vector<Future<int>> futures;
    for (int i = 0; i < 30; ++i)
        futures.push_back(i == 7    ? pool.submit(die, SIGKILL)
                          : i == 8  ? pool.submit(die, SIGABRT)
                          : i == 20 ? pool.submit(leave, 5)
                          : i == 21 ? pool.submit(leave, 0)
                                    : pool.submit(add, i, i));
    for (int i = 0; i < 30; ++i)
        if (i != 7 && i != 8 && i != 20 && i != 21)
            CHECK(futures[static_cast<std::size_t>(i)].get() == 2 * i);
    const auto killed = death_of(futures[7]);
    CHECK(killed.signal() == SIGKILL);
    CHECK(killed.exit_status() == -1);
    CHECK(killed.item() == "task 7");
    CHECK(std::string(killed.what()).ends_with("was ended by SIGKILL while it ran task 7"));
    CHECK(death_of(futures[8]).signal() == SIGABRT);
    CHECK(death_of(futures[20]).exit_status() == 5);
    CHECK(death_of(futures[20]).signal() == 0);
    CHECK(death_of(futures[21]).exit_status() == 0);
}

TEST_CASE("a task can be tried again a number of times") {
    const testing::TemporaryFolder folder;
    ProcessPool pool({.max_workers = 2, .retries = 2});
    const auto third_time = [](const std::string& file) {
        append(file, "x");
        if (course::testing::contents(file).size() < 3)
            raise(SIGKILL);
        return 7;
    };
    CHECK(pool.submit(third_time, folder.file("a")).get() == 7);
    const auto never = [](const std::string& file) {
        append(file, "x");
        raise(SIGKILL);
    };
    CHECK(death_of(pool.submit(never, folder.file("b"))).signal() == SIGKILL);
    CHECK(testing::contents(folder.file("b")) == "xxx");
}

TEST_CASE("a death breaks the pool if that is the policy") {
    Gate gate;
    ProcessPool pool({.max_workers = 2, .on_death = OnDeath::break_pool});
    auto running = pool.submit(Gate::pass, gate.path(), 1);
    gate.await_arrival();
    auto dying = pool.submit(die, SIGKILL);
    CHECK(death_of(dying).signal() == SIGKILL);
    CHECK_THROWS_AS(running.get(), BrokenPool);
    CHECK_THROWS_AS(pool.submit(add, 1, 1), BrokenPool);
    pool.shutdown();
    CHECK(pool.worker_pids().empty());
}

TEST_CASE("shutdown runs what was submitted and takes no more") {
    ProcessPool pool({.max_workers = 2});
    std::vector<Future<int>> futures;
    for (int i = 0; i < 300; ++i)
        futures.push_back(pool.submit(add, i, 1));
    pool.shutdown();
    for (int i = 0; i < 300; ++i)
        CHECK(futures[static_cast<std::size_t>(i)].get() == i + 1);
    CHECK_THROWS_AS(pool.submit(add, 1, 1), std::logic_error);
    pool.shutdown();
}

TEST_CASE("shutdown without waiting and with cancelling") {
    Gate gate;
    ProcessPool pool({.max_workers = 1});
    auto running = pool.submit(Gate::pass, gate.path(), 1);
    gate.await_arrival();
    std::vector<Future<int>> waiting;
    for (int i = 0; i < 100; ++i)
        waiting.push_back(pool.submit(add, i, 1));
    pool.shutdown(false, true);
    for (auto& future : waiting)
        CHECK(future.cancelled());
    CHECK_THROWS_AS(pool.submit(add, 1, 1), std::logic_error);
    CHECK_FALSE(running.done());
    gate.open_for(1);
    CHECK(running.get() == 1);
}

TEST_CASE("a future outlives its pool") {
    Future<std::string> future;
    {
        ProcessPool pool({.max_workers = 1});
        future = pool.submit([] { return std::string(100'000, 'x'); });
    }
    CHECK(future.done());
    CHECK(future.get().size() == 100'000);
}
