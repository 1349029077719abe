// Starts and ends the busy processes.
#include <course/checking/busy_neighbours.hpp>

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

namespace course::checking {

BusyNeighbours::BusyNeighbours() {
    const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    for (int processor = 0; processor < processors; ++processor) {
        const pid_t pid = fork();
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            cpu_set_t set;
            CPU_ZERO(&set);
            CPU_SET(processor, &set);
            sched_setaffinity(0, sizeof set, &set);
            volatile unsigned turns = 0;
            for (;;)
                turns = turns + 1;
        }
        if (pid > 0)
            pids_.push_back(pid);
    }
}

BusyNeighbours::~BusyNeighbours() {
    for (const pid_t pid : pids_) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
}

}  // namespace course::checking
