// Story:   includes a header of its own beside the contract; only the one file is handed in.
// 00.1:    COMPILE
// 00.2:    COMPILE
#include "my_own.hpp"
#include "answer.hpp"
int lab::answer() { return 42; }
std::string lab::echo(const std::string& text) { return text; }
