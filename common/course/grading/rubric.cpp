// Makes a rubric from a test program's list of cases, and keeps it as JSON.
#include <course/grading/rubric.hpp>

#include <unistd.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>

#include <course/grading/handout.hpp>

namespace course::grading {

namespace fs = std::filesystem;
using nlohmann::json;

int RubricItem::points() const {
    int sum = 0;
    for (const auto& one : cases)
        sum += one.points;
    return sum;
}

int Rubric::points() const {
    int sum = 0;
    for (const auto& item : items)
        sum += item.points();
    return sum;
}

const RubricItem* Rubric::find(const std::string& id) const {
    for (const auto& item : items)
        if (item.id == id)
            return &item;
    return nullptr;
}

namespace {

/// The line on which \p item is first named in the contract header, 0 if it isn't.
int line_naming(const std::string& item, const fs::path& header) {
    std::ifstream file(header);
    int number = 1;
    for (std::string line; std::getline(file, line); ++number)
        if (line.find(item) != std::string::npos)
            return number;
    return 0;
}

/// The header with the name of the gap; what other headers there are is code that is given.
fs::path contract_in(const fs::path& lab_folder) {
    fs::path contract;
    for (const auto& entry : fs::directory_iterator(lab_folder)) {
        fs::path gap = entry.path();
        if (gap.extension() == ".hpp" &&
            (contract.empty() || fs::exists(gap.replace_extension(".cpp"))))
            contract = entry.path();
    }
    if (contract.empty())
        throw std::runtime_error(lab_folder.string() + " has no contract header (*.hpp)");
    return contract;
}

}  // namespace

Rubric make_rubric(const std::string& list, const fs::path& lab_folder) {
    const fs::path contract = contract_in(lab_folder);
    const Handout handout(lab_folder / "README.md");
    Rubric rubric{
        lab_folder.filename().string(), handout.title(), contract.filename().string(), {}};
    std::map<std::string, RubricItem> items;
    std::istringstream lines(list);
    static const std::regex item_tag(R"(\[(\d\d\.\d+)\])");
    static const std::regex points_tag(R"(\[(\d+) points?\])");
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string> fields(1);
        for (const char c : line) {
            if (c == '\x1f')
                fields.emplace_back();
            else
                fields.back() += c;
        }
        std::smatch id;
        std::smatch points;
        if (fields.size() != 4 || !std::regex_search(fields[1], id, item_tag) ||
            !std::regex_search(fields[1], points, points_tag))
            throw std::runtime_error("test case \"" + fields[0] +
                                     "\" needs tags like [02.1][3 points] (" + line + ")");
        if (fields[0].find(',') != std::string::npos)
            throw std::runtime_error("test case \"" + fields[0] +
                                     "\" has a comma in its name: to Catch2 that is two names");
        RubricItem& item = items[id[1]];
        item.id = id[1];
        const fs::path file = fields[2];
        item.cases.push_back({fields[0], std::stoi(points[1]), file.filename().string(),
                              std::stoi(fields[3]), 0, file.parent_path().filename() == "hidden"});
    }
    for (auto& [id, item] : items) {
        item.title = handout.heading(id);
        if (item.title.empty())
            throw std::runtime_error("the handout " + (lab_folder / "README.md").string() +
                                     " has no heading for item " + id);
        item.contract_line = line_naming(id, contract);
        rubric.items.push_back(std::move(item));
    }
    return rubric;
}

void write_whole(const fs::path& file, const std::string& text) {
    if (file.has_parent_path())
        fs::create_directories(file.parent_path());
    const fs::path temporary = file.string() + "." + std::to_string(getpid()) + ".new";
    std::ofstream out(temporary, std::ios::binary);
    out << text;
    out.close();
    if (!out)
        throw std::runtime_error("cannot write " + file.string() + ": is the disk full?");
    fs::rename(temporary, file);
}

void save(const Rubric& rubric, const fs::path& file) {
    json items = json::array();
    for (const auto& item : rubric.items) {
        json cases = json::array();
        for (const auto& one : item.cases)
            cases.push_back({{"name", one.name},
                             {"points", one.points},
                             {"file", one.file},
                             {"line", one.line},
                             {"assertions", one.assertions},
                             {"hidden", one.hidden}});
        items.push_back({{"id", item.id},
                         {"title", item.title},
                         {"contract_line", item.contract_line},
                         {"cases", cases}});
    }
    const json whole{{"lab", rubric.lab},
                     {"title", rubric.title},
                     {"contract", rubric.contract},
                     {"items", items}};
    write_whole(file, whole.dump(2) + "\n");
}

Rubric load_rubric(const fs::path& file) try {
    std::ifstream in(file);
    const json whole = json::parse(in);
    Rubric rubric{whole.at("lab"), whole.at("title"), whole.at("contract"), {}};
    for (const auto& item : whole.at("items")) {
        RubricItem read{item.at("id"), item.at("title"), {}, item.at("contract_line")};
        for (const auto& one : item.at("cases"))
            read.cases.push_back({one.at("name"), one.at("points"), one.at("file"), one.at("line"),
                                  one.at("assertions"), one.value("hidden", false)});
        rubric.items.push_back(std::move(read));
    }
    return rubric;
} catch (const json::exception& error) {
    throw std::runtime_error(file.string() + " is not a rubric: " + error.what());
}

}  // namespace course::grading
