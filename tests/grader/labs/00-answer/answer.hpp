// The contract of the lab that the grader is tested with.
#pragma once

#include <string>

namespace lab {

/// 00.1: the answer, 42.
int answer();

/// 00.2: the same text.
std::string echo(const std::string& text);

}  // namespace lab
