// The model for other tools: `./course timeline --json`.
#include <course/timeline/model.hpp>

#include <nlohmann/json.hpp>

namespace course::timeline {

namespace {

using nlohmann::json;

json instants(Instant begin, Instant end) {
    return {{"begin_ns", begin.time.count()},
            {"end_ns", end.time.count()},
            {"begin_step", begin.step},
            {"end_step", end.step}};
}

json to_json(const Span& span) {
    json one = instants(span.begin, span.end);
    one["activity"] = name(span.activity);
    if (!span.note.empty())
        one["note"] = span.note;
    if (!span.what.empty())
        one["waits"] = span.what;
    if (span.holder >= 0)
        one["on_thread"] = span.holder;
    if (span.woken_by >= 0)
        one["woken_by"] = span.woken_by;
    if (span.for_ever)
        one["for_ever"] = true;
    if (!span.place.empty())
        one["at"] = span.place;
    return one;
}

json to_json(const Lane& lane) {
    json one = instants(lane.begin, lane.end);
    one["name"] = lane.name;
    one["finished"] = lane.finished;
    one["spans"] = json::array();
    for (const auto& span : lane.spans)
        one["spans"].push_back(to_json(span));
    one["holds"] = json::array();
    for (const auto& hold : lane.holds) {
        json held = instants(hold.begin, hold.end);
        held["lock"] = hold.lock;
        held["contended"] = hold.contended;
        one["holds"].push_back(std::move(held));
    }
    return one;
}

json to_json(const Run& run) {
    json one = {{"title", run.title},
                {"verdict", run.verdict},
                {"message", run.message},
                {"schedule", run.schedule},
                {"complete", run.complete},
                {"cores", run.cores},
                {"elapsed_ns", run.end.time.count()},
                {"computed_ns", run.computed().count()},
                {"steps", run.end.step},
                {"lanes", json::array()}};
    for (const auto& lane : run.lanes)
        one["lanes"].push_back(to_json(lane));
    for (const auto& access : run.race)
        one["race"].push_back({{"thread", access.thread},
                               {"write", access.write},
                               {"step", access.at.step},
                               {"at", access.place}});
    return one;
}

}  // namespace

std::string to_json(const std::vector<Run>& runs) {
    json all = json::array();
    for (const auto& run : runs)
        all.push_back(to_json(run));
    return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace course::timeline
