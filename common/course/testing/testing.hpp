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
/// Matches a text that has \p text in it (Catch2 3 has a matcher of this name, Catch2 2 calls it
/// Contains).
inline auto ContainsSubstring(const std::string& text) {
    return Catch::Matchers::Contains(text);
}
}  // namespace course::testing
#endif

#include <course/testing/not_implemented.hpp>
#include <course/testing/probes.hpp>
#include <course/testing/process_state.hpp>
#include <exception>
#include <string>

namespace course::testing {

/// What may happen to a case that a hint is for.
enum class Mishap {
    wrong,     ///< an assertion fails
    crash,     ///< a signal ends the case
    stuck,     ///< the case waits or computes without end
    leak,      ///< the case leaves threads, children or descriptors behind
    race,      ///< the simulation finds two accesses that nothing orders
    deadlock,  ///< the simulation finds threads that wait for ever
};

/// The hint that a student reads if \p mishap comes from here on, until the next hint for it.
///
/// One nudge about one mistake. A hint for an assertion says nothing about a crash, a hang or a
/// leak, so those are hinted at separately, or not at all. What the simulation finds fails an
/// assertion, so its hint is read unless there is one for the race, the deadlock, the crash or the
/// livelock (`stuck`). It reaches the grader at once: a crash can't swallow it.
/// \thread_safety  call it on the thread that runs the test case.
void hint(const std::string& text, Mishap mishap = Mishap::wrong);

/// What \p body throws, in words: `what()` of an exception, "the number 42", or "nothing".
/// \throws  what is neither a std::exception nor an int.
template <class Body>
std::string thrown_by(const Body& body) {
    try {
        body();
        return "nothing";
    } catch (const std::exception& error) {
        return error.what();
    } catch (int number) {
        return "the number " + std::to_string(number);
    }
}

}  // namespace course::testing
