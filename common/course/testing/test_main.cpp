// The main of every graded test program: runs one case and reports to the grader as it goes.
//
//     program --list            one line per case: name, tags, file, line (separated by US, 0x1f)
//     program --scenes          the same for the hidden cases, which ./course timeline draws
//     program --case NAME       that case; records to the channel if the grader opened one
//     program [Catch2 options]  as any Catch2 program, for a debugger or for a look by hand
//
// Records: begin NAME | hint TEXT MISHAP | missing ITEM
//          failure FILE LINE EXPRESSION EXPANSION NOTES THREW (the last one empty unless an
//          exception came) returned (a forked child came back into the test) | end PASSED FAILED
//          LEFT-OVERS
//          story VERDICT MESSAGE STORY SCHEDULE SCHEDULES (of a simulation that failed)
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/catch_translate_exception.hpp>
#include <catch2/interfaces/catch_interfaces_registry_hub.hpp>
#include <catch2/interfaces/catch_interfaces_reporter.hpp>
#include <catch2/internal/catch_fatal_condition_handler.hpp>
#include <catch2/internal/catch_test_case_registry_impl.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#include <catch2/reporters/catch_reporter_streaming_base.hpp>
#define COURSE_CATCH2_V3 1
#else
#define CATCH_CONFIG_RUNNER
// A crash ends the process by its signal, and the grader sees which.
#define CATCH_CONFIG_NO_POSIX_SIGNALS
#include <catch2/catch.hpp>
#define COURSE_CATCH2_V3 0
#endif

#include <cxxabi.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

#include <course/testing/not_implemented.hpp>
#include <course/testing/process_state.hpp>
#include <course/testing/report_channel.hpp>
#include <course/testing/testing.hpp>
#ifdef COURSE_SIMULATED
#include <course/simulation/simulate.hpp>
#endif

#if COURSE_CATCH2_V3
// Catch2 3 handles fatal signals, and a child that the student forks would inherit the handlers:
// its crash would come back into the test. Defined here, they replace the library's, and a crash
// stays one.
namespace Catch {
FatalConditionHandler::FatalConditionHandler() = default;
FatalConditionHandler::~FatalConditionHandler() = default;
void FatalConditionHandler::engage_platform() {}
void FatalConditionHandler::disengage_platform() noexcept {}
}  // namespace Catch
#endif

#ifndef __has_feature  // clang's; g++ defines __SANITIZE_THREAD__
#define __has_feature(feature) 0
#endif

