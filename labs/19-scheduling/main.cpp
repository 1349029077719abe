// Lab 19's program: three tasks under each policy, and then the scheduler of this machine.
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cpu.hpp"

namespace {

using namespace std::chrono_literals;

const std::vector<lab::Task> tasks = {
    {"Roast", 1, 0, {lab::compute(12)}},
    {"Soup", 1, 0, {lab::compute(6)}},
    {"Guests",
     2,
     1,
     {lab::compute(1), lab::wait(3), lab::compute(1), lab::wait(3), lab::compute(1)}},
};

/// Print the chart of \p all under \p policy, or why there is none. \return  the record, if there is one.
lab::Record chart(const std::vector<lab::Task>& all,
                  const std::function<std::unique_ptr<lab::Policy>()>& policy) {
    try {
        const auto made = policy();
        lab::Record record = lab::Cpu(all, *made).run();
        std::printf("%s\n", lab::chart(all, record).c_str());
        return record;
    } catch (const course::NotImplemented& missing) {
        std::printf("not there yet: %s\n", missing.item().c_str());
    } catch (const std::logic_error& error) {
        std::printf("%s\n", error.what());
    }
    return {};
}

void show(const char* name, const std::function<std::unique_ptr<lab::Policy>()>& policy) {
    std::printf("  %-24s", name);
    const lab::Record record = chart(tasks, policy);
    if (record.empty())
        return;
    try {
        for (lab::TaskId task = 0; task < tasks.size(); ++task) {
            const lab::Measures measures = lab::measure(record, task, tasks[task].arrival);
            std::printf("  %20s    turnaround %2d, response %2d\n", tasks[task].name.c_str(),
                        measures.turnaround, measures.response);
        }
        std::printf("  %20s    %d\n", "switches", lab::switches(record));
    } catch (const course::NotImplemented& missing) {
        std::printf("  %20s    not there yet\n", missing.item().c_str());
    }
}

void show_inversion() {
    std::printf(
        "\nL holds a lock, H wants it, M wants nothing but the CPU (priorities 1, 3, 2)\n  ");
    chart({{"L", 1, 0, {lab::lock(), lab::compute(4), lab::unlock(), lab::compute(1)}},
           {"M", 2, 2, {lab::compute(12)}},
           {"H", 3, 1, {lab::lock(), lab::compute(2), lab::unlock()}}},
          lab::fifo);
}

// --- This machine ------------------------------------------------------------------------------

double cpu_seconds(const rusage& used) {
    return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void compute_until(std::chrono::steady_clock::time_point end) {
    volatile unsigned long count = 0;
    while (std::chrono::steady_clock::now() < end)
        count = count + 1;
}

void show_policy() {
    const char* names[] = {"SCHED_OTHER", "SCHED_FIFO", "SCHED_RR",
                           "SCHED_BATCH", "(4)",        "SCHED_IDLE"};
    const int policy = sched_getscheduler(0);
    cpu_set_t allowed;
    sched_getaffinity(0, sizeof allowed, &allowed);
    std::printf("\nThis process on this machine\n");
    std::printf("  policy                %s\n", policy >= 0 && policy < 6 ? names[policy] : "?");
    std::printf("  nice                  %d\n", getpriority(PRIO_PROCESS, 0));
    std::printf("  may run on            %d CPUs\n", CPU_COUNT(&allowed));
    std::printf("  SCHED_FIFO            priorities %d to %d, for root\n",
                sched_get_priority_min(SCHED_FIFO), sched_get_priority_max(SCHED_FIFO));
}

/// How often the calling thread gave the CPU up in \p body, and how often it was taken from it.
void show_switches(const char* what, const std::function<void()>& body) {
    std::thread([&] {
        rusage before{};
        rusage after{};
        getrusage(RUSAGE_THREAD, &before);
        body();
        getrusage(RUSAGE_THREAD, &after);
        std::printf("  %-32s %9ld %9ld %9.0f ms\n", what, after.ru_nvcsw - before.ru_nvcsw,
                    after.ru_nivcsw - before.ru_nivcsw,
                    (cpu_seconds(after) - cpu_seconds(before)) * 1e3);
    }).join();
}

/// Two processes on one CPU, with these values of nice: how they shared it, in per cent.
void show_shares(int one, int other) {
    const auto start = std::chrono::steady_clock::now() + 20ms;
    const auto end = start + 600ms;
    pid_t children[2];
    const int nices[] = {one, other};
    for (int i = 0; i < 2; ++i) {
        children[i] = fork();
        if (children[i] == 0) {
            cpu_set_t first;
            sched_getaffinity(0, sizeof first, &first);
            for (int cpu = 0, kept = 0; cpu < CPU_SETSIZE; ++cpu)
                if (CPU_ISSET(cpu, &first) && ++kept > 1)
                    CPU_CLR(cpu, &first);
            sched_setaffinity(0, sizeof first, &first);
            if (nice(nices[i]) < 0) {
            }
            compute_until(end);
            _exit(0);
        }
    }
    double used[2] = {};
    for (int i = 0; i < 2; ++i) {
        rusage usage{};
        int status = 0;
        if (wait4(children[i], &status, 0, &usage) > 0)
            used[i] = cpu_seconds(usage);
    }
    std::printf("  nice %2d beside nice %2d  %17.0f %% %7.0f %%\n", one, other,
                100 * used[0] / (used[0] + used[1]), 100 * used[1] / (used[0] + used[1]));
}

}  // namespace

int main() {
    std::puts(
        "Roast computes 12 ticks, Soup 6; Guests come at 1 and ask three times, with a pause");
    show("round robin, quantum 3", [] { return lab::round_robin(3); });
    show("FIFO", [] { return lab::fifo(); });
    show("time sharing, 3 and 8", [] { return lab::time_sharing(3, 8); });
    show_inversion();

    show_policy();
    std::printf("\n  a thread that                      gave up     taken  computed\n");
    show_switches("computes for 200 ms",
                  [] { compute_until(std::chrono::steady_clock::now() + 200ms); });
    show_switches("sleeps for 1 ms, 100 times", [] {
        for (int i = 0; i < 100; ++i)
            std::this_thread::sleep_for(1ms);
    });
    std::printf("\n  two processes on one CPU          the first   the second\n");
    std::fflush(stdout);
    show_shares(0, 0);
    std::fflush(stdout);
    show_shares(0, 5);
    std::fflush(stdout);
    show_shares(0, 19);
}
