// Computes without end.
#include "answer.hpp"
int lab::answer() {
    for (volatile int turns = 0;; turns = turns + 1) {
    }
}
std::string lab::echo(const std::string& text) {
    return text;
}
