// Includes a file that has no end.
#include "/dev/zero"
#include "answer.hpp"
