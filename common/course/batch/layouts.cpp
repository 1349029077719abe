// Takes names of exports apart.
#include <course/batch/layouts.hpp>

#include <yaml-cpp/yaml.h>

#include <map>
#include <stdexcept>

namespace course::batch {

namespace {

const std::map<std::string, std::string, std::less<>> field_expressions{
    {"name", "(.+?)"},    {"login", "([^_]+?)"},    {"id", R"((\d+))"}, {"number", R"((\d+))"},
    {"late", "(LATE_)?"}, {"email", "([^_]+@.+?)"}, {"file", "(.+)"}};

/// Canvas writes `answer-2.cpp` for the third attempt; a student may also write so, to the same effect.
std::string without_attempt(const std::string& file) {
    static const std::regex attempt(R"(^(.+)-\d+(\.[A-Za-z.]+)$)");
    return std::regex_replace(file, attempt, "$1$2");
}

std::string text(const YAML::Node& node) {
    return node && node.IsScalar() ? node.Scalar() : "";
}

}  // namespace

NamePattern::NamePattern(std::string_view pattern) {
    std::string expression;
    bool tells_who = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c == '*') {
            expression += ".*?";
        } else if (c == '{') {
            const auto end = pattern.find('}', at);
            const auto field =
                pattern.substr(at + 1, end == std::string_view::npos ? end : end - at - 1);
            const auto found = field_expressions.find(field);
            if (end == std::string_view::npos || found == field_expressions.end())
                throw std::invalid_argument(
                    "the pattern " + std::string(pattern) + " has the unknown field {" +
                    std::string(field) +
                    "}: there are name, login, id, email, number, late and file");
            expression += found->second;
            fields_.emplace_back(field);
            tells_who = tells_who || field == "name" || field == "login" || field == "id" ||
                        field == "email";
            at = end;
        } else {
            if (std::string_view(R"(.[]\^$()+?|)").find(c) != std::string_view::npos)
                expression += '\\';
            expression += c;
        }
    }
    if (!tells_who)
        throw std::invalid_argument(
            "the pattern " + std::string(pattern) +
            " doesn't say who it is: it needs {name}, {login}, {id} or {email}");
    regex_ = std::regex(expression);
}

std::optional<Named> NamePattern::match(const std::string& name) const {
    std::smatch match;
    // A regular expression costs stack for each letter: a longer name is nobody's.
    if (name.size() > 512 || !std::regex_match(name, match, regex_))
        return std::nullopt;
    Named named;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const std::string value = match[i + 1].str();
        if (fields_[i] == "name" || (fields_[i] == "login" && named.name.empty()))
            named.name = value;
        else if (fields_[i] == "id")
            named.id = value;
        else if (fields_[i] == "email")
            named.email = value;
        else if (fields_[i] == "late")
            named.late = !value.empty();
        else if (fields_[i] == "file")
            named.file = value;
    }
    if (named.name.empty())
        named.name = named.email.empty() ? named.id : named.email;
    return named;
}

std::optional<Named> named_by_folder(const std::string& name) {
    static const NamePattern moodle("{name}_{id}_assignsubmission_*");
    return moodle.match(name);
}

std::optional<Named> named_by_file(const std::string& name) {
    static const NamePattern moodle("{name}_{id}_assignsubmission_file_{file}");
    static const NamePattern canvas("{login}_{late}{id}_{number}_{file}");
    if (auto named = moodle.match(name))
        return named;
    auto named = canvas.match(name);
    if (named)
        named->file = without_attempt(named->file);
    return named;
}

std::vector<std::pair<std::string, std::vector<Named>>> gradescope_submitters(
    const std::filesystem::path& metadata) try {
    std::vector<std::pair<std::string, std::vector<Named>>> all;
    for (const auto& entry : YAML::LoadFile(metadata.string())) {
        std::vector<Named> submitters;
        for (const auto& submitter : entry.second[":submitters"])
            submitters.push_back({.name = text(submitter[":name"]),
                                  .id = text(submitter[":sid"]),
                                  .email = text(submitter[":email"]),
                                  .handed_in = text(entry.second[":created_at"])});
        all.emplace_back(entry.first.as<std::string>(), std::move(submitters));
    }
    return all;
} catch (const YAML::Exception& error) {
    throw std::runtime_error(metadata.string() +
                             " is not what Gradescope exports: " + error.what());
}

}  // namespace course::batch
