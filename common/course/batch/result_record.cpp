// Writes and reads results as JSON.
#include <course/batch/result_record.hpp>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace course::batch {

using namespace grading;
using nlohmann::json;

namespace {

/// The texts of a case, by their keys in the record.
template <class Case>
auto texts_of(Case& one) {
    return std::array{std::pair("summary", &one.summary),   std::pair("expected", &one.expected),
                      std::pair("got", &one.got),           std::pair("notes", &one.notes),
                      std::pair("place", &one.place),       std::pair("story", &one.story),
                      std::pair("schedule", &one.schedule), std::pair("hint", &one.hint),
                      std::pair("printed", &one.printed)};
}

/// A string, or, if it is not UTF-8, its bytes as numbers.
json text_json(const std::string& text) try {
    const json value = text;
    (void)value.dump();
    return value;
} catch (const json::type_error&) {
    json bytes = json::array();
    for (const char c : text)
        bytes.push_back(static_cast<unsigned char>(c));
    return bytes;
}

std::string text_from(const json& value) {
    if (value.is_string())
        return value;
    std::string text;
    for (const auto& byte : value)
        text += static_cast<char>(byte.get<unsigned char>());
    return text;
}

}  // namespace

std::string to_record(const LabResult& result) {
    json items = json::array();
    for (const auto& item : result.items) {
        json cases = json::array();
        for (const auto& one : item.cases) {
            json value{{"verdict", name(one.verdict)},
                       {"cpu", one.cpu.count()},
                       {"wall", one.wall.count()},
                       {"schedules", one.schedules}};
            for (const auto& [key, text] : texts_of(one))
                if (!text->empty())
                    value[key] = text_json(*text);
            cases.push_back(std::move(value));
        }
        items.push_back(std::move(cases));
    }
    return json{{"build", name(result.build)},
                {"messages", text_json(result.messages)},
                {"wall", result.wall.count()},
                {"items", items}}
        .dump();
}

LabResult from_record(const std::string& record, const Rubric& rubric) try {
    const json whole = json::parse(record);
    LabResult result;
    result.rubric = rubric;
    result.build = verdict_named(whole.at("build").get<std::string>());
    result.messages = text_from(whole.at("messages"));
    result.wall = std::chrono::microseconds(whole.at("wall").get<std::int64_t>());
    const json& items = whole.at("items");
    if (items.size() != rubric.items.size())
        throw std::runtime_error("it has another number of items");
    for (std::size_t i = 0; i < items.size(); ++i) {
        result.items.push_back({rubric.items[i], {}});
        if (!items[i].empty() && items[i].size() != rubric.items[i].cases.size())
            throw std::runtime_error("it has another number of cases");
        for (std::size_t k = 0; k < items[i].size(); ++k) {
            const json& value = items[i][k];
            CaseResult one;
            one.rubric = rubric.items[i].cases[k];
            one.verdict = verdict_named(value.at("verdict").get<std::string>());
            one.cpu = std::chrono::microseconds(value.at("cpu").get<std::int64_t>());
            one.wall = std::chrono::microseconds(value.at("wall").get<std::int64_t>());
            one.schedules = value.at("schedules");
            for (const auto& [key, text] : texts_of(one))
                if (value.contains(key))
                    *text = text_from(value[key]);
            result.items.back().cases.push_back(std::move(one));
        }
    }
    return result;
} catch (const std::exception& error) {
    throw std::runtime_error("not a result of lab " + rubric.lab + ": " + error.what());
}

void for_each_text(LabResult& result, const std::function<void(std::string&)>& change) {
    change(result.messages);
    for (auto& item : result.items)
        for (auto& one : item.cases)
            for (const auto& [key, text] : texts_of(one))
                change(*text);
}

LabResult not_run(const Rubric& rubric, Verdict verdict, const std::string& why) {
    LabResult result;
    result.rubric = rubric;
    result.build = verdict;
    result.messages = why;
    for (const auto& item : rubric.items)
        result.items.push_back({item, {}});
    return result;
}

}  // namespace course::batch
