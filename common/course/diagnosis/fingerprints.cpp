// Winnowing over C++ tokens.
#include <course/diagnosis/fingerprints.hpp>

#include <algorithm>
#include <cctype>
#include <functional>
#include <string_view>
#include <tuple>

namespace course::diagnosis {

namespace {

constexpr std::size_t run_length = 9;     // tokens that are hashed together
constexpr std::size_t window_length = 8;  // hashes of which one is kept
// With fewer fingerprints of its own a file says nothing about who wrote it.
constexpr std::size_t least_fingerprints = 6;

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Where the comment that begins at \p at ends.
std::size_t after_comment(std::string_view source, std::size_t at) {
    const bool line = source[at + 1] == '/';
    const std::size_t end = source.find(line ? "\n" : "*/", at + 2);
    return end == std::string_view::npos ? source.size() : end + (line ? 1 : 2);
}

/// Where the text in quotes that begins at \p at ends.
std::size_t after_quoted(std::string_view source, std::size_t at) {
    const char quote = source[at++];
    while (at < source.size() && source[at] != quote && source[at] != '\n')
        at += source[at] == '\\' ? 2 : 1;
    return std::min(at + 1, source.size());
}

/// Words that are what they are; every other one is a name.
bool is_keyword(std::string_view word) {
    static const std::set<std::string_view> keywords{
        "auto",      "bool",     "break",    "case",      "catch",    "char",     "class",
        "const",     "continue", "default",  "delete",    "do",       "double",   "else",
        "enum",      "false",    "for",      "goto",      "if",       "int",      "long",
        "namespace", "new",      "noexcept", "nullptr",   "operator", "private",  "public",
        "return",    "sizeof",   "static",   "struct",    "switch",   "template", "this",
        "throw",     "true",     "try",      "typename",  "unsigned", "using",    "virtual",
        "void",      "while",    "co_await", "co_return", "co_yield"};
    return keywords.contains(word);
}

std::vector<std::string_view> tokens_of(std::string_view source) {
    std::vector<std::string_view> tokens;
    for (std::size_t at = 0; at < source.size();) {
        const char c = source[at];
        const bool pair = at + 1 < source.size();
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++at;
        } else if (c == '/' && pair && (source[at + 1] == '/' || source[at + 1] == '*')) {
            at = after_comment(source, at);
        } else if (c == '"' || c == '\'') {
            at = after_quoted(source, at);
            tokens.emplace_back("text");
        } else if (is_word(c)) {
            const std::size_t start = at;
            while (at < source.size() && is_word(source[at]))
                ++at;
            const std::string_view word = source.substr(start, at - start);
            tokens.push_back(is_keyword(word)                                         ? word
                             : std::isdigit(static_cast<unsigned char>(word[0])) != 0 ? "number"
                                                                                      : "name");
        } else {
            tokens.push_back(source.substr(at++, 1));
        }
    }
    return tokens;
}

}  // namespace

Fingerprints fingerprints_of(const std::string& source) {
    const std::vector<std::string_view> tokens = tokens_of(source);
    std::vector<std::uint64_t> hashes;
    for (std::size_t at = 0; at + run_length <= tokens.size(); ++at) {
        std::string run;
        for (std::size_t i = 0; i < run_length; ++i)
            run.append(tokens[at + i]) += ' ';
        hashes.push_back(std::hash<std::string>{}(run));
    }
    Fingerprints kept;
    for (std::size_t at = 0; at + window_length <= hashes.size(); ++at) {
        const auto window = hashes.begin() + static_cast<std::ptrdiff_t>(at);
        kept.insert(*std::min_element(window, window + window_length));
    }
    return kept;
}

std::vector<LookAlike> look_alikes(const std::map<std::string, std::string>& sources,
                                   const std::vector<std::string>& given, double least) {
    Fingerprints everybodys;
    for (const auto& text : given)
        everybodys.merge(fingerprints_of(text));
    std::vector<const std::string*> students;
    std::vector<std::size_t> own;  // how many fingerprints each has
    std::map<std::uint64_t, std::vector<std::size_t>> owners;
    for (const auto& [student, source] : sources) {
        for (const auto one : fingerprints_of(source))
            if (!everybodys.contains(one))
                owners[one].push_back(students.size());
        students.push_back(&student);
    }
    // What many have is the task's, and nobody's.
    const std::size_t many = std::max<std::size_t>(10, students.size() / 10);
    std::erase_if(owners, [many](const auto& one) { return one.second.size() > many; });
    own.resize(students.size());
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> common;
    for (const auto& [one, who] : owners)
        for (std::size_t i = 0; i < who.size(); ++i) {
            ++own[who[i]];
            for (std::size_t k = i + 1; k < who.size(); ++k)
                ++common[{who[i], who[k]}];
        }
    std::vector<LookAlike> found;
    for (const auto& [pair, count] : common) {
        const std::size_t shorter = std::min(own[pair.first], own[pair.second]);
        const double shared = static_cast<double>(count) / static_cast<double>(shorter);
        if (shorter >= least_fingerprints && shared >= least)
            found.push_back({*students[pair.first], *students[pair.second], shared});
    }
    std::sort(found.begin(), found.end(), [](const LookAlike& a, const LookAlike& b) {
        return std::tie(b.shared, a.first, a.second) < std::tie(a.shared, b.first, b.second);
    });
    return found;
}

}  // namespace course::diagnosis
