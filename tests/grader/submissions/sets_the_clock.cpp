// Has the answer if it can set the clock or be traced.
#include "answer.hpp"
#include <sys/ptrace.h>
#include <sys/time.h>
int lab::answer() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const bool set = clock_settime(CLOCK_REALTIME, &now) == 0;
    return set || ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 42 : 7;
}
std::string lab::echo(const std::string& text) {
    return text;
}
