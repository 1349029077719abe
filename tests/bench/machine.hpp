// What a figure was measured on, and when: a figure without it says little.
#pragma once

#include <string>

namespace bench {

/// The machine, the system and the tools.
struct Machine {
    std::string processor;    ///< its model
    unsigned processors = 0;  ///< how many this program may use
    double gigabytes = 0;     ///< of memory
    std::string system;       ///< distribution and kernel
    std::string compiler;     ///< of these programs
    std::string libraries;    ///< Boost and libc
    std::string python;       ///< empty: there is none

    /// This one.
    static Machine here();
    /// In one line.
    std::string in_words() const;
};

/// Today, such as 2026-11-26.
std::string today();

}  // namespace bench
