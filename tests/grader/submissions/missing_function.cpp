// Story:   one of the contract's functions is not there.
// 00.1:    COMPILE
// 00.2:    COMPILE
#include "answer.hpp"
int lab::answer() {
    return 42;
}
