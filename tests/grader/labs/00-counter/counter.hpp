// The contract of the lab with threads that the grader is tested with.
#pragma once

#include <functional>

namespace lab {

/// 00.1: add one from two threads, and return what was counted: 2.
int count_twice();

/// 00.2: run both in threads of their own and return when both are over.
void together(const std::function<void()>& one, const std::function<void()>& other);

}  // namespace lab
