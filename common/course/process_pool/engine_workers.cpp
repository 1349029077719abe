// Engine: workers begin, end, and are told to.
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>

#include <course/process_pool/descriptor_passing.hpp>
#include <course/process_pool/engine.hpp>

namespace course::pool {

namespace {

/// So many workers may die in a row before one of them was ready.
constexpr unsigned most_early_deaths = 100;

}  // namespace

void Engine::spawn(WorkerSlot& slot) {
    using State = WorkerSlot::State;
    slot = WorkerSlot();
    slot.channel = std::make_unique<Channel>();
    slot.requests.emplace(slot.channel->page().requests, slot.channel->requests());
    slot.results.emplace(slot.channel->page().results, slot.channel->results());
    slot.number = ++spawned_;
    send_frame(slot, Tag::initializer, options_.initializer.bytes());
    if (!options_.finalizer.empty())
        send_frame(slot, Tag::finalizer, options_.finalizer.bytes());
    watch(slot.channel->socket(), static_cast<std::uint64_t>(&slot - slots_.data()));
    const ControlRequest request{ControlRequest::Kind::spawn, slot.number};
    const int descriptors[2] = {slot.channel->peer_socket.get(), slot.channel->memory.get()};
    send_with_descriptors(control_.get(), &request, sizeof request, descriptors);
    slot.channel->peer_socket.reset();
    slot.channel->memory.reset();
    slot.state = State::starting;
    ++alive_;
}

/// A frame that is not a task. There is room for it: it comes first, or last.
void Engine::send_frame(WorkerSlot& slot, Tag tag, const std::string& payload) {
    const FrameHeader header{payload.size(), 0, tag, FrameHeader::mark};
    auto& ring = *slot.requests;
    if (!ring.fits(sizeof header + payload.size()))
        throw std::length_error("the arguments of an initializer or finalizer are too large");
    std::memcpy(ring.here(), &header, sizeof header);
    ring.advance(sizeof header);
    std::memcpy(ring.here(), payload.data(), payload.size());
    ring.advance(payload.size());
    ring.publish();
    slot.has_news = true;
}

/// Tell a worker to end after what it has; later, if there is no room now.
void Engine::retire(WorkerSlot& slot) {
    if (!slot.requests->fits(sizeof(FrameHeader)))
        return;
    send_frame(slot, Tag::retire, "");
    slot.channel->ring_if(slot.channel->page().worker_sleeps);
    slot.state = WorkerSlot::State::retiring;
}

void Engine::kill(WorkerSlot& slot, std::string why) {
    if (slot.state == WorkerSlot::State::empty)
        return;
    slot.accused = std::move(why);
    const ControlRequest request{ControlRequest::Kind::kill, slot.number};
    try {
        send_with_descriptors(control_.get(), &request, sizeof request, {});
    } catch (const std::system_error&) {
        // The fork server is gone, and its workers with it: read_control will see it.
    }
}

bool Engine::read_control() {
    for (;;) {
        ControlEvent event{};
        char bytes[sizeof event];
        const ssize_t got =
            retried([&] { return recv(control_.get(), bytes, sizeof bytes, MSG_DONTWAIT); });
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, control_.get(), nullptr);
            break_pool("its fork server has ended");
            for (auto& slot : slots_)
                if (slot.state != WorkerSlot::State::empty)
                    ended(slot, SIGKILL);  // the kernel does that to a fork server's workers
            return false;
        }
        if (got != sizeof event)
            return true;
        std::memcpy(&event, bytes, sizeof event);
        const auto slot =
            std::find_if(slots_.begin(), slots_.end(), [&](const WorkerSlot& candidate) {
                return candidate.number == event.worker &&
                       candidate.state != WorkerSlot::State::empty;
            });
        if (slot == slots_.end())
            continue;
        if (event.kind == ControlEvent::Kind::spawned) {
            slot->pid = event.pid;
        } else if (event.kind == ControlEvent::Kind::ended) {
            ended(*slot, event.status);
        } else {
            break_pool(std::string("no worker could be forked: ") + std::strerror(event.status));
            ended(*slot, 0);
        }
    }
}

void Engine::ended(WorkerSlot& slot, int status) {
    read_results(slot);  // what it had sent before it ended counts
    --alive_;
    bury(slot, status);
    const WorkerSlot dead = std::exchange(slot, WorkerSlot());
    if (!dead.was_ready && !broken_) {
        // A kill can meet it at any time, but not again and again. All else is the initializer's doing.
        const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        if (!killed || ++early_deaths_ > most_early_deaths)
            break_pool(WorkerDied("its initializer", dead.pid, status, dead.accused).what());
    }
    if (!broken_ && !retired_)
        try {
            spawn(slot);
        } catch (const std::system_error& error) {
            break_pool(std::string("no worker could be started: ") + error.what());
        }
    if (alive_ == 0)
        for (Waiter* waiter : std::exchange(all_ended_, {}))
            waiter->count();
}

/// What becomes of the tasks that a dead worker had.
void Engine::bury(WorkerSlot& slot, int status) {
    slot.incoming.reset();
    slot.outgoing.reset();
    std::vector<TaskPtr> unharmed;
    for (std::uint32_t sequence = slot.oldest; sequence != slot.next; ++sequence) {
        const TaskPtr task = std::move(slot.held[sequence % window]);
        if (!task)
            continue;
        --slot.holding;
        const auto word = slot.channel->page().claims[sequence % window].load();
        if ((word & 3) == claimed) {
            died_of(slot, task, status);
        } else {
            task->slot = Task::nowhere;
            unharmed.push_back(task);
        }
    }
    for (auto task = unharmed.rbegin(); task != unharmed.rend(); ++task) {
        if (broken_) {
            fail(*task, broken_);
        } else {
            queue_.push_front(*task);
            ++queued_;
        }
    }
}

void Engine::died_of(WorkerSlot& slot, const TaskPtr& task, int status) {
    if (++task->deaths <= options_.retries && !broken_) {
        task->slot = Task::nowhere;
        task->large_result.reset();
        queue_.push_front(task);
        ++queued_;
        return;
    }
    const WorkerDied error(task->label(slot.channel->page().item.load()), slot.pid, status,
                           slot.accused);
    fail(task, std::make_exception_ptr(error));
    if (options_.on_death == OnDeath::break_pool)
        break_pool(error.what());
}

void Engine::break_pool(const std::string& why) {
    if (broken_)
        return;
    broken_ = std::make_exception_ptr(BrokenPool("the process pool is broken: " + why));
    accepting_ = false;
    for (const TaskPtr& task : std::exchange(queue_, {}))
        if (!task->done())
            fail(task, broken_);
    queued_ = 0;
    for (auto& slot : slots_) {
        for (auto& held : slot.held)
            if (const TaskPtr task = std::move(held)) {
                held.reset();
                fail(task, broken_);
            }
        slot.holding = 0;
        slot.oldest = slot.next;
        kill(slot, why);
    }
}

/// At the end, when all tasks are done, the workers are told to end.
void Engine::end_if_done() {
    using State = WorkerSlot::State;
    if (accepting_ || outstanding_ > 0 || broken_)
        return;
    retired_ = true;
    for (auto& slot : slots_)
        if (slot.state == State::starting || slot.state == State::ready)
            retire(slot);
}

}  // namespace course::pool
