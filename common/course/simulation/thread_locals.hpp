// What belongs to one thread: its thread_local variables and its values of thread-specific keys.
//
// A kept thread of the kernel must be like a new one for the program. At its end the destructors run,
// as the end of a real thread runs them, and then the memory gets its initial contents again.
// (libc's own variables of the thread are left alone, but for errno and the locale.)
#pragma once

#include <fenv.h>
#include <signal.h>

namespace course::simulation {

/// What a new thread takes over from the one that creates it.
class Inherited {
  public:
    /// Note the calling thread's.
    void take();

    /// Make it the calling thread's own.
    void give() const;

  private:
    sigset_t blocked_signals_;
    fenv_t floating_point_;
};

/// The variables' part of `prepare_process`.
void prepare_thread_locals();

/// Take charge of the calling thread's variables. It is new, and has run nothing yet.
void adopt_thread_locals();

/// Run the destructors of the calling thread's variables and keys.
void destroy_thread_locals();

/// Give the calling thread's variables their initial values, also those of the simulation.
void reset_thread_locals();

/// Delete the thread-specific keys that the schedule created: there are only 1024.
void delete_keys();

}  // namespace course::simulation
