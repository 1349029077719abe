// The scheduler: threads stay threads of the kernel, but only one has the turn.
//
//      thread 1 (has the turn)          scheduler                        thread 2 (parked)
//      ───────────────────────          ─────────                        ─────────────────
//      m.lock()
//        pthread_mutex_lock ──point──▶  who runs next? ask the policy
//        (ours, not libc's)             thread 2: raise its baton ──────▶ returns from its call,
//        waits for its own baton                                          runs student code
//              ┊                                                          cv.wait()
//              ┊                                           ◀──block──     pthread_cond_wait
//              ┊                        thread 2 waits; who can run?      waits for its baton
//        returns ◀──baton raised──      thread 1
//        trylock succeeds               nobody can run, but one sleeps: the clock jumps
//      student code goes on             nobody sleeps either: deadlock
//
// A thread reaches the scheduler at a *point*: just before an operation that other threads can
// notice. What happens between two points is one indivisible step. All state here is guarded by
// having the turn: there is no lock.
//
// The state lives in memory of its own (see state_memory.hpp), because the program's variables are
// put back to their initial values before each schedule; see fresh_state.hpp.
#pragma once

#include <pthread.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <string_view>

#include "channel.hpp"
#include "operation.hpp"
#include "simulate.hpp"
#include "strategy.hpp"

namespace course::simulation {

/// A thread of the program under test.
struct Thread {
    enum State : std::uint8_t { runnable, blocked, finished };

    int id;
    int tid;     // its number for the kernel, by which a mutex knows its owner
    int* baton;  // a flag that is raised when the turn is this thread's; see flag.hpp
    int own_baton;
    State state;

    // The operation that it performs as soon as it has the turn, or waits for.
    Operation operation;
    bool writes;
    const void* object;

    // If it waits: until when, and for what outside of the simulation.
    Time deadline;
    bool timed_out;
    std::int16_t woken_by;  // the thread that ended its last wait, or -1
    bool (*ready)(void* context);
    void* context;

    // Whether it gets anywhere.
    bool yielded;           // gave its turn away, and nobody else has moved since
    int spins;              // yields in a row
    int idle;               // operations in a row that changed nothing
    int own_tries;          // try-locks of a mutex that it holds itself
    bool waits_for_itself;  // there were too many of these
    int clock_looks;        // looks at the clock in a row
    Time clock_step;        // how far the clock moves at such a look

    // Its life.
    pthread_t handle;
    bool kept;  // the thread of the kernel outlives the schedule; see kernel_threads.hpp
    void* (*entry)(void*);
    void* argument;
    void* result;
    bool detached;
    bool joining;  // somebody waits for its end
    bool joined;
    int key_rounds;
};

class Scheduler {
  public:
    /// The scheduler of this process.
    static Scheduler& instance() {
        if (the_scheduler == nullptr) {
            the_scheduler = create();
        }
        return *the_scheduler;
    }

    // ---- for the calls that the simulation redefines; the caller is the thread with the turn

    /// Let the policy decide who goes on, just before \p me performs that operation.
    void point(Thread& me, Operation operation, const void* object, bool writes = true);

    /// Give the turn away: \p me does not run again before somebody else has, if anybody can.
    void yield(Thread& me);

    /// Wait until woken, or until \p deadline; false if the time came first.
    bool block(Thread& me, Operation operation, const void* object, Time deadline = never);

    /// Wait until `ready(context)`, which looks at something outside, such as a socket.
    bool block_outside(Thread& me, Operation operation, const void* object, bool (*ready)(void*),
                       void* context, Time deadline = never);

    /// Wake up to \p count threads that wait for that; returns how many there were.
    int wake(Operation operation, const void* object, int count = max_threads);

    /// Say that \p me has, or has not, changed something that others can see.
    void effect(Thread& me, bool changed);

    /// Whether \p me has done many things in a row that changed nothing: a loop that waits.
    bool goes_in_circles(const Thread& me) const;

    /// Virtual time since the schedule began.
    Time now() const { return now_; }

    /// \p duration from now, without overflow.
    Time after(Time duration) const { return duration > never - now_ ? never : now_ + duration; }

    /// Whether `Options::thread_limit` leaves room for one more thread beside the body's own.
    bool may_start_thread() const { return live_count_ <= options_.thread_limit; }

    /// A new thread in the table. It can run, but it has no thread of the kernel yet.
    Thread& add_thread(Thread* parent);

    /// The new thread could not be started.
    void remove_last_thread();

    /// \p me is over: hand over for good.
    void finish(Thread& me);

    /// Wait until no thread but \p me is left.
    void drain(Thread& me);

