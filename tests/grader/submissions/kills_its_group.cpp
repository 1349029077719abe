// Story:   kills its whole process group.
// 00.1:    CRASH
// 00.2:    PASS
#include "answer.hpp"
int lab::answer() {
    kill(0, SIGKILL);
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
