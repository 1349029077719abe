// What workers have in common without being told, what your monitors do, and what an initializer saves.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <course/process_pool/process_pool.hpp>
#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "monitors.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A folder for a while.
class Folder {
  public:
    Folder() { path_ = mkdtemp(path_.data()); }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    lab::Place place() const { return {path_}; }

  private:
    std::string path_ = "/tmp/monitors-XXXXXX";
};

/// A line of the output, or what is missing for it.
void line(const std::string& what, const std::function<void()>& print) {
    std::printf("  %-34s ", what.c_str());
    std::fflush(stdout);
    try {
        print();
    } catch (const course::NotImplemented& missing) {
        std::printf("%s is not there yet\n", missing.item().c_str());
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
    }
}

//! [seed]
void first_numbers(bool seed_in_the_child) {
    std::mt19937 random(std::random_device{}());
    for (int i = 0; i < 3; ++i)
        if (const pid_t child = fork(); child == 0) {
            if (seed_in_the_child)
                random.seed(std::random_device{}());
            std::printf("%11lu", static_cast<unsigned long>(random()));
            std::fflush(stdout);
            _exit(0);
        } else {
            waitpid(child, nullptr, 0);
        }
    std::puts("");
}
//! [seed]

std::vector<lab::Site> sites(std::size_t count) {
    return std::vector<lab::Site>(count, "soup");
}

void look_around(unsigned workers, unsigned looks_per_worker) {
    const Folder folder;
    std::map<pid_t, int> looks;
    for (const auto& reading : lab::watch(folder.place(), sites(24), workers, looks_per_worker))
        ++looks[reading.worker];
    std::printf("%zu processes:", looks.size());
    for (const auto& [worker, count] : looks)
        std::printf(" %d", count);
    std::puts(" looks");
}

lab::Reading open_look_close(const lab::Place& place, const lab::Site& site) {
    lab::open_monitor(place);
    const lab::Reading reading = lab::look(site);
    lab::close_monitor();
    return reading;
}

/// Milliseconds for a look, if each of 100 opens what it needs, or a worker does once.
void cost(bool open_for_each_look) {
    const Folder folder;
    const lab::Place place = folder.place();
    const auto start = Clock::now();
    if (open_for_each_look) {
        lab::open_monitor(place);  // says here, not in a worker, if something is not there yet
        lab::look("soup");
        lab::close_monitor();
        course::ProcessPool pool({.max_workers = 1});
        for (const auto& site : sites(100))
            pool.submit(open_look_close, place, site).get();
    } else {
        lab::watch(place, sites(100), 1, 1'000);
    }
    std::printf("%6.2f ms\n", seconds_since(start) * 10);
}

}  // namespace

int main() {
    const course::ForkServer server;  // before anything else starts a thread
    std::puts("The first random number of three children");
    line("seeded before the fork", [] { first_numbers(false); });
    line("seeded in the child", [] { first_numbers(true); });

    std::puts("\n24 looks: yours");
    line("1 worker, for ever", [] { look_around(1, 1'000); });
    line("1 worker, replaced after 8 looks", [] { look_around(1, 8); });
    line("3 workers, replaced after 4 looks", [] { look_around(3, 4); });
    line("a folder that is not there", [] {
        lab::watch({"/no/such/folder"}, sites(2), 2, 1'000);
        std::puts("nobody noticed");
    });

    std::puts("\nWhat a look takes, of 100 in one worker");
    line("opened and closed for each look", [] { cost(true); });
    line("opened by the initializer", [] { cost(false); });
}
