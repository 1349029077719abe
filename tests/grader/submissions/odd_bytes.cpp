// Prints NUL, bad UTF-8, ANSI escapes and the end of a CDATA section, and returns them.
#include "answer.hpp"
int lab::answer() {
    return 42;
}
std::string lab::echo(const std::string&) {
    const std::string bytes("\0\xff\xfe\x1b[31m]]>\x1e\x1f\"\\", 14);
    std::cout << bytes << std::endl;
    return bytes;
}
