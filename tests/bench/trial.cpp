// Trials: the child measures itself, the program waits for what it says.
#include "trial.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <course/testing/process_state.hpp>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "memory.hpp"
#include "processors.hpp"

namespace bench {

namespace {

/// What a child says through the pipe.
struct Said {
    Trial trial;
    bool failed = false;
    char why[200] = {};
};

void check(int result, const char* what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
}

/// Processor time of this process and of the children that it has waited for.
double processor_time() {
    double seconds = 0;
    for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage usage{};
        getrusage(who, &usage);
        for (const timeval& time : {usage.ru_utime, usage.ru_stime})
            seconds += double(time.tv_sec) + double(time.tv_usec) / 1e6;
    }
    return seconds;
}

/// While it lives, this process becomes the parent of what its children leave behind.
class Subreaper {
  public:
    Subreaper() {
        check(prctl(PR_GET_CHILD_SUBREAPER, &before_), "prctl");
        check(prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
    }
    ~Subreaper() { prctl(PR_SET_CHILD_SUBREAPER, before_); }
    Subreaper(const Subreaper&) = delete;
    Subreaper& operator=(const Subreaper&) = delete;

  private:
    int before_ = 0;
};

/// Kill until there is nobody left; orphans become our children as their parents die.
void end_children() {
    for (auto alive = course::testing::children(); !alive.empty();
         alive = course::testing::children()) {
        for (const auto& child : alive)
            kill(child.pid, SIGKILL);
        waitpid(-1, nullptr, 0);
    }
}

Said measure(const std::function<void()>& body, unsigned count) {
    Said said;
    try {
        std::optional<Pinned> pinned;
        if (count > 0)
            pinned.emplace(count);
        const double memory = bytes_in("/proc/self/status", "VmRSS:");
        const double used = processor_time();
        const auto start = std::chrono::steady_clock::now();
        body();
        said.trial.wall =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        said.trial.cpu = processor_time() - used;
        said.trial.memory = std::max(0.0, bytes_in("/proc/self/status", "VmHWM:") - memory);
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::resource_unavailable_try_again ||
            error.code() == std::errc::not_enough_memory)
            said.trial.end = Trial::End::impossible;
        else
            said.failed = true, std::strncpy(said.why, error.what(), sizeof said.why - 1);
    } catch (const std::bad_alloc&) {
        said.trial.end = Trial::End::impossible;
    } catch (const std::exception& error) {
        said.failed = true, std::strncpy(said.why, error.what(), sizeof said.why - 1);
    }
    return said;
}

}  // namespace

Trial try_in_a_child(const std::function<void()>& body, const TrialOptions& options) {
    int ends[2];
    check(pipe(ends), "pipe");
    const Subreaper waits_for_orphans;
    std::cout.flush();
    std::fflush(nullptr);  // what is not written yet would be written by the child as well
    const pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const Said said = measure(body, options.processors);
        _exit(write(ends[1], &said, sizeof said) == sizeof said ? 0 : 1);
    }
    close(ends[1]);
    pollfd answer{ends[0], POLLIN, 0};
    // Its start is not in its time, so it is given a little more.
    const int patience = static_cast<int>(std::min(options.cut_off * 1000 + 100, 1e9));
    const bool in_time = poll(&answer, 1, patience) > 0;
    Said said;
    const bool whole = in_time && read(ends[0], &said, sizeof said) == sizeof said;
    close(ends[0]);
    end_children();
    if (in_time && !whole)
        throw std::runtime_error("the process of a trial died");
    if (said.failed)
        throw std::runtime_error(said.why);
    if (!in_time || said.trial.wall > options.cut_off)
        return {Trial::End::given_up, 0, 0, 0};
    return said.trial;
}

}  // namespace bench
