// Has the assembler read a file that has no end.
#include "answer.hpp"
asm(".pushsection .rodata\n endless: .incbin \"/dev/zero\"\n .popsection");
int lab::answer() {
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
