// The strategies: random walk, POS, PCT, bounded search, plain order.
#include "strategy.hpp"

#include <algorithm>
#include <new>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace course::simulation {
namespace {

/// The candidate after the current thread by number, in a circle.
int next_in_circle(const Candidates& candidates) {
    for (int i = 0; i < candidates.count; ++i) {
        if (candidates.begin[i].thread > candidates.current) {
            return i;
        }
    }
    return 0;
}

class RandomWalk final : public Policy {
  public:
    explicit RandomWalk(std::uint64_t seed) : Policy(seed) {}

    int pick(const Candidates& candidates) override {
        return static_cast<int>(random_.below(static_cast<std::uint64_t>(candidates.count)));
    }
};

/// Base of the strategies that run the thread with the highest priority.
class PriorityPolicy : public Policy {
  public:
    using Policy::Policy;

  protected:
    int highest(const Candidates& candidates) const {
        const auto* best = std::max_element(candidates.begin, candidates.begin + candidates.count,
                                            [this](const Candidate& a, const Candidate& b) {
                                                return priority_[a.thread] < priority_[b.thread];
                                            });
        return static_cast<int>(best - candidates.begin);
    }

    std::uint64_t priority_[max_threads];
};

/// Partial order sampling (Yuan, Yang, Gu: CAV 2018).
class Pos final : public PriorityPolicy {
  public:
    explicit Pos(std::uint64_t seed) : PriorityPolicy(seed) {}

    void started(int thread) override { priority_[thread] = random_.next(); }

    int pick(const Candidates& candidates) override {
        const int chosen = highest(candidates);
        const Candidate& best = candidates.begin[chosen];
        for (int i = 0; i < candidates.count; ++i) {
            const Candidate& other = candidates.begin[i];
            const bool conflict = best.object != nullptr && other.object == best.object &&
                                  (best.writes || other.writes);
            if (i == chosen || conflict) {
                priority_[other.thread] = random_.next();
            }
        }
        return chosen;
    }
};

/// Probabilistic concurrency testing (Burckhardt et al.: ASPLOS 2010).
class Pct final : public PriorityPolicy {
  public:
    Pct(std::uint64_t seed, int depth, std::uint64_t length) : PriorityPolicy(seed) {
        changes_ = std::clamp(depth - 1, 0, max_changes);
        for (int i = 0; i < changes_; ++i) {
            change_at_[i] = 1 + random_.below(std::max<std::uint64_t>(length, 1));
        }
    }

    void started(int thread) override {
        priority_[thread] = lowest_initial + (random_.next() >> 8);
    }

    int pick(const Candidates& candidates) override {
        ++choices_;
        const bool change =
            std::find(change_at_, change_at_ + changes_, choices_) != change_at_ + changes_;
        if ((change && candidates.current_index >= 0) || candidates.yielding) {
            priority_[candidates.current] = --lowest_;
        }
        return highest(candidates);
    }

  private:
    static constexpr int max_changes = 16;
    static constexpr std::uint64_t lowest_initial = std::uint64_t{1} << 40;

    int changes_;
    std::uint64_t change_at_[max_changes];
    std::uint64_t choices_ = 0;
    std::uint64_t lowest_ = lowest_initial;  // each change goes below all that came before
};

/// Runs a thread until it waits. The order that most people have in mind.
class InOrder final : public Policy {
  public:
    explicit InOrder(std::uint64_t seed) : Policy(seed) {}

    int pick(const Candidates& candidates) override {
        return candidates.current_index >= 0 ? candidates.current_index
                                             : next_in_circle(candidates);
    }
    int choose(int /*count*/) override { return 0; }
    int pick_fairly(const Candidates& candidates) override { return next_in_circle(candidates); }
};

/// Follows a path through the tree of decisions, and the plain order where the path ends.
class BoundedSearch final : public Policy {
  public:
    BoundedSearch(SearchPath& path, int bound) : Policy(0), path_(path), bound_(bound) {
        path_.position = 0;
        path_.preemptions = 0;
        path_.too_deep = false;
    }

    int pick(const Candidates& candidates) override {
        if (candidates.in_circles) {
            return next_in_circle(candidates);
        }
        if (candidates.current_index < 0) {
            return (next_in_circle(candidates) + follow(candidates.count)) % candidates.count;
        }
        if (path_.preemptions >= bound_) {
            return candidates.current_index;
        }
        const int choice = follow(candidates.count);  // 0 is to go on; then the others by number
        if (choice == 0) {
            return candidates.current_index;
        }
        ++path_.preemptions;
        return choice - 1 < candidates.current_index ? choice - 1 : choice;
    }

    int choose(int count) override { return follow(count); }
    int pick_fairly(const Candidates& candidates) override { return next_in_circle(candidates); }

