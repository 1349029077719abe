// Grades everything whose grade is known beforehand.
#include <course/checking/proof.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

#include <course/checking/batch.hpp>
#include <course/checking/busy_neighbours.hpp>
#include <course/checking/lab_files.hpp>
#include <course/checking/pictures.hpp>
#include <course/grading/handout.hpp>

namespace course::checking {

namespace fs = std::filesystem;
using namespace grading;
using diagnosis::Mutant;
using diagnosis::read_mutant;

Proof::Proof(const std::vector<const Lab*>& labs, fs::path trees, int jobs)
    : trees_(std::move(trees)), jobs_(jobs) {
    for (const Lab* lab : labs) {
        const Recipe recipe(tree("dev"), lab->name);
        labs_.push_back({lab,
                         rubric_for(*lab, recipe, tree("dev")),
                         recipe.simulated(),
                         read_hints(lab->folder() / "hints.md"),
                         {},
                         {}});
    }
}

void Proof::files() {
    for (LabProof& proof : labs_)
        proof.findings.push_back(
            {"its files agree", problems_with_files(*proof.lab, proof.rubric)});
}

namespace {

/// The mutants of \p lab, or so many of them that each item is lost to one.
std::vector<Mutant> mutants_of(const Lab& lab, Mutants which) {
    std::vector<Mutant> chosen;
    std::set<std::string> lost;
    for (const auto& file : lab.mutants()) {
        Mutant mutant = read_mutant(file);
        const auto before = lost.size();
        lost.insert(mutant.loses.begin(), mutant.loses.end());
        if (which == Mutants::all || lost.size() > before)
            chosen.push_back(std::move(mutant));
    }
    return chosen;
}

}  // namespace

void Proof::verdicts(const std::string& preset, Mutants which) {
    // A mutant that hangs only waits, so there may be more jobs than processors.
    Batch batch(tree(preset), jobs_ + 2);
    for (LabProof& proof : labs_) {
        batch.add(proof, proof.lab->gap(), "starter", [&proof](const LabResult& result) {
            proof.findings.push_back({"the starter earns nothing, because it is not implemented",
                                      problems_with_starter(result)});
        });
        batch.add_solution(proof, [&proof](const LabResult& result) {
            proof.findings.push_back(
                {"the solution has full marks", problems_with_solution(result)});
        });
        for (const Mutant& mutant : mutants_of(*proof.lab, which)) {
            batch.add(proof, mutant.file, mutant.name, [&proof, mutant](LabResult result) {
                proof.findings.push_back(
                    {"mutant " + mutant.name + " loses what it names and no more",
                     problems_with_mutant(mutant, result, proof.hints)});
                proof.matrix.rows.push_back({mutant, std::move(result)});
            });
        }
    }
    batch.run();
}

void Proof::pictures() {
    for (LabProof& proof : labs_) {
        if (!proof.simulated)
            continue;
        const fs::path programs = tree("dev") / "work" / proof.lab->name / "check";
        const auto program = [&programs](const std::string& mutant) {
            return programs / (mutant.empty() ? "solution" : mutant) / "program";
        };
        const Limits limits = case_limits(Recipe(tree("dev"), proof.lab->name));
        proof.findings.push_back(
            {"its pictures of who ran when are what the simulation draws",
             problems_with_pictures(*proof.lab,
                                    draw(*proof.lab, proof.rubric, pictures_referred_to(*proof.lab),
                                         program, limits, jobs_))});
    }
}

void Proof::solutions(const std::string& preset, const std::string& promise,
                      const std::vector<std::string>& environment,
                      const std::function<bool(const LabProof&)>& wanted) {
    Batch batch(tree(preset), jobs_, {.environment = environment});
    for (LabProof& proof : labs_)
        if (wanted(proof))
            batch.add_solution(proof, [&proof, &promise](const LabResult& result) {
                proof.findings.push_back({promise, problems_with_solution(result)});
            });
    batch.run();
}

void Proof::programs(const std::string& preset, const std::string& promise,
                     const std::vector<std::string>& environment) {
    ProcessQueue queue(1);  // its threads want the processors
    for (LabProof& proof : labs_) {
        if (!proof.simulated)
            continue;
        Command command;
        command.arguments = {(tree(preset) / "labs" / proof.lab->name / "program").string()};
        command.environment = environment;
        command.limits.cpu = std::chrono::seconds(120);
        command.limits.wall = std::chrono::seconds(120);
        command.limits.memory = std::nullopt;
        queue.submit(std::move(command), [&proof, &promise](const Outcome& outcome) {
            std::vector<std::string> problems;
            if (!outcome.succeeded())
                problems.push_back(outcome.describe() + "\n" + outcome.error);
            proof.findings.push_back({promise, std::move(problems)});
        });
    }
    queue.run();
}

void Proof::solutions_under_address_sanitizer() {
    solutions("asan", "the solution has full marks under AddressSanitizer and UBSan",
              {"ASAN_OPTIONS=exitcode=99", "UBSAN_OPTIONS=print_stacktrace=1"},
              [](const LabProof&) { return true; });
}

void Proof::solutions_under_thread_sanitizer() {
    const std::vector<std::string> environment{"TSAN_OPTIONS=exitcode=66:die_after_fork=0"};
    solutions("tsan", "the solution has full marks under ThreadSanitizer", environment,
              [](const LabProof& proof) { return !proof.simulated; });
    programs("tsan", "its program runs on bare threads under ThreadSanitizer without a finding",
             environment);
}

void Proof::solutions_under_load() {
    const BusyNeighbours neighbours;
    Batch batch(tree("dev"), jobs_, {.processor = 0});
    for (LabProof& proof : labs_)
        batch.add_solution(proof, [&proof](const LabResult& result) {
            proof.findings.push_back(
                {"the solution has full marks pinned to one core beside busy neighbours",
                 problems_with_solution(result)});
        });
    batch.run();
}

namespace {

/// Add the cases of \p result to \p counts.
void count(const LabResult& result, std::map<std::string, StressCount>& counts) {
    if (result.build != Verdict::pass)
        throw std::runtime_error("a solution does not build:\n" + result.messages);
    for (const auto& item : result.items)
        for (const auto& one : item.cases) {
            StressCount& total = counts[item.rubric.id + "  " + one.rubric.name];
            ++total.runs;
            total.slowest_cpu = std::max(total.slowest_cpu, one.cpu);
            total.slowest_wall = std::max(total.slowest_wall, one.wall);
            if (one.verdict != Verdict::pass && ++total.failures == 1)
                total.first_failure =
                    std::string(name(one.verdict)) + " " + one.summary + " " + one.got;
        }
}

}  // namespace

std::map<std::string, StressCount> Proof::stress(int runs) {
    std::map<std::string, StressCount> counts;
    const auto repeat = [&](const BatchOptions& options, int times) {
        Batch batch(tree("dev"), jobs_, options);
        for (int i = 0; i < times; ++i) {
            for (const LabProof& proof : labs_) {
                const auto add_up = [&counts](const LabResult& result) { count(result, counts); };
                i == 0 ? batch.add_solution(proof, add_up) : batch.repeat_solution(proof, add_up);
            }
            batch.run();
        }
    };
    repeat({}, runs - runs / 2);
    const BusyNeighbours neighbours;
    repeat({.processor = 0}, runs / 2);
    return counts;
}

}  // namespace course::checking
