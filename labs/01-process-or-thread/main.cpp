// Tries out what a thread and a child share with their caller, and measures what each costs.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "isolation.hpp"

namespace {

/// Runs the work beside the caller and returns what it returned: `in_thread`, or `in_child`.
using Runner = std::function<int(const std::function<int()>&)>;

int run_in_child(const std::function<int()>& work) {
    return lab::in_child(work).exit_status;
}

//! [one row]
bool counter_is_shared(const Runner& run) {
    int counter = 0;
    run([&] { return ++counter; });
    return counter == 1;
}
//! [one row]

bool process_is_shared(const Runner& run) {
    const pid_t caller = getpid();
    return run([&] { return getpid() == caller; }) == 1;
}

bool thread_local_is_shared(const Runner& run) {
    static thread_local int own = 0;
    own = 0;
    run([] { return ++own; });
    return own == 1;
}

bool shared_mapping_is_shared(const Runner& run) {
    void* page =
        mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        std::perror("mmap"), std::exit(2);
    int& counter = *static_cast<int*>(page);
    run([&] { return ++counter; });
    return counter == 1;
}

bool descriptors_are_shared(const Runner& run) {
    const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    run([&] { return close(descriptor); });
    return close(descriptor) != 0;  // nothing left to close: the worker has closed ours
}

bool offset_is_shared(const Runner& run) {
    const int descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    run([&] { return lseek(descriptor, 7, SEEK_SET) == 7; });
    const bool shared = lseek(descriptor, 0, SEEK_CUR) == 7;
    close(descriptor);
    return shared;
}

bool directory_is_shared(const Runner& run) {
    const auto before = std::filesystem::current_path();
    run([] { return chdir("/proc"); });
    const bool shared = std::filesystem::current_path() != before;
    std::filesystem::current_path(before);
    return shared;
}

bool signal_handlers_are_shared(const Runner& run) {
    run([] { return std::signal(SIGUSR1, SIG_IGN) == SIG_ERR; });
    return std::signal(SIGUSR1, SIG_DFL) == SIG_IGN;
}

/// The caller of this row is a child, because it may not come back.
bool crash_is_shared(const Runner& run) {
    return run_in_child([&] { return run([]() -> int { std::abort(); }), 0; }) != 0;
}

/// One cell of the table: what was seen, or which part of the lab is missing.
std::string cell(bool (*is_shared)(const Runner&), const Runner& run) try {
    return is_shared(run) ? "shared" : "own";
} catch (const course::NotImplemented& missing) {
    return "(" + missing.item() + ")";
}

void print_tasks(const char* when) {
    const auto tasks = lab::tasks_of(getpid());
    std::printf("The tasks of this process %-22s", when);
    for (const pid_t task : tasks)
        std::printf(" %d", task);
    std::printf("\n");
}

/// Run \p run with nothing to do \p times and print the median, beside what the authors measured.
void print_cost(const char* name, const Runner& run, int times, const char* on_our_machine) {
    using namespace std::chrono;
    std::vector<double> samples;
    for (int i = 0; i < times; ++i) {
        const auto start = steady_clock::now();
        run([] { return 0; });
        samples.push_back(duration<double, std::micro>(steady_clock::now() - start).count());
    }
    const auto median = samples.begin() + times / 2;
    std::nth_element(samples.begin(), median, samples.end());
    std::printf("  %-40s  %6.0f us %9s us\n", name, *median, on_our_machine);
}

}  // namespace

int main() {
    print_tasks("alone");
    lab::in_thread([] { return print_tasks("with one thread more"), 0; });

    std::printf("\nThe worker changes it, the caller looks     a thread   a child\n");
    const std::pair<const char*, bool (*)(const Runner&)> rows[] = {
        {"the process and its identifier", process_is_shared},
        {"memory: a counter", counter_is_shared},
        {"memory: a thread_local counter", thread_local_is_shared},
        {"memory: a page mapped with MAP_SHARED", shared_mapping_is_shared},
        {"the table of open descriptors", descriptors_are_shared},
        {"the offset in an open file", offset_is_shared},
        {"the current directory", directory_is_shared},
        {"the signal handlers", signal_handlers_are_shared},
        {"a crash", crash_is_shared},
    };
    for (const auto& [name, is_shared] : rows)
        std::printf("  %-40s  %-9s  %s\n", name, cell(is_shared, lab::in_thread).c_str(),
                    cell(is_shared, run_in_child).c_str());

    std::printf("\nFrom start to end, the median                 here        authors\n");
    print_cost("a thread", lab::in_thread, 500, "28");
    print_cost("a child", run_in_child, 500, "172");
    const std::vector<char> pantry(std::size_t{256} << 20, 'x');
    print_cost("a child of a caller that uses 256 MiB", run_in_child, 20, "16000");
    return pantry.back() == 'x' ? 0 : 1;
}
