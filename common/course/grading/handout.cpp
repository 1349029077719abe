// Reads headings and hints out of a lab's Markdown.
#include <course/grading/handout.hpp>

#include <fstream>
#include <regex>
#include <stdexcept>

namespace course::grading {

Handout::Handout(const std::filesystem::path& readme) {
    std::ifstream file(readme);
    static const std::regex title(R"(#\s+(?:Lab\s+)?(?:\d\d[.:]?\s+)?(.+))");
    static const std::regex heading(R"(##\s+(\d\d\.\d+)[.:]?\s+(.+))");
    bool in_code = false;
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("```", 0) == 0)
            in_code = !in_code;
        std::smatch match;
        if (in_code)
            continue;
        if (title_.empty() && std::regex_match(line, match, title))
            title_ = match[1];
        else if (std::regex_match(line, match, heading))
            headings_[match[1]] = match[2];
    }
    if (title_.empty())
        throw std::runtime_error(readme.string() + " is missing or has no title (# ...)");
}

std::string Handout::heading(const std::string& id) const {
    const auto found = headings_.find(id);
    return found == headings_.end() ? std::string() : found->second;
}

std::map<std::string, std::vector<std::string>> read_hints(const std::filesystem::path& path) {
    std::ifstream file(path);
    static const std::regex heading(R"(##\s+(\d\d\.\d+).*)");
    static const std::regex numbered(R"(\d+\.\s+(.*))");
    static const std::regex continued(R"(\s+(\S.*))");
    std::map<std::string, std::vector<std::string>> hints;
    std::vector<std::string>* current = nullptr;
    for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (std::regex_match(line, match, heading))
            current = &hints[match[1]];
        else if (current && std::regex_match(line, match, numbered))
            current->push_back(match[1]);
        else if (current && !current->empty() && std::regex_match(line, match, continued))
            current->back() += " " + match[1].str();
    }
    return hints;
}

}  // namespace course::grading
