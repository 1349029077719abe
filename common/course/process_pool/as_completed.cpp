// Waiting for many tasks with one counting waiter.
#include <algorithm>

#include <course/process_pool/as_completed.hpp>

namespace course::pool {

namespace {

bool is_exception(const Task& task) {
    return task.outcome.load(std::memory_order_acquire) != Outcome::value;
}

}  // namespace

ManyHooks::ManyHooks(const std::vector<Task*>& tasks, ReturnWhen when)
    : tasks_(tasks), hooks_(tasks.size()), when_(when), waiter_(tasks.size()) {
    if (when == ReturnWhen::first_completed && !tasks.empty())
        waiter_.remaining = 1;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
        hooks_[i].all = this;
        if (!tasks_[i]->engine->add_hook(*tasks_[i], hooks_[i]))
            tasks_[i]->engine->locked([&] { hooks_[i].completed(*tasks_[i]); });
    }
}

ManyHooks::~ManyHooks() {
    if (waiter_.remaining > 0 || when_ != ReturnWhen::all_completed)
        for (std::size_t i = 0; i < tasks_.size(); ++i)
            tasks_[i]->engine->remove_hook(*tasks_[i], hooks_[i]);
}

bool ManyHooks::wait(std::optional<Clock::time_point> deadline) {
    return tasks_.empty() || tasks_.front()->engine->wait(waiter_, deadline);
}

void ManyHooks::One::completed(Task& task) noexcept {
    if (all->when_ == ReturnWhen::first_exception && is_exception(task) &&
        all->waiter_.remaining > 0)
        all->waiter_.remaining = 1;
    all->waiter_.count();
}

CompletionQueue::CompletionQueue(const std::vector<TaskPtr>& tasks)
    : tasks_(tasks), hooks_(tasks.size()) {
    done_.reserve(tasks_.size());
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
        hooks_[i].queue = this;
        hooks_[i].index = i;
        if (!tasks_[i]->engine->add_hook(*tasks_[i], hooks_[i]))
            add(i);
    }
}

CompletionQueue::~CompletionQueue() {
    for (std::size_t i = 0; i < tasks_.size(); ++i)
        tasks_[i]->engine->remove_hook(*tasks_[i], hooks_[i]);
}

std::optional<std::size_t> CompletionQueue::next() {
    if (given_ == tasks_.size())
        return {};
    std::unique_lock lock(mutex_);
    if (given_ == done_.size()) {
        Waiter waiter(1);
        waiter_ = &waiter;
        lock.unlock();
        tasks_.front()->engine->wait(waiter);
        lock.lock();
    }
    return done_[given_++];
}

void CompletionQueue::One::completed(Task&) noexcept {
    queue->add(index);
}

void CompletionQueue::add(std::size_t index) noexcept {
    const std::lock_guard lock(mutex_);
    done_.push_back(index);
    if (waiter_)
        std::exchange(waiter_, nullptr)->count();
}

}  // namespace course::pool
