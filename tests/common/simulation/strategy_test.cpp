// The bounded search's walk through the tree of decisions, without any threads.
#include <course/simulation/catch.hpp>
#include <course/simulation/strategy.hpp>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

using namespace course::simulation;

namespace {

using Choices = std::vector<int>;

/// How many ways there are to go on after these choices; 0 is the end.
int ways_on(const Choices& choices) {
    unsigned mixed = 17;
    for (const int choice : choices) {
        mixed = mixed * 31 + static_cast<unsigned>(choice) * 7 + 5;
    }
    const bool over = choices.size() == 7 || (choices.size() > 2 && mixed % 5 == 0);
    return over ? 0 : 2 + static_cast<int>(mixed / 5 % 3);
}

int count_leaves(const Choices& choices = {}) {
    const int ways = ways_on(choices);
    int leaves = ways == 0 ? 1 : 0;
    for (int way = 0; way < ways; ++way) {
        Choices further = choices;
        further.push_back(way);
        leaves += count_leaves(further);
    }
    return leaves;
}

/// What a schedule does with the path: follow it, then the plain order.
Choices run(SearchPath& path) {
    Choices choices;
    path.position = 0;
    path.too_deep = false;
    while (const int ways = ways_on(choices)) {
        const std::uint32_t at = path.position++;
        if (at < path.length) {
            path.options = static_cast<std::uint16_t>(ways);
        }
        choices.push_back(at < path.length ? path.choice[at] : 0);
    }
    return choices;
}

int distance(const Choices& choices) {
    return std::accumulate(choices.begin(), choices.end(), 0);
}

}  // namespace

TEST_CASE("the bounded search runs each schedule once and near ones first") {
    const auto path = std::make_unique<SearchPath>();
    const std::unique_ptr<SearchTree> tree(new SearchTree);  // most of it is never touched
    begin_search(*path, *tree);
    std::set<Choices> seen;
    int last_distance = 0;
    int in_order = 0;
    do {
        const Choices choices = run(*path);
        in_order += distance(choices) >= last_distance;
        last_distance = distance(choices);
        seen.insert(choices);
    } while (next_path(*path, *tree));
    CHECK(tree->over);
    CHECK_FALSE(tree->incomplete);
    CHECK(count_leaves() > 500);
    CHECK(static_cast<int>(tree->count) == count_leaves());
    CHECK(static_cast<int>(seen.size()) == count_leaves());
    CHECK(in_order == count_leaves());
}

TEST_CASE("a path has a name by which it is found again") {
    const auto path = std::make_unique<SearchPath>();
    const auto again = std::make_unique<SearchPath>();
    const std::unique_ptr<SearchTree> tree(new SearchTree);
    begin_search(*path, *tree);
    CHECK(path_name(*path) == "0");
    std::set<std::string> names;
    do {
        const Choices choices = run(*path);
        const std::string name = path_name(*path);
        names.insert(name);
        follow_path(*again, name);
        if (run(*again) != choices) {
            FAIL(name);
        }
    } while (next_path(*path, *tree));
    CHECK(names.size() == tree->count);
    CHECK(names.contains("1:1"));
    CHECK_THROWS_AS(follow_path(*again, "3:1,3:1"), std::invalid_argument);
    CHECK_THROWS_AS(follow_path(*again, "0.2.1"), std::invalid_argument);
}
