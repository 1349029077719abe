// Your work in lab 19: two measures, and three policies.
#include "scheduling.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <stdexcept>

namespace lab {

Measures measure(const Record& record, TaskId task, Ticks arrival) {
    const auto first = std::find(record.begin(), record.end(), task);
    if (first == record.end())
        throw std::invalid_argument("this task has never computed");
    const auto last = std::find(record.rbegin(), record.rend(), task);
    return {static_cast<Ticks>(last.base() - record.begin()) - arrival,
            static_cast<Ticks>(first - record.begin()) - arrival};
}

int switches(const Record& record) {
    int count = 0;
    std::optional<TaskId> last;
    for (const auto& task : record) {
        if (!task)
            continue;
        count += last && *last != *task ? 1 : 0;
        last = task;
    }
    return count;
}

namespace {

class RoundRobin final : public Policy {
  public:
    explicit RoundRobin(Ticks quantum) : quantum_(quantum) {
        if (quantum < 1)
            throw std::invalid_argument("a quantum has at least one tick");
    }

    //! [round robin]
    void ready(TaskId task, int /*priority*/) override { queue_.push_back(task); }
    void computed() override { ++used_; }
    void gone() override { queue_.pop_front(), used_ = 0; }
    std::optional<TaskId> next() override {
        if (used_ == quantum_) {  // not in `computed`: it may be gone after that
            queue_.push_back(queue_.front());
            gone();
        }
        return queue_.empty() ? std::nullopt : std::optional(queue_.front());
    }
    //! [round robin]
    void waits_for(TaskId /*waiter*/, TaskId /*holder*/) override {}

  private:
    Ticks quantum_;
    Ticks used_ = 0;
    std::deque<TaskId> queue_;
};

class Fifo final : public Policy {
  public:
    void ready(TaskId task, int priority) override {
        holder_of_what_it_wants_.erase(task);
        priorities_[task] = priority;
        queue_.push_back(task);
    }
    void computed() override {}
    void gone() override {
        queue_.remove(*running_);
        running_.reset();
    }
    void waits_for(TaskId waiter, TaskId holder) override {
        holder_of_what_it_wants_[waiter] = holder;
    }
    std::optional<TaskId> next() override {
        for (const TaskId task : queue_)  // who has been ready longest stands first
            if (!running_ || priority(task) > priority(*running_))
                running_ = task;
        return running_;
    }

  private:
    //! [fifo]
    /// Its own, or the highest one of those who wait for it: each has its own, or ...
    int priority(TaskId task) const {
        int highest = priorities_.at(task);
        for (const auto& [waiter, holder] : holder_of_what_it_wants_)
            if (holder == task)
                highest = std::max(highest, priority(waiter));
        return highest;
    }
    //! [fifo]

    std::list<TaskId> queue_;
    std::map<TaskId, int> priorities_;
    std::map<TaskId, TaskId> holder_of_what_it_wants_;
    std::optional<TaskId> running_;
};

class TimeSharing final : public Policy {
  public:
    TimeSharing(Ticks quantum, Ticks patience) : quantum_(quantum), patience_(patience) {
        if (quantum < 1 || patience < 1)
            throw std::invalid_argument("quantum and patience have at least one tick");
    }

    void ready(TaskId task, int priority) override { queue_.push_back({task, priority}); }
    void computed() override {
        for (Entry& entry : queue_)
            ++entry.waited;
        running_->waited = 0;
        ++running_->used;
    }
    std::optional<TaskId> next() override {
        //! [falls]
        if (running_ != queue_.end() && running_->used == quantum_) {
            running_->used = 0;
            running_->level = std::max(running_->level - 1, 0);
            queue_.splice(queue_.end(), queue_, running_);
            running_ = queue_.end();  // its turn is over: it is one among others
        }
        //! [falls]
        for (auto entry = queue_.begin(); entry != queue_.end(); ++entry)
            if (running_ == queue_.end() || rank(*entry) > rank(*running_))
                running_ = entry;
        return running_ == queue_.end() ? std::nullopt : std::optional(running_->task);
    }
    void gone() override {
        queue_.erase(running_);
        running_ = queue_.end();
    }
    void waits_for(TaskId /*waiter*/, TaskId /*holder*/) override {}

  private:
    struct Entry {
        TaskId task;
        int level;
        Ticks used = 0;    // of its quantum
        Ticks waited = 0;  // since it became ready or last computed
    };

    int rank(const Entry& entry) const { return entry.level + entry.waited / patience_; }

    Ticks quantum_;
    Ticks patience_;
    std::list<Entry> queue_;
    std::list<Entry>::iterator running_ = queue_.end();
};

}  // namespace

std::unique_ptr<Policy> round_robin(Ticks quantum) {
    return std::make_unique<RoundRobin>(quantum);
}

std::unique_ptr<Policy> fifo() {
    return std::make_unique<Fifo>();
}

std::unique_ptr<Policy> time_sharing(Ticks quantum, Ticks patience) {
    return std::make_unique<TimeSharing>(quantum, patience);
}

}  // namespace lab
