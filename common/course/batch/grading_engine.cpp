// Turns signals into a descriptor.
#include <course/batch/grading_engine.hpp>

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

namespace course::batch {

namespace {

sigset_t stopping() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&set, signal);
    return set;
}

}  // namespace

StopSignals::StopSignals() {
    const sigset_t set = stopping();
    descriptor_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor_ < 0)
        throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
    sigprocmask(SIG_BLOCK, &set, nullptr);
}

StopSignals::~StopSignals() {
    // What has come was heard; it must not end the process now.
    signalfd_siginfo ignored;
    while (read(descriptor_, &ignored, sizeof ignored) > 0)
        continue;
    close(descriptor_);
    const sigset_t set = stopping();
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace course::batch
