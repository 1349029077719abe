// Reads the head of a mutant.
#include <course/diagnosis/mutant.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace course::diagnosis {

Mutant read_mutant(const std::filesystem::path& path) {
    std::ifstream file(path);
    static const std::regex key_line(R"(// (Mistake|Loses|Hint):\s+(.*\S)\s*)");
    static const std::regex continued(R"(//\s{4,}(.*\S)\s*)");
    std::map<std::string, std::string> head;
    std::string* last = nullptr;
    for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (std::regex_match(line, match, key_line)) {
            last = &head[match[1]];
            *last = match[2];
        } else if (last && std::regex_match(line, match, continued)) {
            *last += " " + match[1].str();
        } else {
            break;
        }
    }
    for (const char* key : {"Mistake", "Loses", "Hint"})
        if (head[key].empty())
            throw std::runtime_error(path.string() +
                                     " must open with the lines `// Mistake: ...`, `// Loses: "
                                     "NN.k`, `// Hint: ...`; missing: " +
                                     key);
    Mutant mutant{path.stem().string(), path, head["Mistake"], {}, head["Hint"]};
    std::istringstream items(head["Loses"]);
    for (std::string item; items >> item;) {
        if (item.back() == ',')
            item.pop_back();
        mutant.loses.insert(item);
    }
    return mutant;
}

}  // namespace course::diagnosis
