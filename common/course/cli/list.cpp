// `course list`: the scoreboard, from the results that grading kept.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include <course/cli/commands.hpp>
#include <course/grading/handout.hpp>

namespace course::cli {

namespace fs = std::filesystem;

namespace {

/// What is known about one lab without running anything.
struct Row {
    const grading::Lab* lab = nullptr;
    std::string title;
    bool graded = false;
    bool stale = false;
    int score = 0;
    int points = 10;
    std::string verdict;
    std::string next_item;
};

Row read_row(const Session& session, const grading::Lab& lab) {
    Row row;
    row.lab = &lab;
    const grading::Handout handout(lab.folder() / "README.md");
    row.title = handout.title();
    if (!handout.headings().empty())
        row.next_item = handout.headings().begin()->first;
    const fs::path kept = session.result_file(lab);
    std::ifstream file(kept);
    const auto json = nlohmann::json::parse(file, nullptr, false);
    if (json.is_discarded() || !json.contains("items"))
        return row;
    row.graded = true;
    row.stale = fs::last_write_time(lab.gap()) > fs::last_write_time(kept);
    row.score = json.at("score");
    row.points = json.at("points");
    row.verdict = json.at("verdict");
    row.next_item.clear();
    for (const auto& item : json.at("items"))
        if (row.next_item.empty() && item.at("score") < item.at("points"))
            row.next_item = item.at("id");
    return row;
}

void print_json(const std::vector<Row>& rows) {
    auto labs = nlohmann::json::array();
    for (const auto& row : rows)
        labs.push_back({{"lab", row.lab->name},
                        {"title", row.title},
                        {"graded", row.graded},
                        {"changed_since", row.stale},
                        {"score", row.score},
                        {"points", row.points},
                        {"verdict", row.verdict}});
    std::cout << nlohmann::json{{"labs", labs}}.dump(2) << "\n";
}

}  // namespace

int list(const Session& session) {
    std::vector<Row> rows;
    int score = 0;
    int points = 0;
    for (const auto& lab : session.labs) {
        rows.push_back(read_row(session, lab));
        score += rows.back().score;
        points += rows.back().points;
    }
    if (session.json) {
        print_json(rows);
        return success;
    }
    const reports::Paint paint(session.style);
    std::size_t widest = 0;
    for (const auto& row : rows)
        widest = std::max(widest, row.title.size());
    std::cout << paint.strong("Three Kitchens") << "  " << reports::progress_bar(score, points, 30)
              << fmt::format("  {} of {} points\n\n", score, points);
    const Row* next = nullptr;
    for (const auto& row : rows) {
        const bool full = row.graded && row.score == row.points;
        const std::string bar = reports::progress_bar(row.score, row.points, 10);
        const std::string said = !row.graded ? paint.dim("not graded yet")
                                 : row.stale ? paint.open("changed since it was graded")
                                 : full      ? paint.good("full marks")
                                             : paint.open(row.verdict);
        std::cout << fmt::format("  {}  {:<{}}  {} {:>2}/{}  {}\n", paint.strong(row.lab->number),
                                 row.title, widest, full ? paint.good(bar) : bar, row.score,
                                 row.points, said);
        if (!next && (!full || row.stale))
            next = &row;
    }
    if (!next)
        std::cout << "\nAll done. What would you build next?\n";
    else
        std::cout << fmt::format(
            "\nNext: labs/{}/README.md{}, then ./course grade {}\n", next->lab->name,
            next->next_item.empty() ? "" : ", item " + next->next_item, next->lab->number);
    return success;
}

}  // namespace course::cli
