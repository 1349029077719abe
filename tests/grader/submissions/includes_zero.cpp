// Story:   includes a file that has no end.
// 00.1:    COMPILE
// 00.2:    COMPILE
#include "/dev/zero"
#include "answer.hpp"
