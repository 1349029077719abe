// `course check`: proves what the repository promises about its labs, and prints the kill matrix.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include <course/cli/check_files.hpp>
#include <course/cli/commands.hpp>
#include <course/cli/mutant.hpp>
#include <course/cli/stress.hpp>
#include <course/grading/handout.hpp>

namespace course::cli {

using namespace grading;

namespace {

/// One promise and whether it holds.
struct Finding {
    std::string lab;
    std::string promise;
    std::vector<std::string> problems;
};

/// One row of the kill matrix.
struct MatrixRow {
    Mutant mutant;
    LabResult result;
};

/// What is to be proven about one lab, and what was found.
struct LabCheck {
    const Lab* lab = nullptr;
    Rubric rubric;
    std::map<std::string, std::vector<std::string>> hints;
    std::vector<MatrixRow> matrix;
};

std::string first_trouble(const ItemResult& item) {
    const CaseResult* failure = item.first_failure();
    return failure ? fmt::format("{} {}: {} {} {} {}", item.rubric.id, name(failure->verdict), failure->rubric.name,
                                 failure->summary, failure->got, failure->printed)
                   : item.rubric.id;
}

std::vector<std::string> problems_with_starter(const LabResult& result) {
    std::vector<std::string> problems;
    if (!result.messages.empty())
        problems.push_back("it does not build without warnings:\n" + result.messages);
    if (result.score() != 0)
        problems.push_back(fmt::format("it earns {} points", result.score()));
    for (const auto& item : result.items)
        for (const auto& one : item.cases)
            if (one.verdict != Verdict::missing)
                problems.push_back(fmt::format("{} \"{}\" is {}, not because it is not implemented", item.rubric.id,
                                               one.rubric.name, name(one.verdict)));
    return problems;
}

std::vector<std::string> problems_with_solution(const LabResult& result) {
    std::vector<std::string> problems;
    if (!result.messages.empty())
        problems.push_back("the compiler says:\n" + result.messages);
    for (const auto& item : result.items)
        if (item.verdict() != Verdict::pass)
            problems.push_back(first_trouble(item));
    if (result.score() != result.points() && problems.empty())
        problems.push_back("it has no full marks");
    return problems;
}

std::vector<std::string> problems_with_mutant(const MatrixRow& row, const LabCheck& check) {
    if (row.result.build != Verdict::pass)
        return {"it does not build:\n" + row.result.messages};
    std::vector<std::string> problems;
    bool hint_shown = false;
    for (const auto& item : row.result.items) {
        const bool lost = item.score() < item.rubric.points();
        const bool named = row.mutant.loses.contains(item.rubric.id);
        if (named && !lost)
            problems.push_back("it survives " + item.rubric.id);
        if (!named && lost)
            problems.push_back("it also loses " + first_trouble(item));
        if (named && hint_for(item, check.hints) == row.mutant.hint)
            hint_shown = true;
    }
    for (const auto& item : row.mutant.loses)
        if (!check.rubric.find(item))
            problems.push_back("there is no item " + item);
    if (problems.empty() && !hint_shown) {
        std::string shown;
        for (const auto& item : row.result.items)
            if (item.first_failure())
                shown += "\n  " + item.rubric.id + " " + hint_for(item, check.hints);
        problems.push_back("a student who makes this mistake reads another hint:" + shown);
    }
    return problems;
}

/// Everything that is graded in one build tree, at once.
class Batch {
  public:
    Batch(const Session& session, std::string preset, int jobs, GraderOptions extra = {})
        : session_(session), preset_(std::move(preset)), extra_(std::move(extra)), queue_(jobs) {}

    void add(const LabCheck& check, const std::filesystem::path& source, const std::string& work,
             std::function<void(LabResult)> done) {
        const auto found = graders_.find(check.lab->name);
        Grader& grader = found != graders_.end() ? found->second : make_grader(check);
        grader.grade(source, session_.build(preset_) / "work" / check.lab->name / work, std::move(done));
    }
    void run() { queue_.run(); }

  private:
    Grader& make_grader(const LabCheck& check) {
        Recipe recipe(session_.build(preset_), check.lab->name);
        GraderOptions options = extra_;
        options.limits = case_limits(recipe);
        options.limits.processor = extra_.limits.processor;
        return graders_.emplace(check.lab->name, Grader(std::move(recipe), check.rubric, queue_, options))
            .first->second;
    }

