// Judges a case; believes nothing that is not proven.
#include <course/grading/case_verdict.hpp>

#include <filesystem>
#include <map>
#include <optional>

#include <course/testing/report_channel.hpp>

namespace course::grading {

namespace {

/// The report of one case, put together from its records.
struct CaseReport {
    std::optional<std::string> name;
    std::map<std::string, std::string> hints;  // by mishap
    std::string missing;
    bool returned = false;
    bool has_failure = false;
    testing::Record failure;
    testing::Record story;                             // of the simulation that made it fail
    std::map<std::string, std::string> failure_hints;  // the hints when it failed
    int ends = 0;
    int passed = 0;
    int failed = 0;
    std::string left_over;
};

/// The hint for what happened: one about an assertion says nothing about a hang or a leak.
std::string hint_for(Verdict verdict, CaseReport& report) {
    switch (verdict) {
        case Verdict::hang:
        case Verdict::timeout:
            return report.hints["stuck"];
        case Verdict::leak:
            return report.hints["leak"];
        case Verdict::crash:
            return report.hints["crash"];
        default:
            return report.has_failure ? report.failure_hints["wrong"] : report.hints["wrong"];
    }
}

/// The hint for what the simulation found: its own, or else that of the assertion.
std::string hint_for_story(Verdict verdict, CaseReport& report) {
    const char* mishap = verdict == Verdict::race       ? "race"
                         : verdict == Verdict::deadlock ? "deadlock"
                         : verdict == Verdict::crash    ? "crash"
                         : verdict == Verdict::timeout  ? "stuck"
                                                        : "wrong";
    const std::string hint = report.failure_hints[mishap];
    return hint.empty() ? report.failure_hints["wrong"] : hint;
}

CaseReport read(const testing::Received& received) {
    CaseReport report;
    for (const auto& record : received.records) {
        if (record.kind == "begin")
            report.name = record.field(0);
        if (record.kind == "hint")
            report.hints[record.field(1)] = record.field(0);
        if (record.kind == "missing" && report.missing.empty())
            report.missing = record.field(0);
        if (record.kind == "returned")
            report.returned = true;
        if (record.kind == "failure" && !report.has_failure) {
            report.has_failure = true;
            report.failure = record;
            report.failure_hints = report.hints;
        }
        if (record.kind == "story" && !report.has_failure)
            report.story = record;
        if (record.kind == "end") {
            ++report.ends;
            report.passed = std::atoi(record.field(0).c_str());
            report.failed = std::atoi(record.field(1).c_str());
            report.left_over = record.field(2);
        }
    }
    return report;
}

std::string printed_by(const Outcome& outcome) {
    std::string text = outcome.output;
    if (!outcome.error.empty())
        text += (text.empty() || text.back() == '\n' ? "" : "\n") + outcome.error;
    return text;
}

/// The verdict for what the simulation calls \p verdict.
Verdict verdict_of(const std::string& verdict) {
    static const std::map<std::string, Verdict> verdicts{
        {"deadlock", Verdict::deadlock},
        {"data race", Verdict::race},
        {"thread left over", Verdict::deadlock},
        {"terminated", Verdict::crash},
        {"crash", Verdict::crash},
        {"livelock", Verdict::timeout},
        {"step limit", Verdict::timeout},
    };
    const auto found = verdicts.find(verdict);
    return found == verdicts.end() ? Verdict::wrong : found->second;
}

/// Where a simulation failed, its story takes the place of the assertion that looked at its verdict.
void tell(CaseResult& result, const testing::Record& story) {
    result.story = story.field(2);
    result.schedule = story.field(3);
    result.schedules = std::atoi(story.field(4).c_str());
    result.verdict = verdict_of(story.field(0));
    result.summary = story.field(1);
    if (result.expected.find("erdict::pass") != std::string::npos)
        result.expected = result.got = "";
}

void decide(CaseResult& result, Verdict verdict, std::string summary) {
    result.verdict = verdict;
    result.summary = std::move(summary);
}

}  // namespace

CaseResult judge(const RubricCase& rubric, const Outcome& outcome) {
    const testing::Received received = testing::decode(outcome.report, outcome.nonce);
    CaseReport report = read(received);
    CaseResult result;
    result.rubric = rubric;
    result.printed = printed_by(outcome);
    result.cpu = outcome.cpu;
    result.wall = outcome.wall;
    if (report.has_failure) {
        result.place = std::filesystem::path(report.failure.field(0)).filename().string() + ":" +
                       report.failure.field(1);
        result.expected = report.failure.field(2);
        result.got = report.failure.field(3) == result.expected ? "" : report.failure.field(3);
        result.notes = report.failure.field(4);
    }
    const std::string threw = report.failure.field(5);

    using End = Outcome::End;
    const bool complete = report.ends == 1 && report.name == rubric.name;
    const bool out_of_memory = threw.find("bad_alloc") != std::string::npos ||
                               outcome.error.find("bad_alloc") != std::string::npos;
    if (outcome.is_our_failure())
        decide(result, Verdict::grader_error, "the test program " + outcome.describe());
    else if (received.forged || report.ends > 1)
        decide(result, Verdict::tamper,
               "something other than the test wrote to the grader's channel");
    else if (outcome.end == End::lost)
        decide(result, Verdict::tamper, "the test " + outcome.describe());
    else if (!report.missing.empty())
        decide(result, Verdict::missing, report.missing + " is not implemented yet");
    else if (outcome.end == End::output_limit)
        decide(result, Verdict::output, outcome.describe());
    else if (outcome.end == End::memory_limit)
        decide(result, Verdict::memory, outcome.describe());
    else if (outcome.end == End::cpu_limit)
        decide(result, Verdict::timeout, outcome.describe());
    else if (outcome.end == End::wall_limit && outcome.computing)
        decide(result, Verdict::timeout, outcome.describe() + ", and was still computing");
    else if (outcome.end == End::wall_limit)
        decide(result, Verdict::hang, outcome.describe() + "\n" + outcome.waiting);
    else if (report.returned) {
        // What failed after that is only a consequence, and so is the hint for it.
        result.expected = result.got = result.notes = result.place = "";
        report.failure_hints["wrong"] = report.hints["wrong"] =
            "fork returns twice. In the child, do the work and then end, on every path, with "
            "_exit.";
        decide(
            result, Verdict::wrong,
            "a child that your code forked came back into the test, by return or by an exception");
    } else if (out_of_memory)
        decide(result, Verdict::memory, "ran out of memory (std::bad_alloc)");
    else if (outcome.end == End::signalled)
        decide(result, Verdict::crash, outcome.describe());
    else if (!complete)
        decide(result, Verdict::incomplete, outcome.describe() + " before the test was over");
    else if (report.has_failure && threw.empty() && !report.story.fields.empty())
        tell(result, report.story);
    else if (report.has_failure || report.failed > 0)
        decide(result, Verdict::wrong,
               threw.empty() ? "an expectation does not hold" : "your code threw: " + threw);
    else if (report.passed != rubric.assertions)
        decide(result, Verdict::incomplete,
               std::to_string(report.passed) + " checks were made where " +
                   std::to_string(rubric.assertions) +
                   " must be: was something not there to look at?");
    else if (!report.left_over.empty())
        decide(result, Verdict::leak, "the result is right, but " + report.left_over);
    else if (outcome.left_over > 0)
        decide(result, Verdict::leak,
               "the result is right, but " + std::to_string(outcome.left_over) +
                   " process(es) still ran when the test had ended");
    else if (!outcome.succeeded())
        decide(result, Verdict::incomplete, outcome.describe() + " after all checks had passed");
    else
        decide(result, Verdict::pass, "");
    result.hint = result.story.empty() ? hint_for(result.verdict, report)
                                       : hint_for_story(result.verdict, report);
    return result;
}

}  // namespace course::grading
