// Writes a file larger than any lab needs.
#include "answer.hpp"
int lab::answer() {
    const int fd = open("large", O_WRONLY | O_CREAT, 0600);
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 4096; ++i)
        if (write(fd, block.data(), block.size()) < 0)
            return 0;
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
