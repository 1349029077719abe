// Engine: what users call.
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>

#include <course/process_pool/engine.hpp>
#include <course/process_pool/pause.hpp>

namespace course::pool {

std::string Task::label(std::uint64_t index) const {
    return is_chunk ? "item " + std::to_string(number + index) + " of a map"
                    : "task " + std::to_string(number);
}

Engine::Engine(PoolOptions options, std::shared_ptr<ServerProcess> server)
    : options_(std::move(options)),
      server_(std::move(server)),
      control_(server_->connect()),
      epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      poke_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      slots_(options_.max_workers != 0 ? options_.max_workers : usable_processors()) {
    watch(control_.get(), control_event);
    watch(poke_.get(), poke_event);
}

Engine::~Engine() = default;

void Engine::watch(int descriptor, std::uint64_t data) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = data;
    checked(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

void Engine::start(bool driven) {
    Lock lock(mutex_);
    for (auto& slot : slots_)
        spawn(slot);
    if (!driven)
        keeper_ = std::thread([this] { keep(); });
}

void Engine::submit(const TaskPtr& task) {
    Lock lock(mutex_);
    if (broken_)
        std::rethrow_exception(broken_);
    if (!accepting_)
        throw std::logic_error("a task was submitted to a process pool after its shutdown");
    if (!task->is_chunk)
        task->number = submitted_++;
    ++outstanding_, ++queued_;
    queue_.push_back(task);
    if (queued_ == 1 || hooked_ == 0) {
        // All windows are full: perhaps something has come back meanwhile. With callbacks about, that is
        // left to others: the caller does not expect them in here.
        if (queued_ > 1) {
            for (auto& slot : slots_)
                read_results(slot);
            if (submitted_ % 64 == 0)
                led_ = Clock::now();  // the keeper is not needed for now
        }
        give_out();
    }
    tell_driver();
}

bool Engine::cancel(Task& task) {
    Lock lock(mutex_);
    if (task.done())
        return task.outcome == Outcome::cancelled;
    TaskPtr owned(&task);
    if (task.slot != Task::nowhere && !take_back(slots_[task.slot], task.sequence))
        return false;
    if (task.slot == Task::nowhere)
        --queued_;  // it stays in queue_, where it is skipped
    fail(owned, std::make_exception_ptr(CancelledError()), Outcome::cancelled);
    give_out();
    end_if_done();
    run_callbacks(lock);
    return true;
}

bool Engine::running(Task& task) {
    const Lock lock(mutex_);
    if (task.done() || task.slot == Task::nowhere)
        return false;
    const auto& page = slots_[task.slot].channel->page();
    return (page.claims[task.sequence % window].load() & 3) == claimed;
}

bool Engine::add_hook(Task& task, Hook& hook) {
    const Lock lock(mutex_);
    if (task.done())
        return false;
    hook.next = std::exchange(task.hooks, &hook);
    return true;
}

void Engine::remove_hook(Task& task, Hook& hook) {
    const Lock lock(mutex_);
    for (Hook** link = &task.hooks; *link; link = &(*link)->next)
        if (*link == &hook) {
            *link = hook.next;
            return;
        }
}

void Engine::add_callback(const TaskPtr& task, std::unique_ptr<Callback> callback) {
    Lock lock(mutex_);
    if (task->done()) {
        callbacks_due_.emplace_back(task, std::move(callback));
        run_callbacks(lock);
        return;
    }
    if (!task->callbacks)
        ++hooked_;
    auto* link = &task->callbacks;
    while (*link)
        link = &(*link)->next;
    *link = std::move(callback);
    if (hooked_ == 1)
        arm_again();
}

void Engine::run_callbacks(Lock& lock) {
    while (!callbacks_due_.empty()) {
        const auto due = std::exchange(callbacks_due_, {});
        lock.unlock();
        for (const auto& [task, callback] : due)
            try {
                callback->run(*task);
            } catch (const std::exception& error) {
                std::fprintf(stderr, "process pool: a callback threw: %s\n", error.what());
            } catch (...) {
                std::fputs("process pool: a callback threw\n", stderr);
            }
        lock.lock();
    }
}

void Engine::shutdown(bool wait_for_it, bool cancel_pending) {
    Lock lock(mutex_);
    if (keeper_.get_id() == std::this_thread::get_id() && wait_for_it)
        throw std::logic_error("a callback can't wait for the shutdown of its process pool");
    accepting_ = false;
    if (cancel_pending) {
        for (auto& slot : slots_)
            for (std::uint32_t sequence = slot.oldest; sequence != slot.next; ++sequence)
                requeue(slot, sequence);
        for (const TaskPtr& task : std::exchange(queue_, {}))
            if (!task->done())
                fail(task, std::make_exception_ptr(CancelledError()), Outcome::cancelled);
        queued_ = 0;
    }
    end_if_done();
    run_callbacks(lock);
    tell_driver();
    if (!wait_for_it)
        return;
    if (alive_ > 0) {
        Waiter waiter(1);
        all_ended_.push_back(&waiter);
        lock.unlock();
        wait(waiter);
        lock.lock();
    }
    if (std::exchange(ended_, true))
        return;
    ending_ = true;
    keeper_wakes_.notify_one();
    poke();
    lock.unlock();
    if (keeper_.joinable())
        keeper_.join();
    lock.lock();
    ::shutdown(control_.get(), SHUT_RDWR);  // children that were forked meanwhile may hold it open
    control_.reset();
    epoll_.reset();
    poke_.reset();
    for (auto& slot : slots_)
        slot.channel.reset();
    const auto server = std::exchange(server_, nullptr);
    lock.unlock();  // ending the server takes a while
}

std::vector<pid_t> Engine::worker_pids() {
    Lock lock(mutex_);
    if (!ended_)
        read_control();
    run_callbacks(lock);
    std::vector<pid_t> pids;
    for (const auto& slot : slots_)
        if (slot.pid != -1)
            pids.push_back(slot.pid);
    return pids;
}

}  // namespace course::pool
