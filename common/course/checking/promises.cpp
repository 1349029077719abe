// Holds results against the promises.
#include <course/checking/promises.hpp>

#include <fmt/format.h>

#include <course/reports/report_text.hpp>

namespace course::checking {

using namespace grading;
using diagnosis::Mutant;
using reports::hint_for;

namespace {

std::string first_trouble(const ItemResult& item) {
    const CaseResult* failure = item.first_failure();
    return failure ? fmt::format("{} {}: \"{}\" {} {} {} {}", item.rubric.id,
                                 name(failure->verdict), failure->rubric.name, failure->summary,
                                 failure->expected, failure->got, failure->printed)
                   : item.rubric.id;
}

}  // namespace

std::vector<std::string> problems_with_starter(const LabResult& result) {
    std::vector<std::string> problems;
    if (!result.messages.empty())
        problems.push_back("it does not build without warnings:\n" + result.messages);
    if (result.score() != 0)
        problems.push_back(fmt::format("it earns {} points", result.score()));
    for (const auto& item : result.items)
        for (const auto& one : item.cases)
            if (one.verdict != Verdict::missing)
                problems.push_back(fmt::format("{} \"{}\" is {}, not because it is not implemented",
                                               item.rubric.id, one.rubric.name, name(one.verdict)));
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

std::vector<std::string> problems_with_mutant(const Mutant& mutant, const LabResult& result,
                                              const Hints& hints) {
    if (result.build != Verdict::pass)
        return {"it does not build:\n" + result.messages};
    std::vector<std::string> problems;
    std::string shown;
    bool hint_shown = false;
    for (const auto& item : result.items) {
        const bool lost = item.score() < item.rubric.points();
        const bool named = mutant.loses.contains(item.rubric.id);
        if (named && !lost)
            problems.push_back("it survives " + item.rubric.id);
        if (!named && lost)
            problems.push_back("it also loses " + first_trouble(item));
        if (!lost)
            continue;
        shown += "\n  " + item.rubric.id + " " + hint_for(item, hints);
        hint_shown = hint_shown || (named && hint_for(item, hints) == mutant.hint);
    }
    for (const auto& item : mutant.loses)
        if (!result.rubric.find(item))
            problems.push_back("there is no item " + item);
    if (problems.empty() && !hint_shown)
        problems.push_back("a student who makes this mistake reads another hint:" + shown);
    return problems;
}

}  // namespace course::checking
