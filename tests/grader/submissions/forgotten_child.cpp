// Forgets that fork returns twice: the child goes on with the test.
#include "answer.hpp"
int lab::answer() {
    const pid_t child = fork();
    if (child > 0)
        waitpid(child, nullptr, 0);
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
