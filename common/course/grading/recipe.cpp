// Reads a recipe and makes commands of it.
#include <course/grading/recipe.hpp>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace course::grading {

namespace fs = std::filesystem;

namespace {
/// What a compiler may write in /tmp.
constexpr std::uintmax_t compiler_space = std::uintmax_t{512} << 20;

/// A compiler that is fed a template bomb is ended long before the machine notices.
Limits compiler_limits() {
    Limits limits;
    limits.cpu = std::chrono::seconds(60);
    limits.wall = std::chrono::seconds(180);
    limits.output = std::size_t{8} << 20;
    return limits;
}

/// Show what \p words of a command line name.
void show_files(sandbox::Room& room, const std::vector<std::string>& words) {
    for (const auto& word : words) {
        const fs::path path = word.starts_with("-I") ? word.substr(2) : word;
        if (path.is_absolute() && fs::exists(path))
            room.show(path);
        if (path.is_absolute() && fs::exists(path.string() + ".gch"))  // g++ is told another name
            room.show(path.string() + ".gch");
    }
}

/// The same, with the libraries and headers that a compiler outside of /usr has beside it.
void show_all(sandbox::Room& room, const std::vector<std::string>& words) {
    show_files(room, words);
    const fs::path compiler = fs::canonical(words.front());
    if (!compiler.string().starts_with("/usr/"))
        room.show(compiler.parent_path().parent_path());
}
}  // namespace

Recipe::Recipe(const fs::path& build, const std::string& name) {
    const fs::path path = build / "labs" / name / "recipe.json";
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error("no recipe for lab " + name + " in " + build.string() +
                                 ": run `cmake --preset " + build.filename().string() + "` first");
    written_ = fs::last_write_time(path);
    const auto json = nlohmann::json::parse(file);
    lab_ = json.at("lab");
    gap_ = json.at("gap");
    sanitized_ = !json.at("sanitize").get<std::string>().empty();
    simulated_ = json.at("simulated");
    compile_ = json.at("compile");
    link_ = json.at("link");
    libraries_ = json.at("libraries");
}

fs::file_time_type Recipe::newest_input() const {
    auto newest =
        written_;  // a test file that is gone is not seen below, but it changed the recipe
    for (const auto& file : inputs())
        newest = std::max(newest, fs::last_write_time(file));
    for (const auto& folder : include_folders())
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.path().extension() == ".hpp")
                newest = std::max(newest, entry.last_write_time());
    return newest;
}

std::vector<std::string> Recipe::arguments() const {
    std::vector<std::string> all = compile_;
    all.insert(all.end(), link_.begin(), link_.end());
    all.insert(all.end(), libraries_.begin(), libraries_.end());
    return all;
}

std::vector<fs::path> Recipe::inputs() const {
    std::vector<fs::path> files;
    for (const auto& argument : arguments())
        if (argument.front() == '/' && fs::exists(argument))
            files.emplace_back(argument);
    return files;
}

std::vector<fs::path> Recipe::include_folders() const {
    std::vector<fs::path> folders;
    for (const auto& argument : compile_)
        if (argument.starts_with("-I") && fs::is_directory(argument.substr(2)))
            folders.emplace_back(argument.substr(2));
    return folders;
}

bool Recipe::is_fresh(const fs::path& program, const fs::path& source) const {
    return fs::exists(program) && fs::last_write_time(program) > fs::last_write_time(source) &&
           fs::last_write_time(program) > newest_input();
}

Command Recipe::compile(const fs::path& source, const fs::path& object) const {
    Command command;
    command.arguments = compile_;
    for (const auto& argument :
         {std::string("-c"), source.string(), std::string("-o"), object.string()})
        command.arguments.push_back(argument);
    command.limits = compiler_limits();
    show_all(command.room, compile_);
    command.room.writable = object.parent_path();
    command.room.show(source);
    command.room.space = compiler_space;
    return command;
}

Command Recipe::link(const fs::path& object, const fs::path& program) const {
    Command command;
    command.arguments = link_;
    command.arguments.push_back(object.string());
    command.arguments.insert(command.arguments.end(), libraries_.begin(), libraries_.end());
    for (const auto& argument : {std::string("-o"), program.string()})
        command.arguments.push_back(argument);
    command.limits = compiler_limits();
    show_all(command.room, link_);
    show_files(command.room, libraries_);
    command.room.writable = program.parent_path();
    command.room.space = compiler_space;
    return command;
}

}  // namespace course::grading
