// The only header that a lab's tests include: Catch2 2 or 3, hints, and what to look at a process
// with.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <catch2/matchers/catch_matchers_vector.hpp>
namespace course::testing {
using Catch::Matchers::ContainsSubstring;
}
#else
#include <catch2/catch.hpp>
namespace course::testing {
inline auto ContainsSubstring(const std::string& text) {
    return Catch::Matchers::Contains(text);
}
}  // namespace course::testing
#endif

#include <course/testing/not_implemented.hpp>
#include <course/testing/probes.hpp>
#include <course/testing/process_state.hpp>
#include <string>

namespace course::testing {

/// The hint that a student reads if one of the assertions from here on fails, until the next hint.
///
/// One nudge about one mistake, for the assertion below it. It reaches the grader at once, so it is
/// shown also when the student's code crashes or hangs.
/// \thread_safety  call it on the thread that runs the test case.
void hint(const std::string& text);

}  // namespace course::testing
