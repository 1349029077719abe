// Engine: what users call, and the threads that wait.
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>

#include <course/process_pool/engine.hpp>
#include <course/process_pool/pause.hpp>

namespace course::pool {

namespace {

constexpr std::uint64_t control_event = ~0ULL;
constexpr std::uint64_t poke_event = ~0ULL - 1;

unsigned usable_processors() {
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) != 0)
        return 1;
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&processors)));
}

void watch(const Descriptor& epoll, int descriptor, std::uint64_t data) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = data;
    checked(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

/// For how long the keeper stays away after a thread has led: it may be back at once.
constexpr std::chrono::milliseconds keeper_pause{1};

}  // namespace

int longest_spin() noexcept {
    static const int count = [] {
        if (usable_processors() == 1)
            return 0;
        constexpr int tried = 256;
        const auto start = Clock::now();
        for (int i = 0; i < tried; ++i)
            pause();
        const auto took =
            std::max<Clock::duration>(Clock::now() - start, std::chrono::nanoseconds{1});
        return static_cast<int>(
            std::clamp<Clock::rep>(tried * std::chrono::microseconds{40} / took, 10, 4000));
    }();
    return count;
}

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
    watch(epoll_, control_.get(), control_event);
    watch(epoll_, poke_.get(), poke_event);
}

Engine::~Engine() = default;

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

bool Engine::wait(Waiter& waiter, std::optional<Clock::time_point> deadline) {
    Lock lock(mutex_);
    while (waiter.remaining > 0 && (!deadline || Clock::now() < *deadline)) {
        if (!leading_) {
            lead(lock, waiter, deadline);
            continue;
        }
        sleeping_.push_back(&waiter);
        arm_again();
        const auto due = [&] { return waiter.remaining == 0 || !leading_; };
        if (deadline)
            waiter.wake.wait_until(lock, *deadline, due);
        else
            waiter.wake.wait(lock, due);
        std::erase(sleeping_, &waiter);
    }
    // Whoever was woken to lead, but had no need to, passes it on.
    if (!leading_ && !sleeping_.empty())
        sleeping_.front()->wake.notify_one();
    return waiter.remaining == 0;
}

void Engine::lead(Lock& lock, Waiter& waiter, std::optional<Clock::time_point> deadline) {
    leading_ = true;
    ++leads_;
    while (waiter.remaining > 0) {
        int milliseconds = -1;
        if (deadline) {
            const auto left = *deadline - Clock::now();
            if (left <= Clock::duration::zero())
                break;
            milliseconds =
                static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
        }
        bool progress = round();
        if (!progress && waiter.remaining > 0)
            spinner_([&] {
                lock.unlock();
                pause();
                lock.lock();
                progress = anything_to_read() && round();
                return progress || waiter.remaining == 0;
            });
        if (!callbacks_due_.empty()) {
            // One of them may wait for another task: then it leads, or somebody else.
            leading_ = false;
            if (!sleeping_.empty())
                sleeping_.front()->wake.notify_one();
            run_callbacks(lock);
            if (leading_)
                return;
            leading_ = true;
        } else if (!progress && waiter.remaining > 0 && arm_all(&waiter)) {
            sleep(lock, milliseconds, true);
        }
    }
    leading_ = false;
    led_ = Clock::now();
    if (std::exchange(keeper_parked_, false))
        keeper_wakes_.notify_one();
    arm_again();
    tell_driver();
}

void Engine::keep() {
    Lock lock(mutex_);
    while (!ending_) {
        if (leading_ || Clock::now() - led_ < keeper_pause) {
            const std::uint64_t lead = leads_;
            keeper_wakes_.wait_for(lock, keeper_pause);
            if (leading_ && leads_ == lead) {  // for longer: it will wake the keeper at its end
                keeper_parked_ = true;
                keeper_wakes_.wait(lock, [this] { return !keeper_parked_ || ending_; });
            }
            continue;
        }
        const bool progress = round();
        run_callbacks(lock);
        if (!progress && !ending_ && !leading_ && arm_all(nullptr))
            sleep(lock, -1, false);
    }
}

void Engine::driven_by(std::function<void()> due) {
    const Lock lock(mutex_);
    due_ = std::move(due);
}

