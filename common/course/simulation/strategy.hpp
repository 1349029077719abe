// Who runs next: the strategies that walk through the schedules of a program.
//
// No strategy is best for all bugs, so the default mixes the three random ones:
//   random   finds what needs many switches; a bug of depth d in n steps with chance about 1/n^d
//   POS      random priorities per operation, redrawn for operations that conflict: samples orders
//            of conflicting operations more evenly than the random walk
//   PCT      random priorities per thread and d-1 places where the running thread drops to the
//            lowest: the strategy that starves threads, and that has a guaranteed chance
//   bounded  every schedule with at most `bound` preemptions, those near the plain order first: no
//            luck needed, and if it gets through, a proof within the bound
//
// How the bounded search goes on. At each decision the threads that could run stand in a row, first
// the one that the plain order takes. A schedule is the row of its choices; its distance from the
// plain order is their sum. Most bugs need few decisions to be out of the ordinary, wherever these
// are, so the search goes in rounds: distance 0, 1, 2, ... Each schedule comes from one parent that
// is nearer by one, and is run once:
//
//     0 0 0 0          the plain order has four decisions
//     1 0 0            its children differ in one of them; what follows is new land, in which the
//     0 1 0 0 0        plain order is followed
//     2 0 0 0          children of `1 0 0`: one choice further at its last decision out of the
//     1 1 0            ordinary, or the first such choice at a later decision
#pragma once

#include <cstdint>
#include <string>

#include "channel.hpp"
#include "operation.hpp"
#include "random.hpp"
#include "simulate.hpp"

namespace course::simulation {

/// What a strategy may know about a thread that could run.
struct Candidate {
    int thread;
    const void* object;  // of its next operation
    bool writes;         // whether that operation can change the object
};

/// The candidates of one step, in the order of their numbers.
struct Candidates {
    const Candidate* begin;
    int count;
    int current;        // the thread that ran last
    int current_index;  // where it is among the candidates, or -1 if it can't or shall not go on
    bool yielding;      // the current thread gave its turn away
    bool in_circles;    // it has done so again and again
};

/// A strategy for one schedule. Passive: the scheduler asks.
class Policy {
  public:
    virtual ~Policy() = default;

    /// The index of the candidate that runs next. Called only if there are at least two.
    virtual int pick(const Candidates& candidates) = 0;

    /// One of \p count equal things, such as the waiters that a notify can wake.
    virtual int choose(int count) {
        return static_cast<int>(random_.below(static_cast<std::uint64_t>(count)));
    }

    /// Whether something of that probability happens at this step.
    virtual bool chance(double probability) { return random_.chance(probability); }

    /// A pick that starves nobody, for when the threads have gone in circles.
    virtual int pick_fairly(const Candidates& candidates);

    /// A thread was created.
    virtual void started(int /*thread*/) {}

  protected:
    explicit Policy(std::uint64_t seed) : random_(seed) {}

    Random random_;
};

/// Enough room for any policy: a schedule must not allocate.
inline constexpr int policy_size = 512 + max_threads * 8;

/// Construct the policy that \p options and \p seed call for in \p storage.
///
/// \param channel  holds the bounded search's path and the length that PCT expects.
Policy* make_policy(void* storage, const Options& options, std::uint64_t seed, Channel& channel);

/// The strategy that the mix takes for that seed.
Strategy strategy_of(const Options& options, std::uint64_t seed);

/// Lay down the first path of a bounded search: the plain order.
void begin_search(SearchPath& path, SearchTree& tree);

/// Note how the schedule of \p path went, and lay down the next path; false if there is none.
bool next_path(SearchPath& path, SearchTree& tree);

/// The path's choices out of the ordinary as text, and back: "12:1,30:2" is the first other choice at
/// decision 12 and the second other one at decision 30, "0" is the plain order.
std::string path_name(const SearchPath& path);
void follow_path(SearchPath& path, const std::string& name);

}  // namespace course::simulation
