// Fills /tmp and /dev/shm, and hands the answer in all the same.
#include "answer.hpp"
static void fill(const std::string& folder) {
    const std::string block(1 << 20, 'x');
    for (int file = 0; file < 64; ++file) {
        std::ofstream out(folder + "/" + std::to_string(file));
        for (int i = 0; i < 16 && out; ++i)
            out << block << std::flush;
        if (!out)
            return;
    }
    throw std::runtime_error(folder + " has no end");
}
int lab::answer() {
    fill("/tmp");
    fill("/dev/shm");
    return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
