// Writes to standard output without end.
#include "answer.hpp"
int lab::answer() {
    const std::string line(65536, 'x');
    for (;;)
        if (write(STDOUT_FILENO, line.data(), line.size()) < 0)
            return 42;
}
std::string lab::echo(const std::string& text) {
    return text;
}
