// Reads what the simulation wrote.
#include <course/timeline/model.hpp>

#include <fmt/format.h>

#include <course/timeline/events.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace course::timeline {

namespace {

using nlohmann::json;

Event event_from(const json& from) {
    Event event;
    event.at = {std::chrono::nanoseconds(from.at("time_ns").get<std::int64_t>()),
                from.at("step").get<std::uint64_t>()};
    event.thread = from.at("thread");
    event.kind = from.at("kind");
    event.operation = from.at("operation");
    event.object = from.value("object", "");
    event.place = from.value("at", "");
    event.note = from.value("note", "");
    event.woken_by = from.value("woken_by", -1);
    event.joins = from.value("joins", -1);
    return event;
}

Run run_from(const json& document) {
    Run run;
    run.title = document.at("title");
    run.verdict = document.at("verdict");
    run.message = document.at("message");
    run.schedule = document.at("schedule");
    run.complete = document.at("complete");
    run.cores = document.at("cores");
    std::vector<Event> events;
    for (const auto& event : document.at("events"))
        events.push_back(event_from(event));
    run.lanes = lanes_of(events, document.at("threads"), run.end);
    if (run.verdict != "deadlock" && run.verdict != "thread left over")
        for (auto& lane : run.lanes) {  // what was cut off might have come to an end
            for (auto& span : lane.spans)
                span.for_ever = false;
            for (auto& hold : lane.holds)
                hold.for_ever = false;
        }
    if (document.contains("race"))
        for (const auto& access : document.at("race")) {
            Instant at{run.end.time, access.at("step").get<std::uint64_t>()};
            for (const auto& event : events)
                if (event.at.step <= at.step)
                    at.time = event.at.time;
            run.race.push_back({access.at("thread"), access.at("write"), at, access.at("at")});
        }
    return run;
}

}  // namespace

std::chrono::nanoseconds Run::computed() const {
    std::chrono::nanoseconds sum{};
    for (const auto& lane : lanes)
        for (const auto& span : lane.spans)
            if (span.activity == Activity::computing)
                sum += span.end.time - span.begin.time;
    return sum;
}

std::vector<Run> read(const std::string& lines) {
    std::vector<Run> runs;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
        try {
            runs.push_back(run_from(json::parse(line)));
        } catch (const std::exception& error) {
            throw std::runtime_error(fmt::format("line {} is not a timeline of the simulation: {}",
                                                 runs.size() + 1, error.what()));
        }
    }
    return runs;
}

}  // namespace course::timeline
