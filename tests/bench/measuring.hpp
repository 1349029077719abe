// What the programs of ./course bench have in common: their options, medians, and Python beside them.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// Samples by the name of what was measured.
using Samples = std::map<std::string, std::vector<double>>;

/// What ./course bench says to a program.
struct Options {
    /// How often all are measured in turn.
    int rounds = 1;
    /// Print JSON instead of a table.
    bool json = false;
    /// For what is drawn at random.
    std::uint64_t seed = 1;
    /// The folder for the files of the report; empty: there is none.
    std::string report;
    /// The program that measures Python; empty: it is not measured.
    std::string script;

    /// The command with which somebody can measure \p what again.
    std::string command(const std::string& what) const {
        return fmt::format("./course bench {} --rounds {}{}{}", what, rounds,
                           seed == 1 ? "" : fmt::format(" --seed {}", seed),
                           report.empty() ? "" : " --report DIR");
    }
};

/// The options in \p argv: `[--rounds N] [--json] [--seed N] [--report DIR] [SCRIPT]`.
inline Options options(int argc, char* argv[], int rounds) {
    Options options;
    options.rounds = rounds;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--json")
            options.json = true;
        else if (argument == "--rounds" && i + 1 < argc)
            options.rounds = std::max(1, std::stoi(argv[++i]));
        else if (argument == "--seed" && i + 1 < argc)
            options.seed = std::stoull(argv[++i]);
        else if (argument == "--report" && i + 1 < argc)
            options.report = argv[++i];
        else
            options.script = argument;
    }
    return options;
}

/// Write \p text into the file \p name in \p folder, which is made if need be.
/// \throws std::runtime_error  if it can't be written.
inline void write_file(const std::filesystem::path& folder, const std::string& name,
                       const std::string& text) {
    std::filesystem::create_directories(folder);
    std::ofstream file(folder / name);
    file << text;
    if (!file.flush())
        throw std::runtime_error("can't write " + (folder / name).string());
}

/// 0 if there are no values.
inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

/// The median of the ratios, round by round: what disturbs a round disturbs both.
inline double ratio(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        ratios.push_back(a[i] / b[i]);
    return median(ratios);
}

/// What Python prints when it runs \p script with its arguments; nothing if it isn't there, or fails.
inline std::optional<std::string> python(const std::string& script) {
    // The system's own before one that somebody built, which may be slower.
    const std::string program =
        access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3 " : "python3 ";
    FILE* const pipe = popen((program + script + " 2>/dev/null").c_str(), "r");
    if (!pipe)
        return std::nullopt;
    std::string output;
    char bytes[4096];
    while (std::fgets(bytes, sizeof bytes, pipe))
        output += bytes;
    if (pclose(pipe) != 0)
        return std::nullopt;
    return output;
}

/// Add the samples that \p script prints as a JSON object, with \p prefix before their names.
/// \return  false if there are none.
inline bool add_python(Samples& samples, const std::string& script, const std::string& prefix) {
    const auto output = python(script);
    if (!output)
        return false;
    const auto measured = nlohmann::json::parse(*output);
    for (const auto& [name, value] : measured.items())
        samples[prefix + name].push_back(value.get<double>());
    return true;
}

/// The medians of \p samples as JSON.
inline void print_medians(const Samples& samples) {
    nlohmann::json medians;
    for (const auto& [name, values] : samples)
        medians[name] = median(values);
    fmt::print("{}\n", medians.dump(2));
}

/// The last lines below a table.
inline void print_closing(int rounds, bool with_python) {
    if (!with_python)
        fmt::print("\npython3 was not there, or failed: no figures of it\n");
    fmt::print("\nmedians of {} rounds\n", rounds);
}

}  // namespace bench
