// Leaves two hundred processes behind.
#include "answer.hpp"
int lab::answer() {
    for (int i = 0; i < 200; ++i)
        if (fork() == 0)
            for (;;)
                pause();
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
