// Lab 19: who gets the CPU next? Three policies, and what they cost those who wait.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace lab {

/// Time on the simulated CPU. Nothing happens within a tick, everything between two.
using Ticks = int;

/// A task: its place in the list that the CPU was given.
using TaskId = std::size_t;

/// Who computed in each tick; nothing where the CPU had nobody to run.
using Record = std::vector<std::optional<TaskId>>;

/// How one task fared.
struct Measures {
    /// From its arrival until its last tick was over.
    Ticks turnaround = 0;
    /// From its arrival until its first tick began.
    Ticks response = 0;
};

/// 19.1 How \p task fared in \p record, if it arrived at \p arrival.
/// \throws std::invalid_argument  if it never computed.
/// \thread_safety  any thread.
/// \source  Silberschatz et al., "Operating System Concepts": scheduling criteria.
Measures measure(const Record& record, TaskId task, Ticks arrival);

/// 19.1 How often the CPU went from one task to another. To be idle in between makes no difference: a
/// task that goes on after a pause has not been switched.
/// \thread_safety  any thread.
int switches(const Record& record);

/// A policy decides who is to compute. The CPU tells it what has happened in a tick, in this order: who has
/// become ready, that the running task has computed, whom it has woken, that it is gone. Then it asks: who
/// is next?
///
/// \thread_safety  one thread at a time.
class Policy {
  public:
    virtual ~Policy() = default;
    /// \p task is ready: it has arrived, or what it has waited for is there. More is better: of two
    /// priorities the greater one is the higher one.
    virtual void ready(TaskId task, int priority) = 0;
    /// The task that `next` has chosen has computed for a tick.
    virtual void computed() = 0;
    /// The task that `next` has chosen is not ready any more: it waits, or has ended. That may well be in the very
    /// tick in which its quantum is over.
    virtual void gone() = 0;
    /// \p waiter, which is gone, waits for a lock that \p holder has. Is told again when the lock
    /// gets another holder. Ends when \p waiter is ready. Policies may ignore it.
    virtual void waits_for(TaskId waiter, TaskId holder) = 0;
    /// Whose tick the next one is: one of those that are ready, nobody only if none is.
    virtual std::optional<TaskId> next() = 0;
};

/// 19.2 Round robin. Priorities and locks make no difference.
///
/// All that are ready stand in a queue, a newcomer behind all others. The first one computes until its
/// quantum is over, then goes behind all others, also behind who has become ready just then; or until it is
/// gone. Every turn has a whole quantum.
/// \param quantum  so many ticks.
/// \throws std::invalid_argument  if \p quantum is not at least 1.
/// \source  POSIX, SCHED_RR.
std::unique_ptr<Policy> round_robin(Ticks quantum);

/// 19.3 First in, first out, unless somebody has a higher priority.
///
/// The running task goes on until it is gone or somebody with a higher priority is ready. Then comes the
/// highest priority; among equals, who has been ready longest. Who had to make room has been ready all
/// the time.
///
/// Who holds a lock has at least the priority of everybody who waits for it, and of everybody who waits
/// for a lock that one of these holds, and so on. When the lock is given up, that is over.
/// \source  POSIX, SCHED_FIFO and PTHREAD_PRIO_INHERIT.
std::unique_ptr<Policy> fifo();

/// 19.4 Time sharing: who has computed much comes after those who have not.
///
/// Each ready task has a level, at first its priority, and again whenever it becomes ready. Its rank is the level,
/// and one more for each \p patience ticks that others have computed since it became ready or last
/// computed. The running task goes on until it is gone, its quantum is over, or somebody has a
/// higher rank. Then comes the highest rank; among equals, who stands first in the queue, where newcomers
/// come last.
///
/// When its quantum is over, a task falls by one level, not below 0, and goes to the end of the queue, with a
/// new quantum. Who had to make room keeps its place and the rest of its quantum. Locks make no difference.
/// \param quantum   so many ticks.
/// \param patience  so many ticks.
/// \throws std::invalid_argument  if one of them is not at least 1.
/// \source  Corbató et al., "An Experimental Time-Sharing System" (1962): multilevel feedback queue.
std::unique_ptr<Policy> time_sharing(Ticks quantum, Ticks patience);

}  // namespace lab
