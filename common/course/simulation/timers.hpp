// The timer descriptors (timerfd) of the program under test, which go off in virtual time.
//
// To the program such a descriptor is real: it can be polled and read. Behind it is an eventfd, to
// which the simulation writes when virtual time reaches the deadline.
#pragma once

#include "operation.hpp"

namespace course::simulation {

class Timers {
  public:
    static Timers& instance() {
        if (the_timers == nullptr) {
            the_timers = create();
        }
        return *the_timers;
    }

    /// A new schedule: there are none.
    void reset() { count_ = 0; }

    void add(int descriptor);
    void remove(int descriptor);
    bool has(int descriptor) const { return index(descriptor) >= 0; }

    /// Go off at \p deadline, and then every \p interval if that is not zero.
    void set(int descriptor, Time deadline, Time interval);

    Time deadline(int descriptor) const { return timers_[index(descriptor)].deadline; }
    Time interval(int descriptor) const { return timers_[index(descriptor)].interval; }

    /// When the first one goes off, or `never`.
    Time next() const;

    /// Let those go off whose time has come.
    void advance(Time now);

  private:
    static constexpr int max_timers = 256;

    struct Timer {
        int descriptor;
        Time deadline;
        Time interval;
    };

    static Timers* the_timers;
    static Timers* create();

    int index(int descriptor) const;

    int count_;
    Timer timers_[max_timers];
};

}  // namespace course::simulation
