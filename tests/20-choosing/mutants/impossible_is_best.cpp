// Mistake: Takes "could not be done" for no time at all.
// Loses:   20.4
// Hint:    The best one regrets nothing: 1. Who took twice as long has 2.
// Your work in lab 20: measure, predict, choose, and find out when a rule is wrong.
#include "choosing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace lab {

namespace {

/// The smaller one of two in the middle.
microseconds median(std::vector<microseconds> times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

int rounded_up(int tasks, int parts) {
    return (tasks + parts - 1) / parts;
}

}  // namespace

Needs needs(const std::vector<Sample>& samples) {
    if (samples.empty())
        throw std::invalid_argument("no sample, no median");
    std::vector<microseconds> cpus;
    std::vector<microseconds> waits;
    for (const Sample& sample : samples) {
        cpus.push_back(sample.cpu);
        waits.push_back(std::max(sample.wall - sample.cpu, microseconds(0)));
    }
    return {median(cpus), median(waits)};
}

double blocking_share(const Needs& needs) {
    const auto all = needs.wait + needs.cpu;
    return all.count() == 0 ? 0 : Seconds(needs.wait) / Seconds(all);
}

namespace {

constexpr int in_a_chunk = 64;
constexpr int many = 64;
constexpr int in_each_process = 32;

/// What the two laws and the bill need to know of a way.
struct Plan {
    int lanes;
    int processors;
    int threads = 0;
    int hand_overs = 0;
    int processes = 0;
    int messages = 0;
    int coroutines = 0;
};

Plan plan(const Work& work, Way way) {
    const int all = work.tasks;
    const int cores = work.cores;
    const int chunks = rounded_up(all, in_a_chunk);
    switch (way) {
        case Way::serial:
            return {.lanes = 1, .processors = 1};
        case Way::thread_per_task:
            return {.lanes = all, .processors = cores, .threads = all};
        case Way::threads:
            return {.lanes = cores, .processors = cores, .threads = cores, .hand_overs = all};
        case Way::many_threads:
            return {.lanes = many, .processors = cores, .threads = many, .hand_overs = all};
        case Way::processes:
            return {.lanes = cores, .processors = cores, .processes = cores, .messages = all};
        case Way::processes_in_chunks:
            // Who has no chunk has no work: a few chunks are for a few workers.
            return {.lanes = std::min(cores, chunks),
                    .processors = std::min(cores, chunks),
                    .processes = cores,
                    .messages = chunks};
        case Way::coroutines:
            // A call that blocks the thread blocks everybody on it.
            return {.lanes = work.awaitable ? all : 1, .processors = 1, .coroutines = all};
        case Way::threads_in_processes:
            return {.lanes = std::min(cores, chunks) * in_each_process,
                    .processors = std::min(cores, chunks),
                    .threads = cores * in_each_process,
                    .hand_overs = all,
                    .processes = cores,
                    .messages = chunks};
    }
    throw std::invalid_argument("no such way");
}

}  // namespace

std::optional<Seconds> predict(const Work& work, Way way, const Costs& costs) {
    const Plan plan = lab::plan(work, way);
    if (plan.threads > costs.most_threads)
        return std::nullopt;
        const Seconds processors = work.tasks * Seconds(work.cpu) / plan.processors;
    const Seconds each = work.wait + work.cpu;
    const Seconds lane = rounded_up(work.tasks, plan.lanes) * each;
        const double bytes =
        plan.processes > 0 ? static_cast<double>(work.bytes) * work.tasks : 0;  // one memory: none
    return std::max(processors, lane) + plan.threads * costs.thread +
           plan.hand_overs * costs.hand_over + plan.processes * costs.process +
           plan.messages * costs.message + bytes * costs.byte + plan.coroutines * costs.coroutine;
}

Way choose(const Work& work, const Costs& costs) {
    if (work.may_crash)
        return Way::processes;  // one message, one task: nobody is with it
    Way best = Way::serial;
    Seconds least{std::numeric_limits<double>::infinity()};
    for (const Way way : ways)
        if (const auto time = predict(work, way, costs); time && *time < least) {
            least = *time;
            best = way;
        }
    return best;
}

double regret(const Measured& measured, Way way) {
    std::optional<Seconds> best;
    for (const auto& took : measured.took)
        if (!best || took.value_or(Seconds(0)) < *best)
            best = took.value_or(Seconds(0));
    if (!best)
        throw std::invalid_argument("it could not be done in any way");
    const auto& took = measured.took[static_cast<std::size_t>(way)];
    return took ? *took / *best : std::numeric_limits<double>::infinity();
}

double mean_regret(const Rule& rule, const std::vector<Measured>& table) {
    double logarithms = 0;
    int rows = 0;
    for (const Measured& row : table)
        if (const auto way = rule(row.work)) {
            // Twice as long and half as long are equally far from 1: so the logarithm.
            logarithms += std::log(regret(row, *way));
            ++rows;
        }
    return rows == 0 ? 1 : std::exp(logarithms / rows);
}

namespace {

Way best_of(const Measured& row) {
    return *std::find_if(ways.begin(), ways.end(), [&](Way way) { return regret(row, way) == 1; });
}

}  // namespace

std::optional<Refutation> refute(const Rule& rule, const std::vector<Measured>& table) {
    constexpr double near_tie = 1.1;
    std::optional<Refutation> worst;
    for (std::size_t row = 0; row < table.size(); ++row)
        if (const auto way = rule(table[row].work)) {
            const double loss = regret(table[row], *way);
            if (loss > (worst ? worst->regret : near_tie))
                worst = Refutation{row, best_of(table[row]), loss};
        }
    return worst;
}

}  // namespace lab
