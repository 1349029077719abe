// Starts threads without end.
#include "answer.hpp"
int lab::answer() {
    for (;;)
        std::thread([] { pause(); }).detach();
}
std::string lab::echo(const std::string& text) {
    return text;
}
