// Vector clocks and shadow memory.
#include "race_detector.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "recorder.hpp"
#include "scheduler.hpp"
#include "state_memory.hpp"

namespace course::simulation {
namespace {

std::uint64_t hash(std::uintptr_t key) {
    return (key * 0x9e3779b97f4a7c15u) >> 32;
}

bool acquires(int order) {
    return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME || order == __ATOMIC_ACQ_REL ||
           order == __ATOMIC_SEQ_CST;
}

bool releases(int order) {
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

}  // namespace

void VectorClock::grow(int size) {
    if (size > size_) {
        std::memset(seen_ + size_, 0,
                    sizeof(std::uint32_t) * static_cast<std::size_t>(size - size_));
        size_ = size;
    }
}

void VectorClock::set(int thread, std::uint32_t value) {
    grow(thread + 1);
    seen_[thread] = value;
}

void VectorClock::join(const VectorClock& other) {
    grow(other.size_);
    for (int i = 0; i < other.size_; ++i) {
        seen_[i] = std::max(seen_[i], other.seen_[i]);
    }
}

void VectorClock::assign(const VectorClock& other) {
    clear();
    join(other);
}

RaceDetector* RaceDetector::the_detector = nullptr;

RaceDetector* RaceDetector::create() {
    auto* detector = static_cast<RaceDetector*>(state_memory(sizeof(RaceDetector)));
    detector->pages_ = static_cast<Page*>(state_memory(sizeof(Page) * max_pages / 2));
    return detector;
}

void RaceDetector::reset(Mode mode) {
    mode_ = mode;
    enabled_ = mode != Mode::ignore;
    accesses_ = 0;
    watched_ = scheduler().channel().watched_access;
    ++generation_;
}

void RaceDetector::started(int child, int parent) {
    clock_[child].clear();
    loaded_relaxed_[child].clear();
    has_fenced_[child] = false;
    if (parent >= 0) {
        clock_[child].join(clock_[parent]);
        clock_[parent].tick(parent);
    }
    clock_[child].tick(child);
}

void RaceDetector::release(int thread, const void* object) {
    if (!enabled_) {
        return;
    }
    if (SyncObject* sync = sync_object(object, true)) {
        sync->clock.join(clock_[thread]);
        clock_[thread].tick(thread);
    }
}

void RaceDetector::acquire(int thread, const void* object) {
    if (!enabled_) {
        return;
    }
    if (const SyncObject* sync = sync_object(object, false)) {
        clock_[thread].join(sync->clock);
    }
}

void RaceDetector::atomic(int thread, const void* object, std::size_t size, Atomic kind,
                          int order) {
    if (!enabled_) {
        return;
    }
    order &= 0xff;  // the upper bits hint at lock elision
    check(thread, object, size, kind != Atomic::load, true);
    SyncObject* sync = sync_object(object, kind != Atomic::load);
    if (sync == nullptr) {
        return;
    }
    if (kind != Atomic::store) {
        (acquires(order) ? clock_ : loaded_relaxed_)[thread].join(sync->clock);
    }
    if (kind == Atomic::load) {
        return;
    }
    if (kind == Atomic::store) {
        sync->clock.clear();  // ends the release sequence that was there; an update continues it
    }
    if (releases(order)) {
        sync->clock.join(clock_[thread]);
        clock_[thread].tick(thread);
    } else if (has_fenced_[thread]) {
        sync->clock.join(fenced_[thread]);
    }
}

void RaceDetector::fence(int thread, int order) {
    if (!enabled_) {
        return;
    }
    if (acquires(order)) {
        clock_[thread].join(loaded_relaxed_[thread]);
    }
    if (releases(order)) {
        fenced_[thread].assign(clock_[thread]);
        has_fenced_[thread] = true;
        clock_[thread].tick(thread);
    }
}

void RaceDetector::access(int thread, const void* address, std::size_t size, bool write) {
    if (enabled_) {
        check(thread, address, size, write, false);
    }
}

void RaceDetector::check(int thread, const void* address, std::size_t size, bool write,
                         bool atomic) {
    ++accesses_;
    if (accesses_ == watched_) {
        RaceRecord& race = scheduler().channel().race;
        take_place(race.earlier.place);
        race.earlier.step = scheduler().steps();
    }
    auto at = reinterpret_cast<std::uintptr_t>(address);
    while (size > 0) {
        const auto part = static_cast<unsigned>(std::min<std::size_t>(8 - at % 8, size));
        check_line(thread, at, part, write, atomic);
        at += part;
        size -= part;
    }
}

void RaceDetector::check_line(int thread, std::uintptr_t address, unsigned size, bool write,
                              bool atomic) {
    Line* line = this->line(address / 8, true);
    if (line == nullptr) {
        return;
    }
    const auto mask = static_cast<std::uint8_t>(((1u << size) - 1) << address % 8);
    const VectorClock& clock = clock_[thread];
    Cell* target = nullptr;
    for (std::uint32_t i = 0; i < line->count;) {
        Cell& cell = line->cells[i];
        if ((cell.mask & mask) == 0) {
            ++i;
            continue;
        }
        const bool ordered = cell.thread == thread || cell.clock <= clock.seen(cell.thread);
        if (!ordered && (write || cell.write) && !(atomic && cell.atomic)) {
            found(thread, address, size, cell, write, atomic);
        }
        // What the new access makes superfluous: it covers the bytes, comes later, and conflicts
        // with whatever the old one conflicts with.
        const bool covered = (cell.mask & ~mask) == 0 && ordered && (!atomic || cell.atomic) &&
                             (write || (cell.thread == thread && !cell.write));
        if (covered && target != nullptr) {
            cell = line->cells[--line->count];
            continue;
        }
        if (covered) {
            target = &cell;
        }
        ++i;
    }
    if (target == nullptr) {
        target = line->count < cells_per_line ? &line->cells[line->count++]
                                              : &line->cells[accesses_ % cells_per_line];
    }
    *target = Cell{
        clock.seen(thread), accesses_, static_cast<std::uint16_t>(thread), mask, write, atomic};
}

void RaceDetector::found(int thread, std::uintptr_t address, unsigned size, const Cell& earlier,
                         bool write, bool atomic) {
    if (mode_ == Mode::collect) {
        scheduler().channel().racy.add(address / 8);
        return;
    }
    RaceRecord& race = scheduler().channel().race;
    race.address = reinterpret_cast<const void*>(address);
    race.size = size;
    race.earlier.thread = earlier.thread;
    race.earlier.write = earlier.write;
    race.earlier.atomic = earlier.atomic;
    race.earlier.number = earlier.number;
    race.later = {thread, write, atomic, accesses_, scheduler().steps(), {}};
    const auto verb = [](bool is_write) { return is_write ? "writes" : "reads"; };
    scheduler().end(Verdict::race, "T%d %s memory that T%d %s, and nothing orders the two", thread,
                    verb(write), earlier.thread, verb(earlier.write));
}

void RaceDetector::forget(const void* address, std::size_t size) {
    if (!enabled_ || size == 0) {
        return;
    }
    const auto begin = reinterpret_cast<std::uintptr_t>(address);
    const std::uintptr_t last = (begin + size - 1) / 8;
    for (std::uintptr_t index = begin / 8; index <= last;) {
        Page* page = this->page(index / lines_per_page, false);
        const std::uintptr_t end = (index / lines_per_page + 1) * lines_per_page;
        for (; index < end && index <= last; ++index) {
            if (page != nullptr) {
                page->lines[index % lines_per_page].count = 0;
            }
        }
    }
}

RaceDetector::Line* RaceDetector::line(std::uintptr_t index, bool create) {
    Page* page = this->page(index / lines_per_page, create);
    if (page == nullptr) {
        return nullptr;
    }
    Line& line = page->lines[index % lines_per_page];
    if (line.generation != generation_) {
        line.generation = generation_;
        line.count = 0;
    }
    return &line;
}

RaceDetector::Page* RaceDetector::page(std::uintptr_t number, bool create) {
    if (last_page_ != nullptr && last_page_->number == number) {
        return last_page_;
    }
    for (std::uint64_t probe = hash(number);; ++probe) {
        Page*& slot = page_table_[probe % max_pages];
        if (slot == nullptr) {
            if (!create || page_count_ == max_pages / 2) {
                return nullptr;  // a program with so much memory is watched only in part
            }
            slot = &pages_[page_count_++];
            slot->number = number;
        }
        if (slot->number == number) {
            return last_page_ = slot;
        }
    }
}

RaceDetector::SyncObject* RaceDetector::sync_object(const void* address, bool create) {
    const std::uint64_t first = hash(reinterpret_cast<std::uintptr_t>(address));
    for (std::uint64_t probe = first; probe < first + max_objects / 2; ++probe) {
        SyncObject& object = objects_[probe % max_objects];
        if (object.generation != generation_) {
            if (!create) {
                return nullptr;
            }
            object.generation = generation_;
            object.address = address;
            object.clock.clear();
            return &object;
        }
        if (object.address == address) {
            return &object;
        }
    }
    enabled_ = false;  // rather miss a race than see one where an object was forgotten
    return nullptr;
}

}  // namespace course::simulation
