// Threads under a global lock and native ones, on real cores: how busy is each, and how long does it take?
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <course/testing/not_implemented.hpp>

#include "interpreter.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int threads = 8;
constexpr auto step = 200us;
constexpr int steps_each = 250;  // 8 * 250 * 0.2 ms: 0.4 s of work in all

/// Compute for \p duration of the calling thread's own CPU time, however many others want the core.
void spin(std::chrono::microseconds duration) {
    const auto cpu_time = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    const auto end = cpu_time() + duration;
    while (cpu_time() < end)
        continue;
}

/// Ticks that a core was busy, and all its ticks, since the machine was started.
struct Ticks {
    long busy = 0;
    long all = 0;
};

/// The lines `cpu0`, `cpu1`, ... of /proc/stat: user nice system idle iowait irq softirq ...
std::vector<Ticks> ticks_of_cores() {
    std::vector<Ticks> cores;
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("cpu", 0) != 0 || line[3] == ' ')
            continue;
        std::istringstream fields(line.substr(line.find(' ')));
        Ticks ticks;
        long value = 0;
        for (int column = 0; column < 8 && fields >> value; ++column) {
            ticks.all += value;
            ticks.busy += column == 3 || column == 4 ? 0 : value;
        }
        cores.push_back(ticks);
    }
    return cores;
}

double cpu_seconds(int who) {
    rusage usage{};
    getrusage(who, &usage);
    const auto seconds = [](timeval time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string bar(double share, int width) {
    const int full = std::clamp(static_cast<int>(share * width + 0.5), 0, width);
    std::string text;
    for (int i = 0; i < width; ++i)
        text += i < full ? "█" : "░";
    return text;
}

/// Do \p work, and show how long it took and how busy it kept the cores.
void show(const char* what, int who, const std::function<void()>& work) {
    std::printf("\n%s\n", what);
    std::fflush(stdout);
    const auto cores_before = ticks_of_cores();
    const double cpu_before = cpu_seconds(who);
    const auto start = Clock::now();
    try {
        work();
    } catch (const course::NotImplemented& missing) {
        std::printf("  %s is not there yet\n", missing.item().c_str());
        return;
    }
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    const double cpu = cpu_seconds(who) - cpu_before;
    const auto cores = ticks_of_cores();
    for (std::size_t i = 0; i < std::min(cores.size(), std::size_t{8}); ++i) {
        const double all = static_cast<double>(cores[i].all - cores_before[i].all);
        const double busy = static_cast<double>(cores[i].busy - cores_before[i].busy);
        std::printf("  core %zu  %s %3.0f %%\n", i, bar(all > 0 ? busy / all : 0, 40).c_str(),
                    all > 0 ? 100 * busy / all : 0);
    }
    std::printf("  %.2f s of computing in %.2f s: %.0f %% of a core\n", cpu, wall,
                100 * cpu / wall);
}

void in_threads(const std::function<void()>& work) {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back(work);
}

void under_the_lock() {
    lab::Interpreter interpreter;
    const std::vector<lab::Bytecode> program(steps_each, [] { spin(step); });
    in_threads([&] { interpreter.run(program); });
}

void native() {
    in_threads([] {
        for (int i = 0; i < steps_each; ++i)
            spin(step);
    });
}

void wait_under_the_lock() {
    lab::Interpreter interpreter;
    const std::vector<lab::Bytecode> program(
        4, [&] { interpreter.blocking([] { std::this_thread::sleep_for(50ms); }); });
    in_threads([&] { interpreter.run(program); });
}

/// CPython's own threads, each with a loop of about as much work.
void in_python() {
    const char* program =
        "import threading\n"
        "def spin():\n"
        "    for i in range(800_000): pass\n"
        "threads = [threading.Thread(target=spin) for _ in range(8)]\n"
        "for t in threads: t.start()\n"
        "for t in threads: t.join()\n";
    const pid_t child = fork();
    if (child == 0) {
        execlp("python3", "python3", "-c", program, nullptr);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
}

bool has_python() {
    return std::system("python3 -c '' 2> /dev/null") == 0;
}

/// What is not there yet is found out here, not in a thread, which would end the program.
bool is_there() {
    try {
        lab::Interpreter interpreter;
        interpreter.run({[] {}});
        interpreter.run({[&] { interpreter.blocking([] {}); }});
        return true;
    } catch (const course::NotImplemented& missing) {
        std::printf("\n%s is not there yet: here are threads without a lock.\n",
                    missing.item().c_str());
        return false;
    }
}

}  // namespace

int main() {
    std::printf("%d threads on %u cores\n", threads, std::thread::hardware_concurrency());
    const bool yours = is_there();
    if (yours)
        show("Computing under your global lock", RUSAGE_SELF, under_the_lock);
    show("Computing without a lock", RUSAGE_SELF, native);
    if (yours)
        show("Waiting 4 times 50 ms for I/O, under your global lock", RUSAGE_SELF,
             wait_under_the_lock);
    if (has_python())
        show("Computing in CPython's threads", RUSAGE_CHILDREN, in_python);
}
