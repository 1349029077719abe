// Writes the files of a report.
#include "report.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bench {

namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& file) {
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

template <class Figures>
void add_section(std::vector<Section>& sections, const fs::path& file) {
    if (!fs::exists(file))
        return;
    try {
        sections.push_back(section(nlohmann::json::parse(contents(file)).get<Figures>()));
    } catch (const nlohmann::json::exception& error) {
        throw std::runtime_error(file.string() + " is not what this program wrote (" +
                                 error.what() + "): delete it, and measure again");
    }
}

std::string markdown(const Section& section) {
    std::string text = "# " + section.title + "\n\n";
    for (const Section::Part& part : section.summary)
        text += part.title + "\n\n" + part.grid.markdown() + "\n";
    return text + fmt::format("{}, {}. `{}`\n", section.origin.machine.in_words(),
                              section.origin.date, section.origin.command);
}

}  // namespace

void prepare_report(const fs::path& folder) {
    if (folder.empty())
        return;
    if (std::system("gnuplot --version >/dev/null 2>&1") != 0)
        throw std::runtime_error(
            "gnuplot draws the pictures of a report, and is not there: ./course setup site gets "
            "it");
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || access(folder.c_str(), W_OK) != 0)
        throw std::runtime_error("can't write into " + folder.string() +
                                 ": give --report another folder");
}

void draw(const fs::path& folder, const Section::Picture& picture) {
    FILE* const gnuplot = popen("gnuplot", "w");
    if (!gnuplot)
        throw std::runtime_error("gnuplot can't be started");
    std::string file;
    for (const char c : (folder / (picture.name + ".svg")).string())
        file += c == '\'' ? "''" : std::string(1, c);
    const std::string script =
        fmt::format("set output '{}'\n", file) + picture.script + "unset output\n";
    const bool written = std::fputs(script.c_str(), gnuplot) >= 0;
    if (pclose(gnuplot) != 0 || !written)
        throw std::runtime_error("gnuplot can't draw " + picture.name + "; what it says is above");
}

void write_report(const fs::path& folder) {
    std::vector<Section> sections;
    add_section<Table>(sections, folder / "table.json");
    add_section<Waits>(sections, folder / "waits.json");
    add_section<Switches>(sections, folder / "switch.json");
    if (sections.empty())
        throw std::runtime_error("there are no figures in " + folder.string() +
                                 ": ./course bench table --report " + folder.string() +
                                 " measures some");
    std::map<std::string, std::string> pictures;
    for (const Section& section : sections) {
        write_file(folder, section.name + ".csv", section.csv.csv());
        write_file(folder, section.name + ".md", markdown(section));
        for (const Section::Picture& picture : section.pictures) {
            draw(folder, picture);
            pictures[picture.name] = contents(folder / (picture.name + ".svg"));
        }
    }
    write_file(folder, "index.html", page(sections, pictures));
}

std::string rounds_in_words(const Origin& origin) {
    return fmt::format("{} round{}", origin.rounds, origin.rounds == 1 ? "" : "s");
}

std::string median_in_words(const std::vector<double>& values) {
    return values.empty() ? "" : time_in_words(median(values));
}

std::string spread_in_words(const std::vector<double>& values) {
    if (values.empty())
        return "";
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return time_in_words(*least) + " to " + time_in_words(*most);
}

}  // namespace bench
