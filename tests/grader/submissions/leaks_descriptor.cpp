// The right answer, but a file stays open.
#include "answer.hpp"
int lab::answer() {
    return open("/dev/null", O_RDONLY) >= 0 ? 42 : 0;
}
std::string lab::echo(const std::string& text) {
    return text;
}
