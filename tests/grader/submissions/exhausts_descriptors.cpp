// Opens files until there is no descriptor left, and keeps them.
#include "answer.hpp"
int lab::answer() {
    while (open("/dev/null", O_RDONLY) >= 0) {
    }
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
