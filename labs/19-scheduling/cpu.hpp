// Given: the simulated CPU that asks a policy who is next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "scheduling.hpp"

namespace lab {

/// What a task does next.
struct Step {
    /// What it is.
    enum class Kind { compute, wait, lock, unlock };
    /// What it is.
    Kind kind;
    /// Ticks to compute or to wait; the number of the lock.
    int amount;
};

/// Compute for \p ticks.
inline Step compute(Ticks ticks) {
    return {Step::Kind::compute, ticks};
}
/// Wait for \p ticks: for a disk, or a key that is pressed.
inline Step wait(Ticks ticks) {
    return {Step::Kind::wait, ticks};
}
/// Take lock \p number, as soon as it is free. Takes no time of its own.
inline Step lock(int number = 0) {
    return {Step::Kind::lock, number};
}
/// Give lock \p number up. Takes no time of its own.
inline Step unlock(int number = 0) {
    return {Step::Kind::unlock, number};
}

/// Something to do.
struct Task {
    /// How people call it; a chart shows the first letter.
    std::string name;
    /// More is better.
    int priority = 0;
    /// When it is there.
    Ticks arrival = 0;
    /// What it does, one after the other. At least one tick is computed before anything else ends it.
    std::vector<Step> steps;
};

/// A CPU with one core that does \p tasks as \p policy decides.
///
/// \thread_safety  one thread at a time.
class Cpu {
  public:
    /// \p policy must live as long as this.
    Cpu(std::vector<Task> tasks, Policy& policy) : tasks_(std::move(tasks)), policy_(policy) {
        for (const Task& task : tasks_)
            states_.push_back({task.steps, {}, task.arrival});
    }

    /// Do all tasks.
    /// \return  who computed when.
    /// \throws std::logic_error  if the policy chooses who is not ready, or nobody while somebody is; or if
    ///                           after \p most ticks there is still something to do.
    Record run(Ticks most = 1'000) {
        Record record;
        wake(0);
        while (!all_ended()) {
            if (record.size() == static_cast<std::size_t>(most))
                throw std::logic_error("after " + std::to_string(most) +
                                       " ticks there is still something to do");
            const auto chosen = choose(record.size());
            record.push_back(chosen);
            const auto now = static_cast<Ticks>(record.size());
            wake(now);
            if (chosen)
                tick(*chosen, now);
        }
        return record;
    }

  private:
    enum class Now { waits, ready, wants_lock, ended };
    /// \cond
    struct State {
        std::vector<Step> left;  // from the front
        Now now = Now::waits;
        Ticks until = 0;  // while it waits
    };
    /// \endcond

    bool all_ended() const {
        return std::all_of(states_.begin(), states_.end(),
                           [](const State& state) { return state.now == Now::ended; });
    }

    void make_ready(TaskId task) {
        states_[task].now = Now::ready;
        policy_.ready(task, tasks_[task].priority);
    }

    void wake(Ticks now) {
        for (TaskId task = 0; task < states_.size(); ++task)
            if (states_[task].now == Now::waits && states_[task].until == now)
                make_ready(task);
    }

    /// Who computes in the next tick; takes the locks that it wants before that.
    std::optional<TaskId> choose(std::size_t tick) {
        for (;;) {
            const std::string when = " (tick " + std::to_string(tick) + ")";
            const std::optional<TaskId> chosen = policy_.next();
            if (!chosen) {
                for (TaskId task = 0; task < states_.size(); ++task)
                    if (states_[task].now == Now::ready)
                        throw std::logic_error("nobody was chosen, although " + tasks_[task].name +
                                               " is ready" + when);
                return std::nullopt;
            }
            if (*chosen >= states_.size())
                throw std::logic_error("there is no task " + std::to_string(*chosen) + when);
            State& state = states_[*chosen];
            if (state.now != Now::ready)
                throw std::logic_error(tasks_[*chosen].name + " was chosen, but is not ready" +
                                       when);
            if (takes_locks(*chosen))
                return chosen;
        }
    }

    bool takes_locks(TaskId task) {
        State& state = states_[task];
        while (!state.left.empty() && state.left.front().kind == Step::Kind::lock) {
            const int number = state.left.front().amount;
            const auto [holder, free] = holder_of_.try_emplace(number, task);
            if (!free && holder->second != task) {
                state.now = Now::wants_lock;
                waiters_of_[number].push_back(task);
                policy_.gone();
                policy_.waits_for(task, holder->second);
                return false;
            }
            state.left.erase(state.left.begin());
        }
        return true;
    }

    void tick(TaskId task, Ticks now) {
        State& state = states_[task];
        policy_.computed();
        if (--state.left.front().amount > 0)
            return;
        state.left.erase(state.left.begin());
        while (!state.left.empty() && state.left.front().kind == Step::Kind::unlock) {
            give_up(state.left.front().amount);
            state.left.erase(state.left.begin());
        }
        if (state.left.empty()) {
            state.now = Now::ended;
            policy_.gone();
        } else if (state.left.front().kind == Step::Kind::wait) {
            state.now = Now::waits;
            state.until = now + state.left.front().amount;
            state.left.erase(state.left.begin());
            policy_.gone();
        }
    }

    /// The waiter with the highest priority gets the lock, among equals who has waited longest.
    void give_up(int number) {
        holder_of_.erase(number);
        auto& waiters = waiters_of_[number];
        if (waiters.empty())
            return;
        const auto next =
            std::max_element(waiters.begin(), waiters.end(), [this](TaskId one, TaskId other) {
                return tasks_[one].priority < tasks_[other].priority;
            });
        const TaskId holder = *next;
        waiters.erase(next);
        holder_of_[number] = holder;
        make_ready(holder);
        for (const TaskId waiter : waiters)
            policy_.waits_for(waiter, holder);
    }

    std::vector<Task> tasks_;
    Policy& policy_;
    std::vector<State> states_;
    std::map<int, TaskId> holder_of_;
    std::map<int, std::vector<TaskId>> waiters_of_;
};

/// A letter for each tick, the first one of who computed; a dot where nobody did.
inline std::string chart(const std::vector<Task>& tasks, const Record& record) {
    std::string letters;
    for (const auto& task : record)
        letters += task ? tasks.at(*task).name.substr(0, 1) : ".";
    return letters;
}

}  // namespace lab
