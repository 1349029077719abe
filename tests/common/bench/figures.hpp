// Figures that nobody measured, for tests of what is said about them.
#pragma once

#include "report/figures.hpp"

namespace bench {

/// An origin that is the same everywhere.
inline Origin some_origin() {
    Machine machine;
    machine.processor = "A <fast> one";
    machine.processors = 2;
    machine.gigabytes = 4;
    machine.system = "Debian, Linux 6.1";
    machine.compiler = "clang 19";
    machine.libraries = "Boost 1.81";
    return {machine, "2026-01-02", "./course bench something --rounds 3", 3};
}

/// A row of the table in three rounds: \p seconds, and a little less and more.
inline TableRow row(std::string work, std::string way, int tasks, std::string language,
                    double seconds) {
    return {std::move(work),
            std::move(way),
            std::move(language),
            tasks,
            {seconds, seconds * 0.9, seconds * 1.1},
            {seconds, seconds, seconds}};
}

}  // namespace bench
