// Your work in lab 20: measure, predict, choose, and find out when a rule is wrong.
#include "choosing.hpp"

#include <course/testing/not_implemented.hpp>

namespace lab {

Needs needs(const std::vector<Sample>& /*samples*/) {
    // TODO(20.1) the median of what they computed, and of what they waited
    throw course::NotImplemented("20.1");
}

double blocking_share(const Needs& /*needs*/) {
    // TODO(20.1) which part of the time is wait?
    throw course::NotImplemented("20.1");
}

std::optional<Seconds> predict(const Work& /*work*/, Way /*way*/, const Costs& /*costs*/) {
    // TODO(20.2) lanes and processors of the way; the longer one of two times; what the way itself costs
    throw course::NotImplemented("20.2");
}

Way choose(const Work& /*work*/, const Costs& /*costs*/) {
    // TODO(20.3) which prediction is the smallest?
    throw course::NotImplemented("20.3");
}

double regret(const Measured& /*measured*/, Way /*way*/) {
    // TODO(20.4) this time over the best one
    throw course::NotImplemented("20.4");
}

double mean_regret(const Rule& /*rule*/, const std::vector<Measured>& /*table*/) {
    // TODO(20.4) the geometric mean over the rows of which the rule says something
    throw course::NotImplemented("20.4");
}

std::optional<Refutation> refute(const Rule& /*rule*/, const std::vector<Measured>& /*table*/) {
    // TODO(20.4) the row with the largest regret, if it is more than a near tie
    throw course::NotImplemented("20.4");
}

}  // namespace lab
