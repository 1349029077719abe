// Story:   ends the process with success before the test is over.
// 00.1:    INCOMPLETE
// 00.2:    PASS
#include "answer.hpp"
int lab::answer() {
    _exit(0);
}
std::string lab::echo(const std::string& text) {
    return text;
}
