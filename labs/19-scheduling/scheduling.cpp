// Your work in lab 19: two measures, and three policies.
#include "scheduling.hpp"

#include <course/testing/not_implemented.hpp>

namespace lab {

Measures measure(const Record& /*record*/, TaskId /*task*/, Ticks /*arrival*/) {
    // TODO(19.1) find its first and its last tick
    throw course::NotImplemented("19.1");
}

int switches(const Record& /*record*/) {
    // TODO(19.1) remember who computed last
    throw course::NotImplemented("19.1");
}

std::unique_ptr<Policy> round_robin(Ticks /*quantum*/) {
    // TODO(19.2) a class of yours, derived from Policy, with a queue
    throw course::NotImplemented("19.2");
}

std::unique_ptr<Policy> fifo() {
    // TODO(19.3) the running task, those that are ready, and who waits for whom
    throw course::NotImplemented("19.3");
}

std::unique_ptr<Policy> time_sharing(Ticks /*quantum*/, Ticks /*patience*/) {
    // TODO(19.4) for each ready task its level, how much of its quantum is used, how long it has waited
    throw course::NotImplemented("19.4");
}

}  // namespace lab
