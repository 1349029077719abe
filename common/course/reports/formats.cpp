// Finds a format by its name.
#include <course/reports/formats.hpp>

#include <functional>
#include <map>
#include <stdexcept>

namespace course::reports {

namespace {

using Writer = std::function<std::string(const Rows&, const HintsByLab&)>;

const std::map<std::string, Writer>& writers() {
    const auto for_one = [](auto write) {
        return [write](const Rows& rows, const HintsByLab& hints) {
            if (rows.size() != 1)
                throw std::invalid_argument("this format is for one student, and there are " +
                                            std::to_string(rows.size()));
            return std::string(write(rows.front(), hints));
        };
    };
    static const std::map<std::string, Writer> all{
        {"csv", [](const Rows& rows, const HintsByLab&) { return to_csv(rows); }},
        {"json", [](const Rows& rows, const HintsByLab& hints) { return to_json(rows, hints); }},
        {"junit", to_junit},
        {"gradescope", for_one(to_gradescope)},
        {"autolab", for_one([](const auto& row, const auto&) { return to_autolab(row); })},
        {"github", for_one(to_github_annotations)},
        {"github-summary", for_one(to_github_summary)},
    };
    return all;
}

}  // namespace

const std::vector<std::string>& format_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> found;
        for (const auto& [name, writer] : writers())
            found.push_back(name);
        return found;
    }();
    return names;
}

std::string formatted(const std::string& name, const Rows& rows, const HintsByLab& hints) {
    const auto found = writers().find(name);
    if (found == writers().end())
        throw std::invalid_argument("there is no format " + name);
    return found->second(rows, hints);
}

}  // namespace course::reports
