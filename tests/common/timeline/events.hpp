// A timeline of the simulation, written by hand: one event a line.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace timelines {

using nlohmann::json;

/// An event of thread \p thread at \p milliseconds and \p step.
inline json event(int thread, int milliseconds, int step, const std::string& kind,
                  const std::string& operation, const json& more = json::object()) {
    json one = {{"thread", thread},
                {"time_ns", std::int64_t{milliseconds} * 1'000'000},
                {"step", step},
                {"kind", kind},
                {"operation", operation}};
    one.update(more);
    return one;
}

inline std::string document(const std::vector<json>& events, int threads,
                            const json& more = json::object()) {
    json one = {{"title", ""},      {"verdict", "pass"}, {"message", ""},      {"schedule", ""},
                {"complete", true}, {"cores", 4},        {"threads", threads}, {"events", events}};
    one.update(more);
    return one.dump() + "\n";
}

/// T1 holds a mutex while it sleeps 30 ms, T2 waits for it and then sleeps 10 ms with it; T0 joins
/// both.
inline std::string two_at_one_lock() {
    const json lock = {{"object", "0x10"}};
    return document({event(0, 0, 1, "executes", "create a thread"),
                     event(0, 0, 2, "executes", "create a thread"),
                     event(0, 0, 2, "waits", "join a thread", {{"object", "0x1"}, {"joins", 1}}),
                     event(1, 0, 3, "executes", "start"),
                     event(1, 0, 4, "executes", "lock", lock),
                     event(1, 0, 4, "takes", "lock", lock),
                     event(1, 0, 4, "notes", "lock", {{"note", "fry <eggs>"}}),
                     event(1, 0, 4, "waits", "sleep"),
                     event(2, 0, 5, "executes", "start"),
                     event(2, 0, 6, "executes", "lock", lock),
                     event(2, 0, 6, "waits", "lock", lock),
                     event(1, 30, 7, "time is over", "sleep"),
                     event(1, 30, 7, "releases", "sleep", lock),
                     event(1, 30, 7, "ends", "finish"),
                     event(0, 30, 8, "executes", "join a thread", {{"woken_by", 1}}),
                     event(0, 30, 8, "waits", "join a thread", {{"object", "0x2"}, {"joins", 2}}),
                     event(2, 30, 9, "executes", "lock", {{"object", "0x10"}, {"woken_by", 1}}),
                     event(2, 30, 9, "takes", "lock", lock),
                     event(2, 30, 9, "waits", "sleep"),
                     event(2, 40, 10, "time is over", "sleep"),
                     event(2, 40, 10, "releases", "sleep", lock),
                     event(2, 40, 10, "ends", "finish"),
                     event(0, 40, 11, "executes", "join a thread", {{"woken_by", 2}}),
                     event(0, 40, 11, "ends", "finish")},
                    3);
}

/// T1 has mutex 1 and wants mutex 2, T2 the other way round; no time passes.
inline std::string deadlock() {
    const json first = {{"object", "0x10"}};
    const json second = {{"object", "0x20"}};
    return document(
        {event(0, 0, 1, "executes", "create a thread"),
         event(0, 0, 2, "waits", "join a thread", {{"object", "0x1"}, {"joins", 1}}),
         event(1, 0, 3, "executes", "lock", first), event(1, 0, 3, "takes", "lock", first),
         event(2, 0, 4, "executes", "lock", second), event(2, 0, 4, "takes", "lock", second),
         event(1, 0, 5, "executes", "lock", second),
         event(1, 0, 5, "waits", "lock", {{"object", "0x20"}, {"at", "lab/account.cpp:31"}}),
         event(2, 0, 6, "executes", "lock", first), event(2, 0, 6, "waits", "lock", first)},
        3, {{"verdict", "deadlock"}, {"message", "every thread waits"}, {"schedule", "17"}});
}

}  // namespace timelines
