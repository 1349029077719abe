// Each work in each way.
#include "ways.hpp"

#include <numeric>
#include <stdexcept>
#include <type_traits>

#include "executors.hpp"
#include "tasks.hpp"
#ifdef COURSE_HAS_TBB
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#endif

namespace table {

namespace {

constexpr unsigned threads_in_a_worker = 4;

/// The way \p run, which is given the items and the number of workers.
template <class Run>
Way way(std::string name, std::string work, Run run, bool python = true) {
    const auto measured = [run](int tasks, unsigned workers) {
        std::vector<int> items(static_cast<std::size_t>(tasks));
        std::iota(items.begin(), items.end(), 0);
        if (run(items, workers).size() != items.size())
            throw std::logic_error("results are missing");
    };
    return {std::move(name), std::move(work), measured, python};
}

using Items = const std::vector<int>&;

#ifdef COURSE_HAS_TBB
/// A task of oneTBB for each item.
template <auto task>
auto in_tbb(Items items, unsigned threads) {
    std::vector<bench::ResultOf<task, int>> results(items.size());
    tbb::task_arena arena(static_cast<int>(threads));
    arena.execute([&] {
        tbb::task_group group;
        for (std::size_t i = 0; i < items.size(); ++i)
            group.run([&, i] { results[i] = task(items[i]); });
        group.wait();
    });
    return results;
}
#endif

template <auto task>
void add(std::vector<Way>& ways, const std::string& work) {
    using namespace bench;
    ways.push_back(
        way("serial", work, [](Items items, unsigned) { return serially<task>(items); }));
    ways.push_back(way("thread_per_task", work,
                       [](Items items, unsigned) { return in_a_thread_each<task>(items); }));
    ways.push_back(way("threads", work, [](Items items, unsigned workers) {
        return in_a_thread_pool<task>(items, workers);
    }));
    ways.push_back(way("processes", work, [](Items items, unsigned workers) {
        return in_a_process_pool<task>(items, workers, 1);
    }));
    ways.push_back(way("loop_threads", work, [](Items items, unsigned workers) {
        return in_a_loop_with_threads<task>(items, workers);
    }));
    ways.push_back(way("loop_processes", work, [](Items items, unsigned workers) {
        return in_a_loop_with_processes<task>(items, workers);
    }));
    ways.push_back(way("threads_in_processes", work, [](Items items, unsigned workers) {
        return in_processes_with_threads<task>(items, workers, threads_in_a_worker);
    }));
    ways.push_back(way(
        "async", work, [](Items items, unsigned) { return in_async_calls<task>(items); }, false));
#ifdef COURSE_HAS_TBB
    ways.push_back(way(
        "tbb", work, [](Items items, unsigned workers) { return in_tbb<task>(items, workers); },
        false));
#endif
}

}  // namespace

std::vector<Way> ways() {
    std::vector<Way> all;
    add<read_random>(all, "io");
    add<sum_squares>(all, "cpu");
    add<read_and_sum>(all, "mixed");
    all.push_back(way("pool_per_task", "mixed", [](Items items, unsigned workers) {
        return bench::in_a_process_pool<read_in_a_pool_and_sum>(items, workers, 1);
    }));
    all.push_back(way("loop_pool_per_task", "mixed", [](Items items, unsigned workers) {
        return bench::in_a_loop_with_processes<read_in_a_pool_and_sum>(items, workers);
    }));
    return all;
}

}  // namespace table
