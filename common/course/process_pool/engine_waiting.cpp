// Engine: rounds, and who does them: the thread that waits, the keeper, or a driver.
#include <algorithm>

#include <course/process_pool/engine.hpp>

namespace course::pool {

namespace {

/// For how long the keeper stays away after a thread has led: it may be back at once.
constexpr std::chrono::milliseconds keeper_pause{1};

}  // namespace

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
            stop_leading();
            run_callbacks(lock);
            if (leading_)
                return;
            leading_ = true;
        } else if (!progress && waiter.remaining > 0 && arm_all(&waiter)) {
            sleep(lock, milliseconds, true);
        }
    }
    stop_leading();
}

/// Let others do the rounds: the next one who waits, or the keeper.
void Engine::stop_leading() {
    leading_ = false;
    led_ = Clock::now();
    if (std::exchange(keeper_parked_, false))
        keeper_wakes_.notify_one();
    arm_again();
    tell_driver();
    if (!sleeping_.empty())
        sleeping_.front()->wake.notify_one();
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

}  // namespace course::pool
