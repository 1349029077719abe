// Waiting for descriptors, shared by the calls that transfer and those that poll.
#pragma once

#include <poll.h>

#include "scheduler.hpp"

namespace course::simulation {

struct PollSet {
    pollfd* entries;
    nfds_t count;
};

/// Wait until one of them is ready; false if the deadline came first.
bool wait_ready(Thread& me, PollSet& set, Time deadline);

/// For the race detector: \p me has let something out through a descriptor, or taken something in.
void sent(Thread& me);
void received(Thread& me);

}  // namespace course::simulation
