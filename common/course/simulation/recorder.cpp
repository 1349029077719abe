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
    event.other = -1;
    if (kind == Event::executes) {
        event.other = thread.woken_by;
    } else if (kind == Event::waits && thread.operation == Operation::join) {
        event.other = static_cast<std::int16_t>(static_cast<const Thread*>(thread.object)->id);
    }
    event.operation = thread.operation;
    event.kind = kind;
    event.place = channel.threads[thread.id].place;
}

void record_between(Channel& channel, const Thread& thread, Event::Kind kind, const void* object,
                    Time now, std::uint64_t step) {
    if (channel.event_count < max_events) {
        record_event(channel, thread, kind, now, step);
        channel.events[channel.event_count - 1].object = object;
    }
}

void record_note(Channel& channel, const Thread& thread, std::string_view text, Time now,
                 std::uint64_t step) {
    if (channel.note_count == max_notes || channel.event_count == max_events) {
        return;
    }
    Note& note = channel.notes[channel.note_count];
    const std::size_t length = std::min(text.size(), sizeof note.text - 1);
    std::copy_n(text.data(), length, note.text);
    note.text[length] = 0;
    record_between(channel, thread, Event::notes, nullptr, now, step);
    channel.events[channel.event_count - 1].other = static_cast<std::int16_t>(channel.note_count++);
}

void record_end(Channel& channel, const Thread& thread, int holder) {
    ThreadRecord& record = channel.threads[thread.id];
    record.finished = thread.state == Thread::finished;
    record.blocked = thread.state == Thread::blocked;
    record.spinning = thread.spins > 8 || thread.waits_for_itself;
    record.operation = thread.operation;
    record.object = thread.object;
    record.holder = holder;
    record.deadline = thread.deadline;
}

}  // namespace course::simulation
