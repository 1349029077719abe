// Proves, before anything is simulated, that the program's calls and accesses reach the simulation.
#pragma once

namespace course::simulation {

/// \throws std::logic_error  with what to do, if they don't.
void require_control();

/// The operations that must be seen: self_test_operations.cpp is built like the code under test.
struct TestedOperations {
    int atomics;
    int accesses;
};
TestedOperations perform_tested_operations();

}  // namespace course::simulation
