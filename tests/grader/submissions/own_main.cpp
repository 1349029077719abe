// Story:   brings a main of its own that always succeeds.
// 00.1:    COMPILE
// 00.2:    COMPILE
#include "answer.hpp"
int lab::answer() {
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
int main() {
    return 0;
}
