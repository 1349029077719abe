// The memory that a simulating process shares with the one that asked for the simulation.
//
// A child process that met a deadlock or a crash can't be relied on for anything more than a few
// plain stores. So it leaves numbers here, and its parent, which is well, makes the report.
#pragma once

#include <cstddef>
#include <cstdint>

#include "operation.hpp"
#include "simulate.hpp"

namespace course::simulation {

inline constexpr int max_decisions = 1 << 20;
inline constexpr int max_events = 20'000;
inline constexpr int max_observed = 4096;
inline constexpr int max_notes = 4096;
inline constexpr int max_search_depth = 1 << 16;
inline constexpr int max_search_nodes = 1 << 21;
inline constexpr int place_depth = 24;

/// A call stack: return addresses, innermost first, ended by null.
struct Place {
    void* frames[place_depth];
};

/// How one schedule ended.
struct Outcome {
    Verdict verdict;
    int thread;  // that met the end
    Time elapsed;
    std::uint64_t steps;
    std::uint64_t switches;
    std::uint64_t fingerprint;
    std::uint64_t choices;  // steps at which more than one thread could run
    int outlived;           // threads that were not over when the body returned
    bool body_threw;        // the message says what
    char message[1024];
};

/// One side of a data race.
struct AccessRecord {
    int thread;
    bool write;
    bool atomic;
    std::uint32_t number;  // counts the accesses of the schedule
    std::uint64_t step;    // at which it took place
    Place place;
};

struct RaceRecord {
    const void* address;
    std::size_t size;
    AccessRecord earlier;
    AccessRecord later;
};

/// A thread as it was when the schedule ended.
struct ThreadRecord {
    bool finished;
    bool blocked;
    bool spinning;
    Operation operation;
    const void* object;
    int holder;  // thread that holds the object, or -1
    Time deadline;
    Place place;
};

/// One step of the schedule, or what is worth knowing between two.
struct Event {
    Time time;
    std::uint64_t step;
    const void* object;
    std::int16_t thread;
    std::int16_t other;  // `waits`: whose end it waits for; `executes`: who ended its wait;
                         // `notes`: the note's number; else -1
    Operation operation;
    enum Kind : std::uint8_t {
        executes,   // has the turn, and performs the operation
        waits,      // begins to wait
        times_out,  // has the turn again, because it has waited long enough
        takes,      // now holds the lock
        releases,   // no longer holds it
        notes,      // says what it is going to do; see note()
        ends,       // is over
    } kind;
    Place place;
};

/// What `note` was called with.
struct Note {
    char text[60];
};

/// A path through the tree of decisions: what the bounded search lays down, and what became of it.
struct SearchPath {
    std::uint32_t length;  // decisions that are laid down; after them it is the plain order
    std::uint16_t choice[max_search_depth];
    // Of the schedule that ran:
    std::uint32_t position;  // decisions that it took
    std::uint16_t options;   // at the last one that was laid down
    int preemptions;
    bool too_deep;  // it took more decisions than there is room for
};

/// A schedule that the bounded search has run: its parent's, but for the last decision laid down.
struct SearchNode {
    std::uint32_t parent;    // its index in the tree
    std::uint32_t length;    // decisions that are laid down
    std::uint32_t position;  // decisions that it took
    std::uint16_t choice;    // the last one that is laid down
    std::uint16_t options;   // there
};

/// The schedules that the bounded search has run, nearest to the plain order first.
struct SearchTree {
    std::uint32_t count;  // the last one is the schedule that runs
    std::uint32_t front;  // the first one whose children have not all been run
    std::uint32_t child;  // the next of these
    bool over;            // nothing is left to run
    bool incomplete;      // something was left out for want of room
    SearchNode nodes[max_search_nodes];
};

/// The decisions of a schedule, in order: all that is needed to repeat it.
struct DecisionLog {
    std::uint32_t count;
    std::uint16_t values[max_decisions];
};

/// Memory that the program accesses without order, as far as is known: eight bytes each.
struct RacyMemory {
    static constexpr std::uint32_t size = 1 << 12;

    void add(std::uintptr_t line) {
        if (!contains(line) && ++count < size / 2) {
            slot(line) = line;
        }
    }
    bool contains(std::uintptr_t line) { return slot(line) == line; }

    std::uint32_t count;
    std::uintptr_t lines[size];  // a hash table; 0 is an empty slot

  private:
    std::uintptr_t& slot(std::uintptr_t line) {
        std::uint32_t at = static_cast<std::uint32_t>(line * 0x9e3779b1u) % size;
        while (lines[at] != 0 && lines[at] != line) {
            at = (at + 1) % size;
        }
        return lines[at];
    }
};

struct Channel {
    // Progress, for the watchdog.
    volatile int schedule;               // index of the schedule that runs
    volatile std::uint64_t seed;         // its seed
    volatile unsigned heartbeat;         // grows with each step, and while the scheduler waits
    volatile std::uint64_t step;         // of the schedule
    volatile std::uint64_t fingerprint;  // of the schedule up to here
    volatile int running;                // the thread that has the turn: its number
    volatile int running_tid;            // and its id for the kernel
    volatile bool finished;              // all schedules have been run

    Outcome outcome;
    RaceRecord race;
    std::uint64_t total_steps;
    std::uint64_t total_switches;
    std::uint64_t expected_choices;  // length of a schedule, for PCT

    RacyMemory racy;  // where plain accesses are points, if races are let happen

    DecisionLog decisions;
    SearchPath path;
    SearchTree tree;

    std::int64_t observed_values[max_observed];
    int observed_counts[max_observed];
    int observed_kinds;

    // Filled only when a schedule is run for its report.
    std::uint32_t watched_access;  // whose place is wanted, or 0
    int thread_count;
    ThreadRecord threads[max_threads];
    int event_count;
    Event events[max_events];
    int note_count;
    Note notes[max_notes];
};

}  // namespace course::simulation
