// Story:   one of the two cases of an item is right.
// 00.1:    PASS
// 00.2:    PARTIAL
#include "answer.hpp"
int lab::answer() {
    return 42;
}
std::string lab::echo(const std::string&) {
    return "hello";
}