void Engine::tell_driver() {
    if (due_ && !driver_busy_ && !leading_ && !ended_) {
        driver_busy_ = true;
        due_();
    }
}

bool Engine::drive() {
    Lock lock(mutex_);
    keeper_sleeps_ = false;
    do {
        driver_busy_ = !leading_ && !ended_;  // whoever leads tells the driver at the end
        if (!driver_busy_)
            return false;
        epoll_event events[16];
        take_events(events, epoll_wait(epoll_.get(), events, 16, 0));
        while (round()) {
        }
        run_callbacks(lock);
        driver_busy_ = outstanding_ > 0 || (!accepting_ && alive_ > 0);
        if (!driver_busy_)
            return false;
    } while (leading_ || !arm_all(nullptr));
    keeper_sleeps_ = true;
    return true;
}

/// Put the targets anew for those who sleep on the descriptor already.
void Engine::arm_again() {
    if ((keeper_sleeps_ || leader_sleeps_) && !arm_all(nullptr)) {
        poke();
    }
}

void Engine::poke() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(poke_.get(), &one, sizeof one);
}

bool Engine::arm_all(const Waiter* leader) {
    for (auto& slot : slots_)
        if (slot.channel) {
            auto& page = slot.channel->page();
            page.wake_at.store(slot.received + results_to_wait_for(slot, leader),
                               std::memory_order_relaxed);
            page.program_wants_space.store(slot.outgoing != nullptr, std::memory_order_relaxed);
        }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return !anything_to_read();
}

/// After how many more results of \p slot somebody has something to do.
std::uint64_t Engine::results_to_wait_for(const WorkerSlot& slot, const Waiter* leader) const {
    const std::uint64_t half = std::max<std::uint64_t>(slot.holding / 2, 1);
    if (hooked_ > 0 || !sleeping_.empty())
        return 1;
    if (!leader)
        return half;
    if (!leader->single)  // at least one worker has its share of what is waited for by then
        return std::clamp<std::uint64_t>(leader->remaining / slots_.size(), 1, half);
    const Task& task = *leader->single;
    if (task.slot == Task::nowhere || &slots_[task.slot] != &slot)
        return half;
    std::uint64_t before = 0;
    for (std::uint32_t sequence = slot.oldest; sequence != task.sequence; ++sequence)
        before += slot.held[sequence % window] != nullptr;
    return before + 1;
}

bool Engine::anything_to_read() {
    for (auto& slot : slots_)
        if (slot.channel && slot.accused.empty() &&
            (!slot.results->empty() || (slot.outgoing && slot.requests->space() > 0)))
            return true;
    return false;
}

void Engine::sleep(Lock& lock, int milliseconds, bool as_leader) {
    bool& sleeps = as_leader ? leader_sleeps_ : keeper_sleeps_;
    sleeps = true;
    lock.unlock();
    epoll_event events[16];
    const int count = epoll_wait(epoll_.get(), events, 16, milliseconds);
    lock.lock();
    sleeps = false;
    // If somebody leads, the doorbell is meant for the leader, who finds it still there.
    if (as_leader || !leading_)
        take_events(events, count);
}

void Engine::take_events(const epoll_event* events, int count) {
    for (auto& slot : slots_)
        if (slot.channel)
            slot.channel->page().wake_at.store(0, std::memory_order_relaxed);
    for (int i = 0; i < count; ++i) {
        const std::uint64_t data = events[i].data.u64;
        if (data == poke_event) {
            if (ending_)
                continue;  // it is for the keeper
            std::uint64_t pokes = 0;
            [[maybe_unused]] const auto got = read(poke_.get(), &pokes, sizeof pokes);
        } else if (data == control_event) {
            read_control();
        } else if (const auto& channel = slots_[data].channel; channel && !channel->drain()) {
            // The fork server will say how it ended.
            epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, channel->socket(), nullptr);
        }
    }
}

bool Engine::round() {
    bool progress = false;
    for (auto& slot : slots_)
        progress |= read_results(slot);
    for (auto& slot : slots_) {
        if (slot.outgoing && slot.accused.empty())
            continue_outgoing(slot);
        else if (slot.state == WorkerSlot::State::ready && used_up(slot))
            retire(slot);  // there was no room before
    }
    give_out();
    balance();
    end_if_done();
    return progress;
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
