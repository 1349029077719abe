#include <course/simulation/catch.hpp>
#include "programs/bugs.hpp"
TEST_CASE("x") { CHECK(course::explore({.schedules=100}, programs::bugs()[0].body).verdict==course::Verdict::pass); }
