// How many threads a process has: with more than one, a fork copies locks that nobody will unlock.
#pragma once

namespace course::pool {

/// The threads of this process, without the one that ThreadSanitizer has for itself.
///
/// \thread_safety  any thread.
int number_of_threads();

}  // namespace course::pool
