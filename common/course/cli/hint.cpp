// `course hint NN.k`: one hint at a time, from a nudge to nearly the answer.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include <course/cli/commands.hpp>
#include <course/grading/handout.hpp>
#include <course/grading/rubric.hpp>
#include <course/testing/probes.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;
using reports::Paint;

namespace {

/// How many hints of each item have been shown, in a file of the build folder.
class Shown {
  public:
    explicit Shown(const fs::path& root) : file_(root / "build" / "hints.json") {
        const auto known = nlohmann::json::parse(testing::contents(file_), nullptr, false);
        if (known.is_object())  // a damaged file costs the student nothing but a hint twice
            for (const auto& [item, count] : known.items())
                if (count.is_number_unsigned())
                    counts_[item] = count;
    }
    std::size_t of(const std::string& item) const {
        const auto found = counts_.find(item);
        return found == counts_.end() ? 0 : found->second;
    }
    void remember(const std::string& item, std::size_t count) {
        counts_[item] = count;
        fs::create_directories(file_.parent_path());
        write_whole(file_, nlohmann::json(counts_).dump(2) + "\n");
    }

  private:
    fs::path file_;
    std::map<std::string, std::size_t> counts_;
};

void show(const std::string& text, std::size_t number, std::size_t of, const Paint& paint) {
    std::cout << "  " << paint.dim(fmt::format("hint {} of {}", number, of)) << "\n  " << text
              << "\n";
}

/// The items of a lab, and how far the student has come with each.
void overview(const Lab& lab, const Hints& hints, const Shown& shown, const Paint& paint) {
    const Handout handout(lab.folder() / "README.md");
    for (const auto& [item, texts] : hints)
        std::cout << fmt::format(
            "  {}  {:<44} {}\n", paint.strong(item), handout.heading(item),
            paint.dim(fmt::format("{} of {} hints shown", std::min(shown.of(item), texts.size()),
                                  texts.size())));
    std::cout << fmt::format("\nThe next one of an item: ./course hint {}\n", hints.begin()->first);
}

}  // namespace

int hint(const Session& session, const HintOptions& options) {
    const Lab& lab = find_lab(session.labs, options.item.substr(0, options.item.find('.')));
    const auto hints = read_hints(lab.folder() / "hints.md");
    if (hints.empty())
        throw std::runtime_error("lab " + lab.number + " has no hints");
    const Paint paint(session.style);
    Shown shown(session.root);
    if (options.item.find('.') == std::string::npos)
        return overview(lab, hints, shown, paint), success;

    const auto found = hints.find(options.item);
    if (found == hints.end())
        throw std::invalid_argument("there is no item " + options.item + " in lab " + lab.name +
                                    "; `./course hint " + lab.number + "` lists them");
    const auto& [item, texts] = *found;
    std::cout << paint.strong(item) << " " << Handout(lab.folder() / "README.md").heading(item)
              << "\n";
    const std::size_t before = std::min(shown.of(item), texts.size());
    for (std::size_t i = 0; options.again && i < before; ++i)
        show(texts[i], i + 1, texts.size(), paint);
    if (options.again && before > 0)
        return success;
    const std::size_t now = std::min(before + 1, texts.size());
    show(texts[now - 1], now, texts.size(), paint);
    shown.remember(item, now);
    std::cout << (now < texts.size()
                      ? fmt::format("\nMore: ./course hint {0}. All so far: ./course hint {0} "
                                    "--again\n",
                                    item)
                      : std::string("\nThat is the last one.\n"));
    return success;
}

}  // namespace course::cli
