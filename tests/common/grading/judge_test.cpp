// PASS only with everything that a complete report has.
#include <course/grading/case_verdict.hpp>
#include <course/testing/report_channel.hpp>
#include <course/testing/testing.hpp>

using namespace course::grading;
using course::testing::encode;

namespace {

const std::string nonce = "0123456789abcdef0123456789abcdef";
const RubricCase rubric{"the answer is 42", 3, "answer_test.cpp", 7, 2};

/// A run in which everything is as it must be.
Outcome good_run() {
    Outcome outcome;
    outcome.end = Outcome::End::exited;
    outcome.code = 0;
    outcome.nonce = nonce;
    outcome.report =
        encode({"begin", {rubric.name}}, nonce) + encode({"end", {"2", "0", ""}}, nonce);
    return outcome;
}

Verdict verdict_of(const Outcome& outcome) {
    return judge(rubric, outcome).verdict;
}

}  // namespace

TEST_CASE("a complete report with exit status 0 passes and earns the points") {
    CHECK(verdict_of(good_run()) == Verdict::pass);
    CHECK(judge(rubric, good_run()).score() == 3);
}

TEST_CASE("exit status 0 without a complete report is INCOMPLETE") {
    Outcome nothing = good_run();
    nothing.report.clear();
    CHECK(verdict_of(nothing) == Verdict::incomplete);
    Outcome cut = good_run();
    cut.report.pop_back();
    CHECK(verdict_of(cut) == Verdict::incomplete);
}

TEST_CASE("another name or another number of assertions does not pass") {
    Outcome other = good_run();
    other.report =
        encode({"begin", {"another case"}}, nonce) + encode({"end", {"2", "0", ""}}, nonce);
    CHECK(verdict_of(other) == Verdict::incomplete);
    Outcome fewer = good_run();
    fewer.report = encode({"begin", {rubric.name}}, nonce) + encode({"end", {"1", "0", ""}}, nonce);
    CHECK(verdict_of(fewer) == Verdict::incomplete);
}

TEST_CASE("a complete report with another exit status does not pass") {
    Outcome outcome = good_run();
    outcome.code = 1;
    CHECK(verdict_of(outcome) == Verdict::incomplete);
}

TEST_CASE("two ends or a foreign record are TAMPER") {
    Outcome twice = good_run();
    twice.report += encode({"end", {"2", "0", ""}}, nonce);
    CHECK(verdict_of(twice) == Verdict::tamper);
    Outcome foreign = good_run();
    foreign.report += encode({"end", {"2", "0", ""}}, std::string(32, 'f'));
    CHECK(verdict_of(foreign) == Verdict::tamper);
}

TEST_CASE("what the simulation found gives the verdict its name and the report its story") {
    const auto judged = [](const std::string& found) {
        Outcome outcome = good_run();
        outcome.code = 1;
        outcome.report =
            encode({"begin", {rubric.name}}, nonce) +
            encode({"hint", {"Who waits?", "wrong"}}, nonce) +
            encode({"hint", {"Who orders them?", "race"}}, nonce) +
            encode({"story", {found, "every thread waits", "the story", "17", "18"}}, nonce) +
            encode({"failure",
                    {"a_test.cpp", "9", "search.verdict == Verdict::pass", "deadlock == pass", "",
                     ""}},
                   nonce) +
            encode({"end", {"1", "1", ""}}, nonce);
        return judge(rubric, outcome);
    };
    CHECK(judged("data race").hint == "Who orders them?");
    CHECK(judged("deadlock").verdict == Verdict::deadlock);
    CHECK(judged("data race").verdict == Verdict::race);
    CHECK(judged("livelock").verdict == Verdict::timeout);
    CHECK(judged("terminated").verdict == Verdict::crash);
    CHECK(judged("check failed").verdict == Verdict::wrong);
    const CaseResult result = judged("deadlock");
    CHECK(result.summary == "every thread waits");
    CHECK(result.story == "the story");
    CHECK(result.schedule == "17");
    CHECK(result.schedules == 18);
    CHECK(result.hint == "Who waits?");
    CHECK(result.expected.empty());
}

TEST_CASE("a story without a failed assertion does not fail a case") {
    Outcome outcome = good_run();
    outcome.report =
        encode({"begin", {rubric.name}}, nonce) +
        encode({"story", {"deadlock", "every thread waits", "the story", "17", "18"}}, nonce) +
        encode({"end", {"2", "0", ""}}, nonce);
    CHECK(verdict_of(outcome) == Verdict::pass);
}

TEST_CASE("not implemented stands before any other reason to fail") {
    Outcome outcome = good_run();
    outcome.report = encode({"begin", {rubric.name}}, nonce) + encode({"missing", {"00.1"}}, nonce);
    outcome.end = Outcome::End::signalled;
    outcome.code = 6;
    CHECK(verdict_of(outcome) == Verdict::missing);
}

TEST_CASE("the hint in force at the failure is the student's and what was left over is named") {
    Outcome wrong = good_run();
    wrong.code = 1;
    wrong.report =
        encode({"begin", {rubric.name}}, nonce) + encode({"hint", {"think", "wrong"}}, nonce) +
        encode({"failure", {"/x/answer_test.cpp", "9", "a == b", "1 == 2", ""}}, nonce) +
        encode({"hint", {"later", "wrong"}}, nonce) + encode({"end", {"1", "1", ""}}, nonce);
    const CaseResult result = judge(rubric, wrong);
    CHECK(result.verdict == Verdict::wrong);
    CHECK(result.hint == "think");
    CHECK(result.place == "answer_test.cpp:9");
    CHECK(result.got == "1 == 2");
    Outcome leak = good_run();
    leak.report = encode({"begin", {rubric.name}}, nonce) +
                  encode({"end", {"2", "0", "thread 5 still runs"}}, nonce);
    CHECK(verdict_of(leak) == Verdict::leak);
    CHECK(judge(rubric, leak).hint.empty());
    leak.report.insert(0, encode({"hint", {"who waits for it?", "leak"}}, nonce));
    CHECK(judge(rubric, leak).hint == "who waits for it?");
    CHECK_THAT(judge(rubric, leak).summary,
               course::testing::ContainsSubstring("thread 5 still runs"));
}

TEST_CASE("our own failure to start a case is never the student's") {
    Outcome outcome;
    outcome.end = Outcome::End::not_started;
    CHECK(verdict_of(outcome) == Verdict::grader_error);
}