namespace course::testing {

namespace {

// --- The channel
// ------------------------------------------------------------------------------------

int channel_ = -1;
char nonce_[nonce_length];
pid_t test_process_ = 0;

/// Takes descriptor and nonce before any other static initialiser, the student's among them, runs.
[[gnu::constructor(101)]] void take_channel() {
    test_process_ = getpid();
    char* variable = std::getenv(channel_variable);
    if (!variable)
        return;
    const int inherited = std::atoi(variable);
    std::memset(variable, '-', std::strlen(variable));
    unsetenv(channel_variable);
    std::size_t have = 0;
    while (have < nonce_length) {
        const ssize_t got = read(inherited, nonce_ + have, nonce_length - have);
        if (got <= 0)
            _exit(71);
        have += static_cast<std::size_t>(got);
    }
    channel_ =
        fcntl(inherited, F_DUPFD_CLOEXEC, 700);  // out of the way of the numbers that tests see
    close(inherited);
}

void report(const Record& record) {
    if (channel_ < 0)
        return;
    const std::string bytes = encode(record, {nonce_, nonce_length});
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t n = write(channel_, bytes.data() + sent, bytes.size() - sent);
        if (n < 0 && errno != EINTR)
            return;
        sent += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
}

/// A child that was forked by the student's code and came back would go on with the test; it must
/// not.
void stop_returned_child() {
    if (getpid() == test_process_)
        return;
#ifdef COURSE_SIMULATED
    if (simulation::simulated())
        return;  // a schedule is explored in a child, and ends by itself
#endif
    report({"returned", {}});
    _exit(72);
}

// --- The listener
// -----------------------------------------------------------------------------------

bool missing_ = false;

void note_missing(const std::string& item) {
    missing_ = true;
    report({"missing", {item}});
}

/// A thread that was joined may stand in /proc for a moment longer; a real leak stays.
std::string left_over(const ProcessState& before) {
    for (int attempt = 0;; ++attempt) {
        std::string text;
        try {
            text = difference(before, ProcessState::now());
        } catch (const std::system_error& error) {
            return std::string("what is open can't be looked at: ") + error.what();
        }
        if (text.empty() || attempt == 100 || text.find("thread") == std::string::npos)
            return text;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

#if COURSE_CATCH2_V3
using ListenerBase = Catch::EventListenerBase;
using AssertionResult = void;
constexpr auto keep_going = [] {};
#else
using ListenerBase = Catch::TestEventListenerBase;
using AssertionResult = bool;
constexpr auto keep_going = [] { return true; };
#endif

/// The type of the exception that is being handled, as it is written in C++.
std::string type_in_flight() {
    const std::type_info* type = abi::__cxa_current_exception_type();
    if (!type)
        return "an exception";
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> readable(
        abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), std::free);
    return readable ? readable.get() : type->name();
}

/// The story of the last simulation that failed: it has a record of its own, and is no note.
std::string told_;

#ifdef COURSE_SIMULATED
void report_story(const simulation::Report& run) {
    if (run.verdict == simulation::Verdict::pass)
        return;
    told_ = run.story;
    report({"story",
            {std::string(simulation::name(run.verdict)), run.message, run.story, run.schedule,
             run.schedule.empty() ? "" : std::to_string(run.schedules)}});
}
#endif

class CaseListener : public ListenerBase {
  public:
    using ListenerBase::ListenerBase;

    void testCaseStarting(const Catch::TestCaseInfo& info) override {
        ListenerBase::testCaseStarting(info);
        report({"begin", {std::string(info.name)}});
        before_ = ProcessState::now();
    }

    AssertionResult assertionEnded(const Catch::AssertionStats& stats) override {
        stop_returned_child();
        if (!stats.assertionResult.succeeded())
            report_failure(stats);
        return keep_going();
    }

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        ListenerBase::testCaseEnded(stats);
        stop_returned_child();
        const auto& assertions = stats.totals.assertions;
        report({"end",
                {std::to_string(assertions.passed),
                 std::to_string(assertions.failed + assertions.failedButOk), left_over(before_)}});
    }

  private:
    static void report_failure(const Catch::AssertionStats& stats) {
        const auto& result = stats.assertionResult;
        const bool threw = result.getResultType() == Catch::ResultWas::ThrewException;
        const bool threw_nothing = result.getResultType() == Catch::ResultWas::DidntThrowException;
        std::string notes;
        for (const auto& info : stats.infoMessages)
            if (told_.empty() || info.message.rfind(told_, 0) != 0)
                notes += (notes.empty() ? "" : "\n") + std::string(info.message);
        const std::string message = result.hasMessage() ? std::string(result.getMessage()) : "";
        if (notes.empty() && !threw)
            notes = message;
        // Outside of an assertion there is no expression, and Catch2 puts something in its place.
        const std::string macro(result.getTestMacroName());
        const std::string expression(result.getExpression());
        const bool asserted = macro != "TEST_CASE" && !expression.empty() &&
                              expression.rfind("{Unknown expression", 0) != 0;
        report(
            {"failure",
             {std::string(result.getSourceInfo().file), std::to_string(result.getSourceInfo().line),
              asserted ? std::string(result.getExpressionInMacro()) : "",
              threw_nothing ? "nothing was thrown"
              : asserted    ? std::string(result.getExpandedExpression())
                            : "",
              notes, threw ? type_in_flight() + ": " + message : ""}});
    }

    ProcessState before_;
};

/// Catch2's own report is not for the grader: what is printed must be the student's alone.
#if COURSE_CATCH2_V3
class SilentReporter : public Catch::StreamingReporterBase {
  public:
    using StreamingReporterBase::StreamingReporterBase;
#else
class SilentReporter : public Catch::StreamingReporterBase<SilentReporter> {
  public:
    using StreamingReporterBase::StreamingReporterBase;
    void assertionStarting(const Catch::AssertionInfo&) override {}
    bool assertionEnded(const Catch::AssertionStats&) override { return true; }
#endif
    static std::string getDescription() {
        return "says nothing";
    }
};

CATCH_REGISTER_LISTENER(CaseListener)
CATCH_REGISTER_REPORTER("silent", SilentReporter)

// --- The cases
// --------------------------------------------------------------------------------------

/// The cases that grade, or the hidden ones: scenes for `./course timeline`.
void list_cases(Catch::Session& session, bool hidden) {
#if COURSE_CATCH2_V3
    for (const auto& handle : Catch::getAllTestCasesSorted(session.config())) {
        const auto& info = handle.getTestCaseInfo();
        if (info.isHidden() != hidden)
            continue;
        std::string tags;
        for (const auto& tag : info.tags)
            tags += "[" + std::string(tag.original) + "]";
#else
    for (const auto& info : Catch::getAllTestCasesSorted(session.config())) {
        if (info.isHidden() != hidden)
            continue;
        std::string tags;
        for (const auto& tag : info.tags)
            tags += "[" + tag + "]";
#endif
        std::cout << info.name << '\x1f' << tags << '\x1f' << info.lineInfo.file << '\x1f'
                  << info.lineInfo.line << '\n';
    }
}

}  // namespace

void hint(const std::string& text, Mishap mishap) {
    constexpr const char* names[] = {"wrong", "crash", "stuck", "leak", "race", "deadlock"};
    report({"hint", {text, names[static_cast<int>(mishap)]}});
}

}  // namespace course::testing

CATCH_TRANSLATE_EXCEPTION(const course::NotImplemented& missing) {
    return missing.item() + " is not implemented yet";
}

int main(int argc, char* argv[]) {
    using namespace course::testing;
    course::NotImplemented::observe(note_missing);
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
    // ThreadSanitizer starts a thread of its own with the first one: it must not look like a leak.
    std::thread([] {}).join();
#endif
#ifdef COURSE_SIMULATED
    course::simulation::on_story(report_story);
#endif
    Catch::Session session;
    const bool scenes = argc == 2 && std::strcmp(argv[1], "--scenes") == 0;
    if (scenes || (argc == 2 && std::strcmp(argv[1], "--list") == 0)) {
        list_cases(session, scenes);
        return 0;
    }
    int status = 0;
    if (argc == 3 && std::strcmp(argv[1], "--case") == 0) {
        const std::string exact = '"' + std::string(argv[2]) + '"';
        const char* arguments[] = {argv[0], exact.c_str(), "--reporter", "silent"};
        status = session.applyCommandLine(4, arguments);
    } else {
        status = session.applyCommandLine(argc, argv);
    }
    if (status == 0)
        status = session.run();
    stop_returned_child();
    return status == 0 && missing_ ? 73 : status;
}
