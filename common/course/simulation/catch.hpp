// Catch2 and the simulation: the story under the assertion, and assertions inside a body.
//
//     const auto search = course::explore({}, [] {
//         Account account{100};
//         ...
//         EXPECT(account.balance() == 0);      // in any thread; shows 100 == 0 if it fails
//     });
//     CHECK(search.verdict == Verdict::pass);  // shows which schedule, who did what, and where
//
// Catch2's own assertions are for outside of the body: they report to the process that ran the
// body, which is a child, and they are not made for several threads.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_message.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/internal/catch_decomposer.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <course/simulation/simulate.hpp>
#include <sstream>
#include <string>
#include <string_view>

namespace course::simulation {

/// What EXPECT does with the decomposed expression.
inline void expect_decomposed(const Catch::ITransientExpression& expression, const char* source,
                              const char* file, int line) {
    if (!expression.getResult()) {
        last_words();
        std::ostringstream text;
        text << "EXPECT(" << source << ") failed: ";
        expression.streamReconstructedExpression(text);
        std::string_view place = file;  // folder and name are enough
        if (const auto name = place.rfind('/'); name != place.npos && name > 0) {
            const auto folder = place.rfind('/', name - 1);
            place.remove_prefix(folder == place.npos ? 0 : folder + 1);
        }
        text << ", at " << place << ":" << line;
        expect(false, text.str());
    }
}

template <class T>
void expect_decomposed(const Catch::ExprLhs<T>& expression, const char* source, const char* file,
                       int line) {
    expect_decomposed(expression.makeUnaryExpr(), source, file, line);
}

/// Puts each story under the assertion that follows `simulate` or `explore`.
inline const bool story_under_assertion = [] {
    on_story([](const Report& report) {
        const bool failed = !report.again.empty();
        UNSCOPED_INFO(report.story << (failed ? "\n  see it again:  " + report.again : ""));
    });
    return true;
}();

}  // namespace course::simulation

/// End the schedule with `check_failed` unless the expression holds. Also in threads of the body.
#define EXPECT(...)                                                                           \
    ::course::simulation::expect_decomposed(Catch::Decomposer() <= __VA_ARGS__, #__VA_ARGS__, \
                                            __FILE__, __LINE__)

template <>
struct Catch::StringMaker<course::simulation::Verdict> {
    static std::string convert(course::simulation::Verdict verdict) {
        return std::string(course::simulation::name(verdict));
    }
};
