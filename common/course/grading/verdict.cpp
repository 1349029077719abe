// Names of the verdicts.
#include <course/grading/verdict.hpp>

#include <array>
#include <stdexcept>
#include <utility>

namespace course::grading {

namespace {
constexpr std::array<std::pair<Verdict, std::string_view>, 17> names{{
    {Verdict::pass, "PASS"},
    {Verdict::missing, "TODO"},
    {Verdict::wrong, "WRONG"},
    {Verdict::output, "OUTPUT"},
    {Verdict::leak, "LEAK"},
    {Verdict::race, "RACE"},
    {Verdict::deadlock, "DEADLOCK"},
    {Verdict::crash, "CRASH"},
    {Verdict::timeout, "TIMEOUT"},
    {Verdict::hang, "HANG"},
    {Verdict::memory, "MEMORY"},
    {Verdict::incomplete, "INCOMPLETE"},
    {Verdict::compile, "COMPILE"},
    {Verdict::nothing, "NOTHING"},
    {Verdict::ungradable, "UNGRADABLE"},
    {Verdict::grader_error, "GRADER_ERROR"},
    {Verdict::tamper, "TAMPER"},
}};
}  // namespace

std::string_view name(Verdict verdict) {
    for (const auto& [value, text] : names)
        if (value == verdict)
            return text;
    throw std::logic_error("a verdict without a name");
}

Verdict verdict_named(std::string_view wanted) {
    for (const auto& [value, text] : names)
        if (text == wanted)
            return value;
    throw std::invalid_argument("no verdict is called " + std::string(wanted));
}

std::string overall_name(Verdict worst, int score, int points) {
    if (worst == Verdict::pass && score == points)
        return "PASS";
    if (score > 0 && worst < Verdict::nothing)
        return "PARTIAL";
    return std::string(name(worst));
}

}  // namespace course::grading
