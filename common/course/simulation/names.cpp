// Names of the operations, the verdicts and the strategies.
#include "operation.hpp"

#include "simulate.hpp"

namespace course::simulation {

const char* name(Operation operation) {
    switch (operation) {
        case Operation::start:
            return "start";
        case Operation::create:
            return "has created a thread";
        case Operation::join:
            return "join a thread";
        case Operation::finish:
            return "finish";
        case Operation::lock:
            return "lock";
        case Operation::try_lock:
            return "try to lock";
        case Operation::unlock:
            return "unlock";
        case Operation::lock_shared:
            return "lock shared";
        case Operation::wait:
            return "wait on a condition variable";
        case Operation::notify_one:
            return "notify one";
        case Operation::notify_all:
            return "notify all";
        case Operation::once:
            return "call once";
        case Operation::semaphore_wait:
            return "wait for a semaphore";
        case Operation::semaphore_post:
            return "post a semaphore";
        case Operation::barrier:
            return "wait at a barrier";
        case Operation::futex_wait:
            return "wait for an atomic";
        case Operation::futex_wake:
            return "notify an atomic's waiters";
        case Operation::sleep:
            return "sleep";
        case Operation::yield:
            return "yield";
        case Operation::clock:
            return "look at the clock";
        case Operation::compute:
            return "compute";
        case Operation::core:
            return "wait for a core";
        case Operation::atomic_load:
            return "load an atomic";
        case Operation::atomic_store:
            return "store to an atomic";
        case Operation::atomic_update:
            return "update an atomic";
        case Operation::access:
            return "access memory";
        case Operation::input_output:
            return "wait for input or output";
        case Operation::child_process:
            return "wait for a child process";
        case Operation::drain:
            return "wait for the threads that the body left";
    }
    return "?";
}

std::string_view name(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "pass";
        case Verdict::check_failed:
            return "check failed";
        case Verdict::deadlock:
            return "deadlock";
        case Verdict::livelock:
            return "livelock";
        case Verdict::race:
            return "data race";
        case Verdict::terminate:
            return "terminated";
        case Verdict::crash:
            return "crash";
        case Verdict::leftover:
            return "thread left over";
        case Verdict::step_limit:
            return "step limit";
        case Verdict::not_controlled:
            return "not under control";
    }
    return "?";
}

std::string_view name(Strategy strategy) {
    switch (strategy) {
        case Strategy::mix:
            return "mix";
        case Strategy::random:
            return "random";
        case Strategy::pos:
            return "POS";
        case Strategy::pct:
            return "PCT";
        case Strategy::bounded:
            return "bounded";
        case Strategy::in_order:
            return "in order";
    }
    return "?";
}

}  // namespace course::simulation
