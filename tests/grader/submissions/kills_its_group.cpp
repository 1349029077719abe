// Kills its whole process group.
#include "answer.hpp"
int lab::answer() {
    kill(0, SIGKILL);
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