    /// The thread with that handle that nobody has joined, or null.
    Thread* find(pthread_t handle);

    /// Which thread the kernel knows by \p tid, or -1.
    int thread_with_tid(int tid) const;

    /// End the schedule here and now. In a child process, that ends the process.
    [[noreturn]] void end(Verdict verdict, const char* format, ...)
        __attribute__((format(printf, 3, 4)));

    /// For the report: \p me holds that lock now, or no longer.
    void holds(Thread& me, const void* lock, bool held);

    /// For the report: what \p me is going to do.
    void note(Thread& me, std::string_view text);

    /// \p me has failed, and will end the schedule as soon as it has put that into words. Until then it
    /// keeps the turn, unless it has to wait, and nothing is recorded.
    void begin_last_words(Thread& me);

    /// How many steps there have been.
    std::uint64_t steps() const { return steps_; }

    /// A random number that belongs to the schedule.
    std::uint64_t random() { return random_.next(); }

    /// True with that probability: a decision like those about threads, so it can be repeated.
    bool decide(double probability);

    const Options& options() const { return options_; }
    Channel& channel() { return *channel_; }

    // ---- for whoever runs schedules; the caller is no thread of the program

    /// How a schedule is to be run.
    struct Plan {
        Options options;
        std::uint64_t seed;
        bool repeat;          // follow the decisions that the channel holds
        bool explores_races;  // look where they are, and let them happen
        bool detailed;        // keep places and events for a report
        bool own_process;     // a failure may end the process
    };

    /// Run \p body as thread 0, and then the threads it left, until all are over.
    ///
    /// \return what the body threw. The outcome is in the channel.
    std::exception_ptr run(const Plan& plan, Channel& channel, const std::function<void()>& body);

    // ---- for posix_threads.cpp

    /// Wait until \p baton is raised: then it is the turn of \p me.
    void park(Thread& me, int& baton);
    void body_returned(Thread& me);
    int thread_count() const { return count_; }
    Thread& thread(int id) { return threads_[id]; }
    bool own_process() const { return own_process_; }

  private:
    static Scheduler* the_scheduler;
    static Scheduler* create();

    void prepare(const Plan& plan, Channel& channel);
    void resume(Thread& thread);
    void hand_over(Thread& me, bool yielding);
    Thread& next(Thread& me, bool yielding);
    Thread& pick(Thread& me, Thread** runnable, int count, bool yielding);
    template <class Fresh>
    int decision(int options, Fresh fresh);
    int choose_one_of(int count);
    void disturb();
    bool out_of_circles(int runnable, int least_spins);
    bool advance_clock();
    Time next_deadline() const;
    bool look_outside();
    bool wait_outside(Time patience);
    void make_runnable(Thread& thread, bool timed_out);
    void fill_outcome(Verdict verdict, const Thread* me);

    Thread threads_[max_threads];
    Thread* live_[max_threads];  // those not finished, by number
    int count_;
    int live_count_;
    int outside_count_;  // live threads that wait for something outside
    Time now_;
    std::uint64_t steps_;
    std::uint64_t switches_;
    std::uint64_t choices_;
    std::uint64_t fingerprint_;
    int without_effect_;  // steps since anything changed
    int fair_steps_;      // steps for which the policy is not asked
    Random random_;
    Options options_;
    Policy* policy_;
    alignas(16) char policy_storage_[policy_size];
    Channel* channel_;
    std::uint32_t decision_position_;
    bool repeat_;
    bool detailed_;
    bool recording_;  // detailed, and there is something to record still
    const Thread* last_words_of_;
    bool own_process_;
    int over_;  // futex: the schedule has ended
    bool abandoned_;
};

/// The exit status of a process whose schedule failed.
inline constexpr int failed_schedule = 42;

/// The thread that runs, if it is a thread of the program under test; else null.
extern thread_local Thread* current_thread __attribute__((tls_model("initial-exec")));

/// Above zero while the thread runs code of the simulation itself, which is not to be controlled.
extern thread_local int in_simulation __attribute__((tls_model("initial-exec")));

/// The calling thread, if its calls are to be controlled here and now; else null.
inline Thread* controlled() {
    return in_simulation == 0 ? current_thread : nullptr;
}

/// Marks a stretch of the simulation's own code.
class SimulationScope {
  public:
    SimulationScope() { ++in_simulation; }
    ~SimulationScope() { --in_simulation; }
    SimulationScope(const SimulationScope&) = delete;
    SimulationScope& operator=(const SimulationScope&) = delete;
};

inline Scheduler& scheduler() {
    return Scheduler::instance();
}

}  // namespace course::simulation
