// Story:   stops the process that watches over it.
// 00.1:    TAMPER
// 00.2:    PASS
#include "answer.hpp"
int lab::answer() {
    kill(getppid(), SIGSTOP);
    for (;;)
        pause();
}
std::string lab::echo(const std::string& text) {
    return text;
}
