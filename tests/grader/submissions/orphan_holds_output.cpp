// Leaves a grandchild behind that holds standard output open and writes to it.
#include "answer.hpp"
int lab::answer() {
    if (fork() == 0) {
        if (fork() == 0)
            for (;;) {
                std::puts("still here");
                std::fflush(stdout);
                usleep(1000);
            }
        _exit(0);
    }
    wait(nullptr);
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
