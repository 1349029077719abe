// Contract of lab 20: which way is the fastest for which work? First measure, then predict, then choose.
//
//     samples ─▶ needs ─▶ Work ─▶ predict, for each way ─▶ choose
//                                                            │
//                    what was measured: Measured ─▶ regret, refute
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace lab {

using std::chrono::microseconds;
/// Time with fractions.
using Seconds = std::chrono::duration<double>;

// --- 20.1 What a task needs --------------------------------------------------------------------

/// One run of one task.
struct Sample {
    /// On the clock.
    microseconds wall;
    /// On a processor.
    microseconds cpu;
};

/// What a task needs.
struct Needs {
    /// Time on a processor.
    microseconds cpu;
    /// Time in which it needs nobody.
    microseconds wait;
    /// Whether both are the same.
    bool operator==(const Needs&) const = default;
};

/// 20.1 What a task needs, from \p samples of it.
///
/// A run has waited while it was not on a processor; clocks are coarse, so a run can show more `cpu` than `wall`: then it has not
/// waited. One run in which the machine did something else must not change the result: each of the two is
/// the median, of an even number the smaller one of the two in the middle.
/// \throws std::invalid_argument  if there is no sample.
/// \thread_safety  any thread; so are all functions here.
Needs needs(const std::vector<Sample>& samples);

/// 20.1 Which part of a task's time it waits: 0 never, 1 all the time. A task that takes no time does not
/// wait.
double blocking_share(const Needs& needs);

// --- 20.2 How long it will take ----------------------------------------------------------------

/// Many tasks of one kind. Each waits, then computes, then gives back its result.
struct Work {
    /// How many; at least one.
    int tasks = 1;
    /// What each computes.
    microseconds cpu{0};
    /// How long each waits before that.
    microseconds wait{0};
    /// Whether the wait can be awaited: a timer, a socket. If not, it is a call that blocks its thread.
    bool awaitable = false;
    /// Size of each result, in bytes.
    std::size_t bytes = 8;
    /// How many processors there are.
    int cores = 1;
    /// Whether a task may crash. It must not take others with it, not even those of its message.
    bool may_crash = false;
};

/// A way to do it.
enum class Way {
    serial,           ///< one after the other
    thread_per_task,  ///< a thread for each task, all at once
    threads,          ///< a pool with a thread for each processor
    many_threads,     ///< a pool of 64 threads
    processes,        ///< a pool with a worker process for each processor, a message for each task
    processes_in_chunks,  ///< the same, a message for 64 tasks
    coroutines,           ///< a coroutine for each task, all on one thread
    threads_in_processes,  ///< a worker process for each processor, 32 threads in each; a message for 64 tasks
};

/// All of them, in this order.
inline constexpr std::array ways{
    Way::serial,    Way::thread_per_task,     Way::threads,    Way::many_threads,
    Way::processes, Way::processes_in_chunks, Way::coroutines, Way::threads_in_processes};

/// What each step takes on a machine.
struct Costs {
    /// A thread, from start to join.
    Seconds thread;
    /// To hand a task to a pool of threads.
    Seconds hand_over;
    /// A worker process, from start to end.
    Seconds process;
    /// A message to a worker and its answer.
    Seconds message;
    /// A byte of a result, from another process.
    Seconds byte;
    /// A coroutine, from start to end.
    Seconds coroutine;
    /// More threads than this can't be had.
    int most_threads;
};

/// 20.2 How long \p work will take in that way: nothing if it can't be done in that way.
///
/// The model (the handout has the table): each way has `lanes`, which is how many tasks can be on their way at once, and a number of
/// processors that it can use. The longer one of two times counts: that of the processors, `tasks * cpu / processors`,
/// and that of a lane, which has `tasks / lanes` tasks, rounded up, and takes `wait + cpu` for each. To that
/// comes what the way itself costs.
std::optional<Seconds> predict(const Work& work, Way way, const Costs& costs);

// --- 20.3 Which one? ---------------------------------------------------------------------------

/// 20.3 The way for \p work on a machine with these \p costs.
///
/// It is graded by its *regret* on work that was measured, and that you have not seen: the time of your choice over that
/// of the best. Near ties cost next to nothing. Work that may crash leaves you one way only.
Way choose(const Work& work, const Costs& costs);

// --- 20.4 When is a rule wrong? ----------------------------------------------------------------

/// Work, and how long it took in each way.
struct Measured {
    /// What was done.
    Work work;
    /// For each of `ways`, in their order; nothing if it could not be done in that way.
    std::array<std::optional<Seconds>, ways.size()> took;
};

/// What somebody says one should take; nothing if he does not say anything about such work.
using Rule = std::function<std::optional<Way>(const Work&)>;

/// 20.4 The regret of \p way: the time that it took over that of the best; infinite if it could not be done in that way.
/// \throws std::invalid_argument  if nothing could be done at all.
double regret(const Measured& measured, Way way);

/// 20.4 The geometric mean of the regrets of \p rule where it says something; 1 if it says nothing at all.
double mean_regret(const Rule& rule, const std::vector<Measured>& table);

/// Where a rule is wrong.
struct Refutation {
    /// The row of the table.
    std::size_t row;
    /// What would have been right.
    Way best;
    /// How much longer the rule's way took.
    double regret;
};

/// 20.4 Where \p rule loses most; the first row of several. Nothing if it never loses more than a tenth: a near tie refutes nobody.
std::optional<Refutation> refute(const Rule& rule, const std::vector<Measured>& table);

}  // namespace lab
