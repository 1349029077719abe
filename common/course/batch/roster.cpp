// Reads a roster, and finds people in it.
#include <course/batch/roster.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <course/testing/probes.hpp>

namespace course::batch {

namespace {

/// \p text in lower case, without blanks and punctuation; letters that are not ASCII stay as they are.
std::string letters(const std::string& text) {
    std::string kept;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || std::isalnum(byte))
            kept += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
    }
    return kept;
}

/// What is the same for one person whatever the order of the names: its words, sorted.
std::string words_of(const std::string& name) {
    std::set<std::string> words;
    std::string word;
    for (const char c : name + " ") {
        if (c != ' ' && c != ',') {
            word += c;
            continue;
        }
        if (const std::string kept = letters(word); !kept.empty())
            words.insert(kept);
        word.clear();
    }
    std::string all;
    for (const auto& one : words)
        all += one + " ";
    return all;
}

/// Whether \p written, one word as Canvas writes it, is \p name with the last name in front or behind.
bool is_run_together(const std::string& written, const std::string& name) {
    const std::string one = letters(written);
    const std::string whole = letters(name);
    if (one.size() != whole.size() || one.empty())
        return false;
    for (std::size_t at = 0; at < name.size(); ++at)
        if (name[at] == ' ' || name[at] == ',')
            if (letters(name.substr(at)) + letters(name.substr(0, at)) == one)
                return true;
    return one == whole;
}

/// The column that a heading means, or nothing.
std::string column_for(const std::string& heading) {
    static const std::map<std::string, std::string> names{{"name", "name"},
                                                          {"student", "name"},
                                                          {"fullname", "name"},
                                                          {"firstname", "first"},
                                                          {"givenname", "first"},
                                                          {"lastname", "last"},
                                                          {"surname", "last"},
                                                          {"familyname", "last"},
                                                          {"id", "id"},
                                                          {"sid", "id"},
                                                          {"studentid", "id"},
                                                          {"idnumber", "id"},
                                                          {"login", "login"},
                                                          {"loginid", "login"},
                                                          {"sisloginid", "login"},
                                                          {"username", "login"},
                                                          {"user", "login"},
                                                          {"email", "email"},
                                                          {"emailaddress", "email"},
                                                          {"mail", "email"},
                                                          {"deadline", "deadline"},
                                                          {"extension", "deadline"},
                                                          {"handedin", "handed in"},
                                                          {"submitted", "handed in"},
                                                          {"submissiontime", "handed in"}};
    const auto found = names.find(letters(heading));
    return found == names.end() ? "" : found->second;
}

}  // namespace

std::vector<std::vector<std::string>> read_csv(const std::string& text) {
    const std::string bom = "\xef\xbb\xbf";
    std::size_t at = text.starts_with(bom) ? bom.size() : 0;
    const std::string heading = text.substr(at, text.find_first_of("\r\n", at) - at);
    const auto count = [&heading](char c) { return std::count(heading.begin(), heading.end(), c); };
    const char separator = count(';') > count(',') ? ';' : count('\t') > count(',') ? '\t' : ',';
    std::vector<std::vector<std::string>> lines;
    std::vector<std::string> fields(1);
    bool quoted = false;
    const auto end_line = [&] {
        if (fields.size() > 1 || !fields.front().empty())
            lines.push_back(std::move(fields));
        fields.assign(1, "");
    };
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted && c == '"' && at + 1 < text.size() && text[at + 1] == '"')
            fields.back() += text[++at];
        else if (c == '"' && (quoted || fields.back().empty()))
            quoted = !quoted;
        else if (quoted)
            fields.back() += c;
        else if (c == separator)
            fields.emplace_back();
        else if (c == '\n')
            end_line();
        else if (c != '\r')
            fields.back() += c;
    }
    end_line();
    return lines;
}

Roster::Roster(const std::filesystem::path& file) {
    if (!std::filesystem::is_regular_file(file))
        throw std::runtime_error("there is no roster " + file.string());
    const auto lines = read_csv(testing::contents(file));
    if (lines.empty())
        throw std::runtime_error("the roster " + file.string() + " is empty");
    std::map<std::string, std::size_t> columns;
    for (std::size_t i = 0; i < lines.front().size(); ++i)
        if (const std::string column = column_for(lines.front()[i]); !column.empty())
            columns.emplace(column, i);
    if (!columns.contains("name") && !columns.contains("last") && !columns.contains("id") &&
        !columns.contains("login") && !columns.contains("email"))
        throw std::runtime_error("the first line of the roster " + file.string() +
                                 " must name its columns: name (or first name, last name), id, "
                                 "login, email, deadline, handed in");
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto field = [&](const char* column) {
            const auto found = columns.find(column);
            return found != columns.end() && found->second < lines[i].size()
                       ? lines[i][found->second]
                       : std::string();
        };
        RosterEntry entry{{field("name"), field("id"), field("email")},
                          field("login"),
                          field("deadline"),
                          field("handed in")};
        if (entry.identity.name.empty()) {
            const std::string first = field("first");
            entry.identity.name =
                first + (first.empty() || field("last").empty() ? "" : " ") + field("last");
        }
        for (const auto& said : {entry.login, entry.identity.email, entry.identity.id})
            if (entry.identity.name.empty())
                entry.identity.name = said;
        if (!entry.identity.name.empty())
            entries_.push_back(std::move(entry));
    }
}

const RosterEntry* Roster::find(const grading::Identity& who) const {
    const auto only = [this](const auto& means) -> const RosterEntry* {
        const auto found = std::find_if(entries_.begin(), entries_.end(), means);
        if (found == entries_.end() ||
            std::find_if(found + 1, entries_.end(), means) != entries_.end())
            return nullptr;
        return &*found;
    };
    const auto same = [](const std::string& a, const std::string& b) {
        return !a.empty() && letters(a) == letters(b);
    };
    if (const auto* entry = only([&](const RosterEntry& one) {
            return same(who.id, one.identity.id) || same(who.email, one.identity.email);
        }))
        return entry;
    // A folder may be called by any of these.
    if (const auto* entry = only([&](const RosterEntry& one) {
            return same(who.name, one.login) || same(who.name, one.identity.id) ||
                   same(who.name, one.identity.email);
        }))
        return entry;
    if (const auto* entry = only([&](const RosterEntry& one) {
            return !words_of(who.name).empty() && words_of(who.name) == words_of(one.identity.name);
        }))
        return entry;
    return only(
        [&](const RosterEntry& one) { return is_run_together(who.name, one.identity.name); });
}

}  // namespace course::batch