    const Session& session_;
    std::string preset_;
    GraderOptions extra_;
    ProcessQueue queue_;
    std::map<std::string, Grader> graders_;
};

void print_matrix(const LabCheck& check, const Paint& paint) {
    std::size_t widest = 8;
    for (const auto& row : check.matrix)
        widest = std::max(widest, row.mutant.name.size());
    std::cout << fmt::format("  {:<{}}", "mutant", widest);
    for (const auto& item : check.rubric.items)
        std::cout << "  " << item.id;
    std::cout << "\n";
    for (const auto& row : check.matrix) {
        std::cout << fmt::format("  {:<{}}", row.mutant.name, widest);
        for (const auto& item : row.result.items) {
            const bool lost = item.score() < item.rubric.points();
            const bool named = row.mutant.loses.contains(item.rubric.id);
            const std::string cell = !lost ? (named ? "ALIVE" : "  ·  ") : (named ? "  ✗  " : "EXTRA");
            std::cout << "  " << (lost == named ? (lost ? paint.good(cell) : paint.dim(cell)) : paint.bad(cell));
        }
        std::cout << "  " << paint.dim(row.mutant.mistake) << "\n";
    }
    std::cout << "\n";
}

void print_json(const std::vector<Finding>& findings, const std::vector<LabCheck>& checks) {
    nlohmann::json promises = nlohmann::json::array();
    for (const auto& finding : findings)
        promises.push_back({{"lab", finding.lab}, {"promise", finding.promise}, {"problems", finding.problems}});
    nlohmann::json matrix = nlohmann::json::array();
    for (const auto& check : checks)
        for (const auto& row : check.matrix) {
            nlohmann::json items;
            for (const auto& item : row.result.items)
                items[item.rubric.id] = name(item.verdict());
            matrix.push_back({{"lab", check.lab->name},
                              {"mutant", row.mutant.name},
                              {"mistake", row.mutant.mistake},
                              {"loses", row.mutant.loses},
                              {"items", items}});
        }
    std::cout << nlohmann::json{{"promises", promises}, {"kill_matrix", matrix}}.dump(
                     2, ' ', false, nlohmann::json::error_handler_t::replace)
              << "\n";
}

}  // namespace

int check(const Session& session, const CheckOptions& options) {
    std::vector<const Lab*> labs;
    std::vector<std::string> targets;
    std::vector<std::string> programs;
    for (const auto& wanted : options.labs)
        labs.push_back(&find_lab(session.labs, wanted));
    if (labs.empty())
        for (const auto& lab : session.labs)
            labs.push_back(&lab);
    for (const Lab* lab : labs) {
        targets.push_back("lab-" + lab->number);
        programs.push_back("lab-" + lab->number + "-program");
        if (!std::filesystem::is_directory(lab->solution()))
            throw std::runtime_error("lab " + lab->name +
                                     " has no solution: check is for the course's own repository; a student "
                                     "wants ./course grade");
    }
    session.make(targets);
    session.make(programs);
    if (options.stress > 0)
        return stress_solutions(session, labs, options.stress) == 0 ? success : not_all_well;

    std::vector<Finding> findings;
    std::vector<LabCheck> checks;
    for (const Lab* lab : labs) {
        const Recipe recipe(session.build(), lab->name);
        checks.push_back({lab, rubric_for(*lab, recipe, session.build()), read_hints(lab->folder() / "hints.md"), {}});
        findings.push_back({lab->name, "its files agree", problems_with_files(*lab, checks.back().rubric)});
    }
    {
        // A mutant that hangs only waits, so there may be more jobs than processors.
        Batch batch(session, "dev", session.jobs + 2);
        for (LabCheck& check : checks) {
            const std::string lab = check.lab->name;
            batch.add(check, check.lab->gap(), "check/starter", [&findings, lab](const LabResult& result) {
                findings.push_back({lab, "the starter earns nothing, because it is not implemented",
                                    problems_with_starter(result)});
            });
            batch.add(check, check.lab->solution() / check.lab->gap().filename(), "check/solution",
                      [&findings, lab](const LabResult& result) {
                          findings.push_back({lab, "the solution has full marks", problems_with_solution(result)});
                      });
            for (const auto& file : check.lab->mutants()) {
                const Mutant mutant = read_mutant(file);
                batch.add(check, file, "check/" + mutant.name, [&findings, &check, mutant](LabResult result) {
                    check.matrix.push_back({mutant, std::move(result)});
                    findings.push_back({check.lab->name, "mutant " + mutant.name + " loses what it names, and no more",
                                        problems_with_mutant(check.matrix.back(), check)});
                });
            }
        }
        batch.run();
    }
    const auto solutions_in = [&](const std::string& preset, const std::string& promise, GraderOptions extra) {
        if (preset != "dev")
            session.make(targets, preset);
        Batch batch(session, preset, session.jobs, std::move(extra));
        for (LabCheck& check : checks)
            batch.add(check, check.lab->solution() / check.lab->gap().filename(), "check/" + preset,
                      [&findings, &check, promise](const LabResult& result) {
                          findings.push_back({check.lab->name, promise, problems_with_solution(result)});
                      });
        batch.run();
    };
    {
        const BusyNeighbours neighbours;
        GraderOptions pinned;
        pinned.limits.processor = 0;
        solutions_in("dev", "the solution has full marks on one core beside busy neighbours", pinned);
    }
    if (!options.quick) {
        solutions_in("asan", "the solution has full marks under AddressSanitizer and UBSan",
                     {{}, {"ASAN_OPTIONS=exitcode=99", "UBSAN_OPTIONS=print_stacktrace=1"}});
        solutions_in("tsan", "the solution has full marks under ThreadSanitizer",
                     {{}, {"TSAN_OPTIONS=exitcode=66:die_after_fork=0"}});
    }

    for (LabCheck& check : checks)
        std::sort(check.matrix.begin(), check.matrix.end(),
                  [](const MatrixRow& a, const MatrixRow& b) { return a.mutant.name < b.mutant.name; });
    if (session.json)
        print_json(findings, checks);
    const Paint paint(session.style);
    int failed = 0;
    for (LabCheck& check : checks) {
        if (!session.json) {
            std::cout << paint.strong(check.lab->name) << "\n";
            print_matrix(check, paint);
        }
        for (const auto& finding : findings) {
            if (finding.lab != check.lab->name)
                continue;
            failed += finding.problems.empty() ? 0 : 1;
            if (session.json)
                continue;
            std::cout << "  " << (finding.problems.empty() ? paint.good("✓ ") : paint.bad("✗ ")) << finding.promise
                      << "\n";
            for (const auto& problem : finding.problems)
                std::cout << "      " << printable(problem) << "\n";
        }
        if (!session.json)
            std::cout << "\n";
    }
    if (!session.json)
        std::cout << fmt::format("{} passed, {} failed\n", static_cast<int>(findings.size()) - failed, failed);
    return failed == 0 ? success : not_all_well;
}

}  // namespace course::cli
