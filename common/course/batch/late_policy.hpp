// Late policy: what it costs to hand in after the deadline.
#pragma once

#include <chrono>
#include <course/grading/gradebook.hpp>
#include <optional>
#include <string>

namespace course::batch {

/// A moment, in whole seconds.
using Moment = std::chrono::sys_seconds;

/// The moment that \p text means: `2026-11-26 23:59`, with a `T` in the middle or seconds if you like. `Z`, `UTC` or `+01:00`
/// behind it says where; otherwise it is the time of this machine.
/// \throws std::invalid_argument  if it is not such a text, or no such day.
Moment parse_moment(const std::string& text);

/// \p moment as ISO 8601 in UTC, such as `2026-11-26T22:59:00Z`.
std::string iso(Moment moment);

/// What lateness costs.
struct LatePolicy {
    /// When it had to be there; nothing: nobody is late, unless the roster has a deadline for somebody.
    std::optional<Moment> deadline;
    /// So much later is still in time.
    std::chrono::minutes grace{0};
    /// Of the points earned, so many of a hundred are lost ...
    int percent = 0;
    /// ... for each such period that has begun.
    std::chrono::seconds period = std::chrono::hours(24);
    /// No more than so many of a hundred are lost.
    int most = 100;

    /// Set percent, period and most by \p text: `10% per day`, `5% per hour up to 50%`.
    /// \throws std::invalid_argument  if it is not such a text.
    void set_penalty(const std::string& text);

    /// How late it is to hand in at \p handed_in, if \p deadline counts.
    grading::Lateness lateness(Moment handed_in, Moment deadline) const;
    /// How late somebody is of whom the platform says `late`, and no more: one period.
    grading::Lateness late_without_time() const;
};

/// \p time in words: `2 days 3 hours`; never less than a minute.
std::string in_words(std::chrono::seconds time);

}  // namespace course::batch
