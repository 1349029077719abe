// Runs schedules in child processes, watches over them, and repeats the first that fails.
//
//     this process                      child                         child
//     ────────────                      ─────                         ─────
//     fork ───────────────────────────▶ schedule 1, pass
//     watch: are there steps?           put the state back
//                                       schedule 2, pass
//                                       ...
//                                       schedule 17: deadlock
//     read the channel ◀─ shared memory ─ exit
//     fork ─────────────────────────────────────────────────────────▶ schedule 17 again, by its
//     same verdict, same fingerprint? ◀──────────────────────────────  decisions, with places and
//     make the report                                                  events
//
// A schedule that fails can't be unwound (its threads are stuck), so it takes its process along.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "channel.hpp"
#include "shown_output.hpp"
#include "simulate.hpp"

namespace course::simulation {

class Search {
  public:
    Search(const Options& options, const std::function<void()>& body);
    ~Search();
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    /// Run the schedules, until one fails or, with `all_failures`, to the end.
    Report run();

    /// Run one schedule, recorded, and report it also if it passes.
    Report run_one(std::uint64_t seed);

    /// Run the one schedule that \p name names: a seed, or the decisions of a bounded search.
    Report repeat(const std::string& name);

    const Outcome& outcome() const { return channel_.outcome; }

  private:
    enum class Ended { well, failed };

    Ended run_child(int first, int last, bool repeat, bool detailed);
    [[noreturn]] void run_schedules(int first, int last, bool repeat, bool detailed);
    Ended watch(pid_t child, ShownOutput* output);
    void interrupt(pid_t child, bool asleep);
    Ended hung_without_answer(bool asleep);
    void survey(Report& report);
    void fill_counts(Report& report) const;
    void note_failure(Report& report, std::uint64_t seed);
    void describe_failure(Report& report, std::uint64_t seed);
    std::uint64_t seed_of(int schedule) const;

    Options options_;
    const std::function<void()>& body_;
    Channel& channel_;
    bool plain_order_ = false;  // instead of the strategy
    bool surveying_ = false;    // before the search
    bool hung_ = false;         // the last child had to be interrupted
    std::uint64_t hangs_at_ =
        0;  // the fingerprint of the schedule that is repeated because it hung
    Strategy survey_strategy_ = Strategy::random;
    bool quiet_ = true;      // what the program prints is not shown
    void* stack_ = nullptr;  // see FreshState::capture
};

}  // namespace course::simulation
