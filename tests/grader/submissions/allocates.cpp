// Allocates without end.
#include "answer.hpp"
int lab::answer() {
    std::vector<std::unique_ptr<char[]>> blocks;
    for (;;)
        blocks.push_back(std::make_unique_for_overwrite<char[]>(std::size_t{64} << 20));
}
std::string lab::echo(const std::string& text) {
    return text;
}
