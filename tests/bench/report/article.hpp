// The table of the article that the measured one answers: seconds in Python, on its author's machine, in 2022.
#pragma once

#include <optional>
#include <string>

namespace bench {

/// What the article says of \p work in \p way; nothing if it says nothing.
///
/// It prints its computing task as sums up to 10^7, 10^5 and 10^4 in different places; the table was made with 10^4.
/// \source  "Processes, threads or coroutines in Python" (in Chinese), 2022-02-23, its four tables of results.
std::optional<double> article_seconds(const std::string& work, const std::string& way, int tasks);

}  // namespace bench
