// A few lines that the compiler has a million words to say about.
#include "answer.hpp"
#define ONE { int unused; }
#define TEN ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
#define MANY THOUSAND THOUSAND THOUSAND THOUSAND THOUSAND THOUSAND THOUSAND THOUSAND
int lab::answer() {
    MANY MANY MANY MANY
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
