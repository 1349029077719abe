// What spans and times are called.
#include <course/timeline/model.hpp>

#include <fmt/format.h>

namespace course::timeline {

std::string name(Activity activity) {
    switch (activity) {
        case Activity::running:
            return "running";
        case Activity::ready:
            return "ready";
        case Activity::computing:
            return "computing";
        case Activity::wanting_core:
            return "wanting a core";
        case Activity::sleeping:
            return "sleeping";
        case Activity::blocked:
            return "blocked";
        case Activity::returned:
            return "returned";
    }
    return "?";
}

std::string describe(const Span& span) {
    const bool joins = span.what.starts_with("for the end of");
    switch (span.activity) {
        case Activity::running:
            return "runs";
        case Activity::ready:
            return "could run, but another thread does";
        case Activity::computing:
            return "computes";
        case Activity::wanting_core:
            return "wants a core";
        case Activity::sleeping:
            return "sleeps";
        case Activity::returned:
            return "has returned, and waits for the threads it left";
        case Activity::blocked:
            break;
    }
    const bool known = span.what.starts_with("for ") || span.what.starts_with("to ") ||
                       span.what.starts_with("on ") || span.what.starts_with("at ");
    return (known ? "waits " + span.what : "waits: " + span.what) +
           (span.holder >= 0 && !joins ? fmt::format(" that T{} holds", span.holder) : "");
}

std::string to_text(std::chrono::nanoseconds time) {
    struct Unit {
        std::int64_t length;
        const char* name;
    };
    constexpr Unit units[] = {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "µs"}, {1, "ns"}};
    for (const auto& unit : units) {
        if (time.count() < unit.length)
            continue;
        std::string text = fmt::format("{}.{:09}", time.count() / unit.length,
                                       time.count() % unit.length * (1'000'000'000 / unit.length));
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.')
            text.pop_back();
        return text + " " + unit.name;
    }
    return "0 s";
}

}  // namespace course::timeline
