// Engine: tasks on their way to workers and back.
#include <algorithm>
#include <limits>

#include <course/process_pool/engine.hpp>

namespace course::pool {

void Engine::give_out() {
    if (broken_)
        return;
    while (!queue_.empty()) {
        const TaskPtr& task = queue_.front();
        if (task->done()) {  // cancelled
            queue_.pop_front();
            continue;
        }
        WorkerSlot* const slot = least_busy(task->message.size());
        if (!slot)
            break;
        give(*slot, task);
        queue_.pop_front();
        --queued_;
    }
    for (auto& slot : slots_)
        if (std::exchange(slot.has_news, false))
            slot.channel->ring_if(slot.channel->page().worker_sleeps);
}

bool Engine::used_up(const WorkerSlot& slot) const {
    return options_.max_tasks_per_child != 0 && slot.given >= options_.max_tasks_per_child;
}

bool Engine::can_take(WorkerSlot& slot, std::size_t size) {
    using State = WorkerSlot::State;
    return (slot.state == State::ready || slot.state == State::starting) && !slot.outgoing &&
           slot.next - slot.oldest < window && !used_up(slot) &&
           slot.requests->fits(sizeof(FrameHeader) + (size <= whole ? size : 1));
}

WorkerSlot* Engine::least_busy(std::size_t size) {
    WorkerSlot* best = nullptr;
    std::uint32_t holding = std::numeric_limits<std::uint32_t>::max();
    for (auto& slot : slots_) {
        // One that is not ready yet comes last.
        const std::uint32_t busy =
            slot.holding + (slot.state == WorkerSlot::State::starting ? window : 0);
        if (busy < holding && can_take(slot, size))
            best = &slot, holding = busy;
    }
    return best;
}

void Engine::give(WorkerSlot& slot, TaskPtr task) {
    const std::uint32_t sequence = slot.next++;
    task->slot = static_cast<std::uint32_t>(&slot - slots_.data());
    task->sequence = sequence;
    slot.channel->page().claims[sequence % window].store(std::uint64_t{sequence} << 2 | offered,
                                                         std::memory_order_relaxed);
    auto& ring = *slot.requests;
    const std::size_t size = task->message.size();
    const FrameHeader header{size, sequence, Tag::task, FrameHeader::mark};
    std::memcpy(ring.here(), &header, sizeof header);
    ring.advance(sizeof header);
    if (size <= whole) {
        task->message.copy(0, ring.here(), size);
        ring.advance(size);
        ring.publish();
    } else {
        slot.outgoing = task;
        slot.outgoing_offset = 0;
        continue_outgoing(slot);
    }
    slot.has_news = true;
    slot.held[sequence % window] = std::move(task);
    ++slot.holding;
    ++slot.given;
    if (used_up(slot) && !slot.outgoing)
        retire(slot);
}

void Engine::continue_outgoing(WorkerSlot& slot) {
    const Message& message = slot.outgoing->message;
    const std::size_t part =
        std::min(slot.requests->space(), message.size() - slot.outgoing_offset);
    if (part == 0)
        return;
    message.copy(slot.outgoing_offset, slot.requests->here(), part);
    slot.requests->advance(part);
    slot.requests->publish();
    slot.outgoing_offset += part;
    slot.has_news = true;
    if (slot.outgoing_offset == message.size()) {
        slot.outgoing.reset();
        if (used_up(slot))
            retire(slot);
    }
}

bool Engine::take_back(WorkerSlot& slot, std::uint32_t sequence) {
    const TaskPtr task = slot.held[sequence % window];
    if (task == slot.outgoing)
        return false;
    const std::uint64_t number = std::uint64_t{sequence} << 2;
    std::uint64_t expected = number | offered;
    auto& word = slot.channel->page().claims[sequence % window];
    if (!word.compare_exchange_strong(expected, number | revoked))
        return false;
    forget(slot, sequence);
    --slot.given;
    task->slot = Task::nowhere;
    ++queued_;
    return true;
}

/// Take a task back if it was not begun, and put it at the front of the queue.
void Engine::requeue(WorkerSlot& slot, std::uint32_t sequence) {
    const TaskPtr task = slot.held[sequence % window];
    if (task && take_back(slot, sequence))
        queue_.push_front(task);
}

void Engine::forget(WorkerSlot& slot, std::uint32_t sequence) {
    slot.held[sequence % window].reset();
    --slot.holding;
    while (slot.oldest != slot.next && !slot.held[slot.oldest % window])
        ++slot.oldest;
}

/// A worker with nothing to do gets half of what the busiest one has not begun.
void Engine::balance() {
    using State = WorkerSlot::State;
    if (queued_ > 0 || broken_)
        return;
    for (auto& idle : slots_) {
        if (idle.state != State::ready || idle.holding > 0)
            continue;
        WorkerSlot* busiest = nullptr;
        for (auto& slot : slots_)
            if (slot.channel && slot.holding > (slot.state == State::starting ? 0 : 1) &&
                (!busiest || slot.holding > busiest->holding))
                busiest = &slot;
        if (!busiest)
            return;
        std::uint32_t wanted = (busiest->holding + (busiest->state == State::starting)) / 2;
        for (std::uint32_t sequence = busiest->next; wanted > 0 && sequence != busiest->oldest;)
            if (const auto before = queued_; busiest->held[--sequence % window]) {
                requeue(*busiest, sequence);
                --wanted;
                if (queued_ == before)
                    break;  // it has begun this one, and so those before it
            }
        give_out();
    }
}

bool Engine::read_results(WorkerSlot& slot) {
    if (!slot.channel || broken_ || slot.results->empty())
        return false;
    try {
        const bool progress = read_frames(slot);
        slot.results->release();
        slot.channel->ring_if(slot.channel->page().worker_wants_space);
        return progress;
    } catch (const MessageError& error) {
        kill(slot, error.what());
        return false;
    }
}

bool Engine::read_frames(WorkerSlot& slot) {
    if (!slot.accused.empty())
        return false;
    bool progress = false;
    auto& ring = *slot.results;
    for (std::size_t here; (here = ring.available()) > 0; progress = true) {
        if (slot.incoming) {
            continue_incoming(slot);
            continue;
        }
        FrameHeader header;
        if (here < sizeof header)
            throw MessageError("it sent a piece of a message");
        std::memcpy(&header, ring.here(), sizeof header);
        if (header.check != FrameHeader::mark)
            throw MessageError("it sent something that is no message");
        ring.advance(sizeof header);
        if (header.length > whole) {
            begin_incoming(slot, header);
            continue;
        }
        if (here < sizeof header + header.length)
            throw MessageError("it sent a message that is shorter than it says");
        handle_frame(slot, header, ring.here());
        ring.advance(header.length);
        if (broken_)
            break;
    }
    return progress;
}

void Engine::handle_frame(WorkerSlot& slot, const FrameHeader& header, const char* payload) {
    ++slot.received;
    switch (header.tag) {
        case Tag::value:
        case Tag::error: {
            const TaskPtr task = task_of(slot, header);
            forget(slot, header.sequence);
            task->message.release();
            task->message.append(payload, header.length);
            complete(task, header.tag == Tag::value ? Outcome::value : Outcome::error);
            return;
        }
        case Tag::ready:
            slot.was_ready = true;
            if (slot.state == WorkerSlot::State::starting)
                slot.state = WorkerSlot::State::ready;
            early_deaths_ = 0;
            return;
        case Tag::start_failed: {
            Reader reader(payload, header.length);
            try {
                std::rethrow_exception(decode_exception(reader));
            } catch (const MessageError&) {
                throw;
            } catch (const std::exception& error) {
                break_pool(std::string("an initializer failed: ") + error.what());
            }
            return;
        }
        default:
            throw MessageError("it sent a message with an unknown tag");
    }
}

TaskPtr Engine::task_of(WorkerSlot& slot, const FrameHeader& header) {
    const TaskPtr& task = slot.held[header.sequence % window];
    if (!task || task->sequence != header.sequence || task == slot.outgoing)
        throw MessageError("it answered what it was not asked");
    return task;
}

void Engine::begin_incoming(WorkerSlot& slot, const FrameHeader& header) {
    if (header.tag != Tag::value && header.tag != Tag::error)
        throw MessageError("it sent a message that is longer than such a message can be");
    if (header.length > options_.max_result_size)
        throw MessageError("its result is longer than the pool's max_result_size");
    const TaskPtr task = task_of(slot, header);
    try {
        // Text of an exception has no place in a value's memory.
        slot.incoming_at = header.tag == Tag::value ? task->prepare(header.length)
                                                    : task->Task::prepare(header.length);
    } catch (const std::bad_alloc&) {
        throw MessageError("it sent a message that is too large for the memory");
    } catch (const std::length_error&) {
        throw MessageError("it sent a message that is too large for the memory");
    }
    slot.incoming = task;
    slot.incoming_header = header;
    slot.incoming_left = header.length;
}

bool Engine::continue_incoming(WorkerSlot& slot) {
    auto& ring = *slot.results;
    const std::size_t part = std::min(ring.available(), slot.incoming_left);
    std::memcpy(slot.incoming_at, ring.here(), part);
    ring.advance(part);
    slot.incoming_at += part, slot.incoming_left -= part;
    if (slot.incoming_left > 0) {
        ring.release();
        slot.channel->ring_if(slot.channel->page().worker_wants_space);
        return false;
    }
    ++slot.received;
    const TaskPtr task = std::move(slot.incoming);
    forget(slot, slot.incoming_header.sequence);
    task->message.release();
    complete(task, slot.incoming_header.tag == Tag::value ? Outcome::value : Outcome::error);
    return true;
}

void Engine::complete(const TaskPtr& task, Outcome outcome) {
    task->slot = Task::nowhere;
    if (--outstanding_ == 0 && due_ && keeper_sleeps_)
        poke();  // the driver has nothing to wait for any more
    if (task->callbacks) {
        --hooked_;
        for (auto callback = std::move(task->callbacks); callback;) {
            auto next = std::move(callback->next);
            callbacks_due_.emplace_back(task, std::move(callback));
            callback = std::move(next);
        }
    }
    task->outcome.store(outcome, std::memory_order_release);
    for (Hook* hook = std::exchange(task->hooks, nullptr); hook;) {
        Hook* const next = hook->next;  // it may be gone after the call
        hook->completed(*task);
        hook = next;
    }
}

void Engine::fail(const TaskPtr& task, std::exception_ptr failure, Outcome outcome) {
    task->failure = std::move(failure);
    complete(task, outcome);
}

}  // namespace course::pool