  private:
    int follow(int options) {
        if (options <= 1) {
            return 0;
        }
        if (path_.position == max_search_depth) {
            path_.too_deep = true;
            return 0;
        }
        const std::uint32_t at = path_.position++;
        if (at >= path_.length) {
            return 0;
        }
        path_.options = static_cast<std::uint16_t>(options);
        return std::min<int>(path_.choice[at], options - 1);
    }

    SearchPath& path_;
    int bound_;
};

static_assert(sizeof(Pos) <= policy_size && sizeof(Pct) <= policy_size);

}  // namespace

int Policy::pick_fairly(const Candidates& candidates) {
    return static_cast<int>(random_.below(static_cast<std::uint64_t>(candidates.count)));
}

Strategy strategy_of(const Options& options, std::uint64_t seed) {
    if (options.strategy != Strategy::mix) {
        return options.strategy;
    }
    constexpr Strategy mix[] = {Strategy::random, Strategy::random, Strategy::pos, Strategy::pct};
    return mix[seed % 4];
}

Policy* make_policy(void* storage, const Options& options, std::uint64_t seed, Channel& channel) {
    switch (strategy_of(options, seed)) {
        case Strategy::pos:
            return new (storage) Pos(seed);
        case Strategy::pct: {
            const bool mixed = options.strategy == Strategy::mix;
            const int depth = mixed ? 2 + static_cast<int>(seed / 4 % 4) : options.bound;
            return new (storage) Pct(seed, depth, channel.expected_choices);
        }
        case Strategy::bounded:
            return new (storage) BoundedSearch(channel.path, options.bound);
        case Strategy::in_order:
            return new (storage) InOrder(seed);
        default:
            return new (storage) RandomWalk(seed);
    }
}

namespace {

/// Lay down the path of that node: the last choices of it and its ancestors, else the plain order.
void lay_down(SearchPath& path, const SearchTree& tree, std::uint32_t node) {
    path.length = tree.nodes[node].length;
    std::fill_n(path.choice, path.length, std::uint16_t{0});
    for (std::uint32_t before = path.length + 1; tree.nodes[node].length > 0;
         node = tree.nodes[node].parent) {
        const SearchNode& at = tree.nodes[node];
        if (at.length < before) {  // else a child went further at the same decision
            path.choice[at.length - 1] = at.choice;
            before = at.length;
        }
    }
}

/// The child of \p parent that has the number \p child, or nothing.
std::optional<SearchNode> child_of(const SearchTree& tree, std::uint32_t parent,
                                   std::uint32_t child) {
    const SearchNode& node = tree.nodes[parent];
    const bool goes_further = node.length > 0 && node.choice + 1 < node.options;
    if (goes_further && child == 0) {
        return SearchNode{parent, node.length, 0, static_cast<std::uint16_t>(node.choice + 1), 0};
    }
    const std::uint32_t length = node.length + 1 + child - goes_further;
    return length <= node.position ? std::optional(SearchNode{parent, length, 0, 1, 0})
                                   : std::nullopt;
}

}  // namespace

void begin_search(SearchPath& path, SearchTree& tree) {
    tree.count = 1;
    tree.front = tree.child = 0;
    tree.over = tree.incomplete = false;
    tree.nodes[0] = {};
    path.length = 0;
}

bool next_path(SearchPath& path, SearchTree& tree) {
    tree.nodes[tree.count - 1].position = path.position;
    tree.nodes[tree.count - 1].options = path.options;
    tree.incomplete = tree.incomplete || path.too_deep;
    while (tree.front < tree.count) {
        if (const auto child = child_of(tree, tree.front, tree.child)) {
            if (tree.count == max_search_nodes) {
                tree.incomplete = true;
                break;
            }
            ++tree.child;
            tree.nodes[tree.count++] = *child;
            lay_down(path, tree, tree.count - 1);
            return true;
        }
        ++tree.front;
        tree.child = 0;
    }
    tree.over = true;
    return false;
}

std::string path_name(const SearchPath& path) {
    std::string name;
    for (std::uint32_t i = 0; i < path.length; ++i) {
        if (path.choice[i] != 0) {
            name += (name.empty() ? "" : ",") + std::to_string(i + 1) + ":" +
                    std::to_string(path.choice[i]);
        }
    }
    return name.empty() ? "0" : name;
}

void follow_path(SearchPath& path, const std::string& name) {
    path.length = 0;
    std::istringstream text(name);
    char between;
    for (std::uint32_t decision, choice; text >> decision >> between >> choice; text >> between) {
        if (decision <= path.length || decision > max_search_depth) {
            throw std::invalid_argument("there is no schedule " + name);
        }
        std::fill(path.choice + path.length, path.choice + decision, std::uint16_t{0});
        path.length = decision;
        path.choice[decision - 1] = static_cast<std::uint16_t>(choice);
    }
}

}  // namespace course::simulation
