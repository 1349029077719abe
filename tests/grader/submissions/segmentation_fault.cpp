// Story:   crashes in one case; the others keep their points.
// 00.1:    CRASH
// 00.2:    PASS
#include "answer.hpp"
int lab::answer() {
    int* volatile nothing = nullptr;
    return *nothing;
}
std::string lab::echo(const std::string& text) {
    return text;
}
