// Leaves a child behind that has a session of its own and holds standard output open.
#include "answer.hpp"
int lab::answer() {
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            for (;;)
                pause();
        _exit(0);
    }
    wait(nullptr);
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
