// The right answer, but a detached thread still runs.
#include "answer.hpp"
int lab::answer() {
    std::thread([] { pause(); }).detach();
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
