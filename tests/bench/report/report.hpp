// A report: a folder with figures, their pictures and a page of all, made by `./course bench table`, `waits` and
// `switch`, each of which adds its part.
//
//     NAME.json, NAME.csv   the figures; everything else is made from the JSON
//     NAME.md               a table for a README
//     *.svg                 pictures, drawn by gnuplot
//     index.html            all of it in one file
#pragma once

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "figures.hpp"
#include "grid.hpp"
#include "measuring.hpp"

namespace bench {

/// What a report shows of one benchmark.
struct Section {
    std::string name;      ///< of its files: `table`, `waits`, `switch`
    std::string title;     ///< of its part of the page
    std::string measured;  ///< how it was measured, in a sentence or two
    Origin origin;
    /// A grid with the words above it.
    struct Part {
        std::string title;
        Grid grid;
    };
    std::vector<Part> parts;           ///< for the page: everything
    std::vector<Part> summary;         ///< for a terminal and a README
    std::vector<std::string> remarks;  ///< what follows from the figures
    Grid csv;                          ///< for other programs
    /// A picture: its file's name, and what gnuplot is to draw.
    struct Picture {
        std::string name;
        std::string script;
        std::string about;  ///< for who can't see it
    };
    std::vector<Picture> pictures;
};

/// Table, waits and switches as sections.
Section section(const Table& table);
/// \copydoc section(const Table&)
Section section(const Waits& waits);
/// \copydoc section(const Table&)
Section section(const Switches& switches);

/// Before hours are spent: the folder can be written to, and gnuplot is there. Nothing if \p folder is empty.
/// \throws std::runtime_error  if not, and says what to do.
void prepare_report(const std::filesystem::path& folder);

/// Print what \p options ask for: JSON, or the summary. With a folder, add the figures to the report in it.
/// \throws std::runtime_error  if that can't be written.
template <class Figures>
void finish(const Options& options, const Figures& figures);

/// Make everything in \p folder again from the JSON files that are there.
/// \throws std::runtime_error  if there are none, one can't be read, or gnuplot fails.
void write_report(const std::filesystem::path& folder);

/// The page that shows \p sections, with the text of their pictures by name.
std::string page(const std::vector<Section>& sections,
                 const std::map<std::string, std::string>& pictures);

/// Draw \p picture into a file in \p folder.
/// \throws std::runtime_error  if gnuplot fails.
void draw(const std::filesystem::path& folder, const Section::Picture& picture);

// --- What sections have in common ----------------------------------------------------------------------

/// `1 round`, `5 rounds`.
std::string rounds_in_words(const Origin& origin);
/// `1.5 ms`, and nothing if there are no \p values.
std::string median_in_words(const std::vector<double>& values);
/// `1.4 ms to 1.7 ms`.
std::string spread_in_words(const std::vector<double>& values);

template <class Figures>
void finish(const Options& options, const Figures& figures) {
    const Section result = section(figures);
    if (!options.report.empty()) {
        write_file(options.report, result.name + ".json", nlohmann::json(figures).dump(1) + "\n");
        write_report(options.report);
    }
    if (options.json)
        fmt::print("{}\n", nlohmann::json(figures).dump(1));
    else
        for (const Section::Part& part : result.summary)
            fmt::print("{}\n{}\n", part.title, part.grid.text());
    if (!options.json)
        for (const std::string& remark : result.remarks)
            fmt::print("{}\n", remark);
    std::fflush(stdout);
    if (!options.report.empty())
        fmt::print(stderr, "The report is {}/index.html\n", options.report);
}

}  // namespace bench
