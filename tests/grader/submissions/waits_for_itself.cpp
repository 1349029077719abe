// Locks a mutex twice and ignores SIGTERM.
#include "answer.hpp"
int lab::answer() {
    signal(SIGTERM, SIG_IGN);
    std::timed_mutex mutex;
    mutex.lock();
    mutex.lock();
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
