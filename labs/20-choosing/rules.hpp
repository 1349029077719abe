// Rules of thumb from the articles, as functions: what they say one should take.
#pragma once

#include <string>
#include <vector>

#include "choosing.hpp"

namespace lab {

/// A rule, and who says it.
struct NamedRule {
    /// In a few words.
    std::string name;
    /// What it says.
    Rule rule;
};

/// Whether most of a task's time is wait.
inline bool mostly_waits(const Work& work) {
    return work.wait > work.cpu;
}

/// The articles' rules.
inline std::vector<NamedRule> rules_of_thumb() {
    using std::chrono_literals::operator""ms;
    return {
        {"processes are never wrong", [](const Work&) { return Way::processes; }},
        {"CPU: processes",
         [](const Work& work) {
             return mostly_waits(work) ? std::optional<Way>() : Way::processes;
         }},
        {"fast I/O: threads",
         [](const Work& work) {
             return mostly_waits(work) && work.wait < 10ms ? std::optional(Way::many_threads)
                                                           : std::nullopt;
         }},
        //! [slow]
        {"slow I/O: coroutines",
         [](const Work& work) {
             return mostly_waits(work) && work.wait >= 10ms ? std::optional(Way::coroutines)
                                                            : std::nullopt;
         }},
        //! [slow]
        {"I/O and CPU: threads in processes",
         [](const Work& work) {
             return work.wait.count() > 0 && work.cpu.count() > 0
                        ? std::optional(Way::threads_in_processes)
                        : std::nullopt;
         }},
    };
}

}  // namespace lab
