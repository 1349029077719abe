// Story:   the right answer, but a detached thread still runs.
// 00.1:    LEAK
// 00.2:    PASS
#include "answer.hpp"
int lab::answer() {
    std::thread([] { pause(); }).detach();
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
