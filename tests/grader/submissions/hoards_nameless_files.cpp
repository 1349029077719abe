// Keeps memory in files without a name, which no process has mapped.
#include "answer.hpp"
#include <sys/mman.h>
int lab::answer() {
    const std::string block(std::size_t{16} << 20, 'x');
    for (int i = 0; i < 100; ++i)
        if (write(memfd_create("hoard", 0), block.data(), block.size()) < 0)
            break;
    for (;;)
        pause();
}
std::string lab::echo(const std::string& text) {
    return text;
}
