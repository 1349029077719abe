// Each of its processes keeps to the limit of memory, all together do not.
#include "answer.hpp"
int lab::answer() {
    for (int i = 0; i < 16; ++i)
        if (fork() == 0) {
            const std::string block(std::size_t{64} << 20, 'x');
            for (;;)
                pause();
        }
    for (;;)
        pause();
}
std::string lab::echo(const std::string& text) {
    return text;
}
