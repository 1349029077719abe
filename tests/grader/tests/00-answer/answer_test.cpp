// The rubric of the lab that the grader is tested with.
#include <course/testing/testing.hpp>

#include "answer.hpp"

TEST_CASE("the answer is 42", "[00.1][4 points]") {
    course::testing::hint("What do you get if you multiply six by seven?");
    CHECK(lab::answer() == 42);
    CHECK(lab::answer() == 42);
}

TEST_CASE("the echo says the same", "[00.2][3 points]") {
    const std::string text = lab::echo("hello");
    CHECK(text == "hello");
}

TEST_CASE("the echo of nothing is nothing", "[00.2][3 points]") {
    CHECK(lab::echo("").empty());
}
