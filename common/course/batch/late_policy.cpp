// Reads moments and penalties, and counts the periods between.
#include <course/batch/late_policy.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <regex>
#include <stdexcept>

namespace course::batch {

Moment parse_moment(const std::string& text) {
    static const std::regex form(
        R"(\s*(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?\s*)");
    std::smatch match;
    const auto number = [&match](std::size_t i) {
        return match[i].matched ? std::stoi(match[i]) : 0;
    };
    const auto bad = [&text](const char* why) {
        return std::invalid_argument("'" + text + "' " + why +
                                     ": write it like 2026-11-26 23:59, or 2026-11-26T23:59+01:00");
    };
    if (!std::regex_match(text, match, form))
        throw bad("is not a time");
    const std::chrono::year_month_day day{std::chrono::year(number(1)),
                                          std::chrono::month(static_cast<unsigned>(number(2))),
                                          std::chrono::day(static_cast<unsigned>(number(3)))};
    if (!day.ok() || number(4) > 24 || number(5) > 59 || number(6) > 60)
        throw bad("is on no calendar");
    const std::string zone = match[7];
    if (zone.empty()) {
        std::tm local{};
        local.tm_year = number(1) - 1900, local.tm_mon = number(2) - 1, local.tm_mday = number(3);
        local.tm_hour = number(4), local.tm_min = number(5), local.tm_sec = number(6);
        local.tm_isdst = -1;
        return Moment(std::chrono::seconds(std::mktime(&local)));
    }
    Moment moment = std::chrono::sys_days(day) + std::chrono::hours(number(4)) +
                    std::chrono::minutes(number(5)) + std::chrono::seconds(number(6));
    if (zone.front() == '+' || zone.front() == '-') {
        const auto east = std::chrono::hours(std::stoi(zone.substr(1, 2))) +
                          std::chrono::minutes(std::stoi(zone.substr(zone.size() - 2)));
        moment = zone.front() == '+' ? moment - east : moment + east;
    }
    return moment;
}

std::string iso(Moment moment) {
    const std::time_t seconds = moment.time_since_epoch().count();
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

void LatePolicy::set_penalty(const std::string& text) {
    static const std::regex form(
        R"(\s*(\d{1,3})\s*%\s*(?:per|a|an|/)\s*(hour|day|week)(?:,?\s*(?:up to|at most)\s*(\d{1,3})\s*%)?\s*)");
    std::smatch match;
    if (!std::regex_match(text, match, form) || std::stoi(match[1]) > 100)
        throw std::invalid_argument(
            "'" + text +
            "' is not a penalty: write it like '10% per day' or '5% per hour up to 50%'");
    percent = std::stoi(match[1]);
    period = std::chrono::hours(match[2] == "hour" ? 1 : match[2] == "day" ? 24 : 24 * 7);
    most = match[3].matched ? std::min(100, std::stoi(match[3])) : 100;
}

grading::Lateness LatePolicy::lateness(Moment handed_in, Moment due) const {
    grading::Lateness late{iso(handed_in)};
    const auto past = handed_in - due;
    if (past <= grace)
        return late;
    late.by = past;
    const auto begun = (past + period - std::chrono::seconds(1)) / period;
    late.percent = static_cast<int>(std::min<long long>(most, begun * percent));
    return late;
}

grading::Lateness LatePolicy::late_without_time() const {
    return {"", std::chrono::seconds(1), std::min(most, percent)};
}

std::string in_words(std::chrono::seconds time) {
    const auto minutes =
        std::max<long long>(1, std::chrono::ceil<std::chrono::minutes>(time).count());
    const auto part = [](long long count, const char* unit) {
        return count == 0 ? std::string()
                          : fmt::format("{} {}{} ", count, unit, count == 1 ? "" : "s");
    };
    std::string words = part(minutes / (24 * 60), "day") + part(minutes / 60 % 24, "hour");
    if (minutes < 24 * 60)
        words += part(minutes % 60, "minute");
    words.pop_back();
    return words;
}

}  // namespace course::batch
