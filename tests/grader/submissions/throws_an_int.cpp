// Story:   jumps out of the test with an exception that nobody expects.
// 00.1:    WRONG
// 00.2:    PASS
#include "answer.hpp"
int lab::answer() {
    throw 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
