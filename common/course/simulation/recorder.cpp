// Takes stacks and writes events to the channel.
#include "recorder.hpp"

#include <execinfo.h>

#include <algorithm>

namespace course::simulation {

void take_place(Place& place) {
    const SimulationScope scope;
    Thread* me = current_thread;
    current_thread = nullptr;  // the unwinder takes locks of its own
    const int depth = backtrace(place.frames, place_depth);
    std::fill(place.frames + depth, place.frames + place_depth, nullptr);
    current_thread = me;
}

void record_place(Channel& channel, const Thread& thread) {
    take_place(channel.threads[thread.id].place);
}

void record_event(Channel& channel, const Thread& thread, Event::Kind kind, Time now,
                  std::uint64_t step) {
    if (channel.event_count == max_events) {
        return;
    }
    Event& event = channel.events[channel.event_count++];
    event.time = now;
    event.step = step;
    event.object = thread.object;
    event.thread = static_cast<std::int16_t>(thread.id);
    event.operation = thread.operation;
    event.kind = kind;
    event.place = channel.threads[thread.id].place;
}

void record_end(Channel& channel, const Thread& thread, int holder) {
    ThreadRecord& record = channel.threads[thread.id];
    record.finished = thread.state == Thread::finished;
    record.blocked = thread.state == Thread::blocked;
    record.spinning = thread.spins > 8;
    record.operation = thread.operation;
    record.object = thread.object;
    record.holder = holder;
    record.deadline = thread.deadline;
}

}  // namespace course::simulation
