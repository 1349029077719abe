// Mistake: The calls use the function of map by reference, and begin when map has returned.
// Loses:   06.6
// Hint:    map has returned, and the calls begin. Where is the function that they call?
#include "futures.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>

namespace lab {

namespace {

class Mailbox;

}  // namespace

struct Future::State {
    std::mutex mutex;  // guards all of this; is taken before a Mailbox's
    std::condition_variable is_done;
    Status status = Status::pending;
    int value = 0;
    std::exception_ptr error;
    std::vector<Callback> callbacks;
    std::vector<Mailbox*> mailboxes;
};

namespace {

/// Where several futures announce that they are done, for one who waits for them.
///
///     future A ──┐
///     future B ──┼─ post ──▶ arrived_, in the order of completion ──▶ next, wait
///     future C ──┘
class Mailbox {
  public:
    explicit Mailbox(std::vector<Future> futures) : futures_(std::move(futures)) {
        for (const Future& future : futures_) {
            const std::lock_guard lock(future.state().mutex);
            if (future.state().status >= Status::finished)
                post(future);
            else
                future.state().mailboxes.push_back(this);
        }
    }
    /// From here on no future knows this mailbox: it posts with its mutex held.
    ~Mailbox() {
        for (const Future& future : futures_) {
            const std::lock_guard lock(future.state().mutex);
            auto& known = future.state().mailboxes;
            known.erase(std::remove(known.begin(), known.end(), this), known.end());
        }
    }
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Called with the mutex of the future's state held.
    void post(const Future& future) {
        const std::lock_guard lock(mutex_);
        arrived_.push_back(future);
        failed_ = failed_ || future.state().error;
        arrived_changed_.notify_one();
    }

    /// The one that arrived next, for as_completed.
    std::optional<Future> next() {
        if (taken_ == futures_.size())
            return std::nullopt;
        std::unique_lock lock(mutex_);
        arrived_changed_.wait(lock, [this] { return taken_ < arrived_.size(); });
        return arrived_[taken_++];
    }

    void wait(ReturnWhen return_when, std::optional<std::chrono::milliseconds> timeout) {
        std::unique_lock lock(mutex_);
        const auto enough = [&] {
            return arrived_.size() == futures_.size() ||
                   (return_when == ReturnWhen::first_completed && !arrived_.empty()) ||
                   (return_when == ReturnWhen::first_exception && failed_);
        };
        if (timeout)
            arrived_changed_.wait_for(lock, *timeout, enough);
        else
            arrived_changed_.wait(lock, enough);
    }

  private:
    const std::vector<Future> futures_;
    std::size_t taken_ = 0;  // the waiter's own
    std::mutex mutex_;       // guards arrived_ and failed_
    std::condition_variable arrived_changed_;
    std::vector<Future> arrived_;
    bool failed_ = false;
};

void call_back(const Future::Callback& callback, const Future& future) {
    try {
        callback(future);
    } catch (...) {  // nobody could do anything about it, and the next callback is owed its call
    }
}

/// The call is \p from: make it \p to, which is done, and tell everybody. False if it is not \p from.
bool end(const Future& future, Status from, Status to, int value, std::exception_ptr error) {
    Future::State& state = future.state();
    std::vector<Future::Callback> callbacks;
    {
        const std::lock_guard lock(state.mutex);
        if (state.status != from)
            return false;
        state.status = to;
        state.value = value;
        state.error = std::move(error);
        callbacks.swap(state.callbacks);
        for (Mailbox* mailbox : state.mailboxes)
            mailbox->post(future);
        state.mailboxes.clear();
    }
    state.is_done.notify_all();
    for (const auto& callback : callbacks)  // without the lock: they may use the future
        call_back(callback, future);
    return true;
}

/// What an executor runs for the call.
void run(const Future& future, const std::function<int()>& function) {
    {
        // To look and to begin is one step: after it, `cancel` comes too late.
        const std::lock_guard lock(future.state().mutex);
        if (future.state().status != Status::pending)
            return;
        future.state().status = Status::running;
    }
    int value = 0;
    std::exception_ptr error;
    try {
        value = function();
    } catch (...) {
        error = std::current_exception();
    }
    end(future, Status::running, Status::finished, value, std::move(error));
}

}  // namespace

Status Future::status() const {
    const std::lock_guard lock(state_->mutex);
    return state_->status;
}

int Future::get() const {
    std::unique_lock lock(state_->mutex);
    state_->is_done.wait(lock, [this] { return state_->status >= Status::finished; });
    if (state_->status == Status::cancelled)
        throw CancelledError();
    if (state_->error)
        std::rethrow_exception(state_->error);
    return state_->value;
}

Future submit(Executor& executor, std::function<int()> function) {
    const Future future(std::make_shared<Future::State>());
    executor.execute([future, function = std::move(function)] { run(future, function); });
    return future;
}

void Future::add_done_callback(Callback callback) {
    {
        // To look and to add is one step: the call can't become done in between.
        const std::lock_guard lock(state_->mutex);
        if (state_->status < Status::finished) {
            state_->callbacks.push_back(std::move(callback));
            return;
        }
    }
    call_back(callback, *this);
}

bool Future::cancel() {
    return end(*this, Status::pending, Status::cancelled, 0, nullptr) ||
           status() == Status::cancelled;
}

DoneAndNotDone wait(const std::vector<Future>& futures, ReturnWhen return_when,
                    std::optional<std::chrono::milliseconds> timeout) {
    Mailbox(futures).wait(return_when, timeout);
    DoneAndNotDone parts;
    for (const Future& future : futures)
        (future.done() ? parts.done : parts.not_done).push_back(future);
    return parts;
}

Stream<Future> as_completed(std::vector<Future> futures) {
    const auto mailbox = std::make_shared<Mailbox>(std::move(futures));
    return Stream<Future>([mailbox] { return mailbox->next(); });
}

Stream<int> map(Executor& executor, std::function<int(int)> function,
                const std::vector<int>& arguments) {
    std::vector<Future> futures;
    for (const int argument : arguments)
        futures.push_back(submit(executor, [&function, argument] { return function(argument); }));
    std::size_t next = 0;
    return Stream<int>([futures, next]() mutable -> std::optional<int> {
        if (next == futures.size())
            return std::nullopt;
        return futures[next++].get();  // what the call threw is thrown here
    });
}

}  // namespace lab
