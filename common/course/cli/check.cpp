// `course check`: proves what the repository promises about its labs, and prints the kill matrix.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include <course/checking/proof.hpp>
#include <course/checking/searches.hpp>
#include <course/cli/commands.hpp>
#include <course/reports/clean_text.hpp>

namespace course::cli {

using namespace checking;
using grading::Lab;

namespace {

std::vector<const Lab*> labs_to_check(const Session& session,
                                      const std::vector<std::string>& wanted) {
    std::vector<const Lab*> labs;
    for (const auto& one : wanted)
        labs.push_back(&grading::find_lab(session.labs, one));
    if (wanted.empty())
        for (const auto& lab : session.labs)
            labs.push_back(&lab);
    for (const Lab* lab : labs)
        if (!std::filesystem::is_directory(lab->solution()))
            throw std::runtime_error("lab " + lab->name +
                                     " has no solution: check is for the course's own "
                                     "repository; a student wants ./course grade");
    return labs;
}

void print_json(const Proof& proof) {
    auto promises = nlohmann::json::array();
    auto matrix = nlohmann::json::array();
    for (const auto& lab : proof.labs()) {
        for (const auto& finding : lab.findings)
            promises.push_back({{"lab", lab.lab->name},
                                {"promise", finding.promise},
                                {"problems", finding.problems}});
        for (const auto& row : lab.matrix.rows) {
            nlohmann::json items;
            for (const auto& item : row.result.items)
                items[item.rubric.id] = grading::name(item.verdict());
            matrix.push_back({{"lab", lab.lab->name},
                              {"mutant", row.mutant.name},
                              {"mistake", row.mutant.mistake},
                              {"loses", row.mutant.loses},
                              {"verdicts", items}});
        }
    }
    std::cout << nlohmann::json{{"promises", promises}, {"kill_matrix", matrix}}.dump(
                     2, ' ', false, nlohmann::json::error_handler_t::replace)
              << "\n";
}

int count_failed(const Proof& proof) {
    int failed = 0;
    for (const auto& lab : proof.labs())
        for (const auto& finding : lab.findings)
            failed += finding.problems.empty() ? 0 : 1;
    return failed;
}

void print_text(const Session& session, const Proof& proof) {
    const reports::Paint paint(session.style);
    std::size_t all = 0;
    for (const auto& lab : proof.labs()) {
        std::cout << paint.strong(lab.lab->name) << "\n";
        if (!lab.matrix.rows.empty())
            std::cout << lab.matrix.text(lab.rubric, paint) << "\n";
        for (const auto& finding : lab.findings) {
            std::cout << "  " << (finding.problems.empty() ? paint.good("✓ ") : paint.bad("✗ "))
                      << finding.promise << "\n";
            for (const auto& problem : finding.problems)
                std::cout << "      " << reports::printable(problem) << "\n";
        }
        all += lab.findings.size();
        std::cout << "\n";
    }
    const int failed = count_failed(proof);
    std::cout << fmt::format("{} passed, {} failed\n", static_cast<int>(all) - failed, failed);
}

int print_stress(const std::map<std::string, StressCount>& counts) {
    const auto seconds = [](std::chrono::microseconds time) {
        return static_cast<double>(time.count()) / 1e6;
    };
    int runs = 0;
    int failures = 0;
    for (const auto& [name, count] : counts) {
        runs += count.runs;
        failures += count.failures;
        std::cout << fmt::format(
            "{:<72} {:>4} runs  {} failed  at most {:.3f} s CPU, {:.3f} s wall{}\n", name,
            count.runs, count.failures, seconds(count.slowest_cpu), seconds(count.slowest_wall),
            count.failures ? "  first: " + count.first_failure : "");
    }
    std::cout << fmt::format(
        "\n{} cases, {} runs, half of them pinned beside busy neighbours: {} failed\n",
        counts.size(), runs, failures);
    return failures == 0 ? success : not_all_well;
}

int print_seeds(const std::vector<SeedRow>& rows, int bases) {
    int missed = 0;
    int plain = 0;
    std::cout << fmt::format("{:<6}{:<44}{:>9}{:>9}{:>7}\n", "item", "mutant", "found", "median",
                             "worst");
    for (const auto& row : rows) {
        if (row.searches == 0) {
            ++plain;
            continue;
        }
        const auto found = row.schedules.size();
        missed += found < static_cast<std::size_t>(bases) ? 1 : 0;
        std::cout << fmt::format("{:<6}{:<44}{:>5}/{:<3}{:>9}{:>7}\n", row.item, row.mutant, found,
                                 row.searches, found ? row.schedules[found / 2] : 0,
                                 found ? row.schedules.back() : 0);
    }
    std::cout << fmt::format(
        "\n{} mutants are found by a search, {} of them not from every one of {} seeds; {} show "
        "without a search\n",
        static_cast<int>(rows.size()) - plain, missed, bases, plain);
    return missed == 0 ? success : not_all_well;
}

int print_long_searches(const std::vector<LongSearch>& searches, int schedules) {
    int failed = 0;
    for (const auto& search : searches) {
        const grading::CaseResult& result = search.result;
        failed += result.verdict == grading::Verdict::pass ? 0 : 1;
        std::cout << fmt::format("{:<72} {:<9} {:7.2f} s CPU\n", search.test_case,
                                 grading::name(result.verdict),
                                 static_cast<double>(result.cpu.count()) / 1e6);
        if (result.verdict != grading::Verdict::pass)
            std::cout << reports::printable(result.summary + "\n" + result.story) << "\n";
    }
    std::cout << fmt::format("\n{} cases with {} schedules a search: {} failed\n", searches.size(),
                             schedules, failed);
    return failed == 0 ? success : not_all_well;
}

}  // namespace

int check(const Session& session, const CheckOptions& options) {
    const std::vector<const Lab*> labs = labs_to_check(session, options.labs);
    std::vector<std::string> targets;
    std::vector<std::string> programs;
    for (const Lab* lab : labs) {
        targets.push_back("lab-" + lab->number);
        programs.push_back("lab-" + lab->number + "-program");
    }
    session.make(targets);
    Proof proof(labs, session.root / "build", session.jobs);
    if (options.stress > 0)
        return print_stress(proof.stress(options.stress));
    if (options.seeds > 0) {
        proof.verdicts();
        return print_seeds(
            find_from_other_seeds(proof, session.build(), session.jobs, options.seeds),
            options.seeds);
    }
    if (options.schedules > 0)
        return print_long_searches(
            search_solutions(proof, session.build(), session.jobs, options.schedules),
            options.schedules);
    if (!options.preset.empty()) {
        session.make(targets, options.preset);
        proof.verdicts(options.preset, Mutants::one_for_each_item);
    } else {
        session.make(programs);
        proof.files();
        proof.verdicts();
        proof.pictures();
        proof.solutions_under_load();
        if (!options.quick) {
            session.make(targets, "asan");
            proof.solutions_under_address_sanitizer();
            session.make(targets, "tsan");
            proof.solutions_under_thread_sanitizer();
        }
    }
    session.json ? print_json(proof) : print_text(session, proof);
    return count_failed(proof) == 0 ? success : not_all_well;
}

}  // namespace course::cli
