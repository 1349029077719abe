// Story:   leaves two hundred processes behind.
// 00.1:    LEAK
// 00.2:    PASS
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
