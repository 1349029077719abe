// Likeness of results to mistakes, of students to each other, of files to each other.
#include <course/diagnosis/clusters.hpp>
#include <course/diagnosis/fingerprints.hpp>
#include <course/testing/testing.hpp>

#include "../reports/sample_class.hpp"

using namespace course::diagnosis;
using course::grading::Verdict;

namespace {

const Symptom first{"02.1", "eight take as long as one", Verdict::wrong, "t.cpp:14"};
const Symptom second{"02.1", "in order", Verdict::wrong, "t.cpp:22"};
const Symptom third{"02.2", "an error comes out", Verdict::crash, "h.cpp:32"};

Signature mistake(const std::string& name, Symptoms symptoms) {
    return {name, name + " is made.", "hint", std::move(symptoms)};
}

/// The names of what \p verdicts look like, `a+b` if two can't be told apart.
std::string looks_like(std::vector<Verdict> verdicts, const std::vector<Signature>& known) {
    std::string names;
    for (const auto& likeness : diagnose(sample_result(std::move(verdicts)), known)) {
        names += names.empty() ? "" : " ";
        for (const auto& one : likeness.mistakes)
            names += (names.empty() || names.back() == ' ' ? "" : "+") + one.mutant;
    }
    return names;
}

const std::vector<Signature> known{mistake("a", {first}), mistake("b", {first, second}),
                                   mistake("c", {third}), mistake("d", {first, second, third}),
                                   mistake("same_as_a", {first})};

}  // namespace

TEST_CASE("a solution and a starter look like no mistake") {
    CHECK(looks_like({Verdict::pass, Verdict::pass, Verdict::pass}, known) == "");
    CHECK(looks_like({Verdict::missing, Verdict::missing, Verdict::missing}, known) == "");
}

TEST_CASE("a result looks like the mistakes that fail the same cases in the same way") {
    CHECK(looks_like({Verdict::wrong, Verdict::pass, Verdict::pass}, known) == "a+same_as_a");
    CHECK(looks_like({Verdict::wrong, Verdict::wrong, Verdict::pass}, known) == "b");
    CHECK(looks_like({Verdict::pass, Verdict::pass, Verdict::crash}, known) == "c");
    CHECK(looks_like({Verdict::deadlock, Verdict::pass, Verdict::pass}, known) == "");
    CHECK(looks_like({Verdict::pass, Verdict::wrong, Verdict::pass}, known) == "");
}

TEST_CASE("the mistake that explains most is taken and two in different items are two") {
    CHECK(looks_like({Verdict::wrong, Verdict::wrong, Verdict::crash}, known) == "d");
    CHECK(looks_like({Verdict::wrong, Verdict::pass, Verdict::crash}, known) == "a+same_as_a c");
}

TEST_CASE("what is not implemented yet speaks neither for a mistake nor against it") {
    CHECK(looks_like({Verdict::wrong, Verdict::missing, Verdict::missing}, known) ==
          "a+b+d+same_as_a");
}

TEST_CASE("an assertion that fails elsewhere is another mistake") {
    Symptom elsewhere = first;
    elsewhere.place = "t.cpp:99";
    CHECK(looks_like({Verdict::wrong, Verdict::pass, Verdict::pass}, {mistake("a", {elsewhere})}) ==
          "");
}

TEST_CASE("students with one mistake are one cluster whatever else they did") {
    const auto clusters =
        clusters_in(sample_class(), {{"02-join-pitfalls", {mistake("a", {first})}}});
    REQUIRE_FALSE(clusters.empty());
    CHECK(clusters[0].mistakes.at(0).mutant == "a");
    CHECK(clusters[0].students == std::vector<std::string>{"ben", "cy"});
    for (const auto& cluster : clusters)
        for (const auto& student : cluster.students) {
            CHECK(student != "ann");  // full marks
            CHECK(student != "hu");   // our own failure
        }
}

TEST_CASE("files that stop at the same error are alike wherever it stands") {
    using course::grading::GradebookRow;
    const GradebookRow one{"x", {sample_result(Verdict::compile, "/a/x.cpp:1:2: error: no\n")}};
    const GradebookRow other{"y", {sample_result(Verdict::compile, "/b/x.cpp:7:8: error: no\n")}};
    const auto clusters = clusters_in({one, other}, {});
    REQUIRE(clusters.size() == 1);
    CHECK(clusters[0].error == "x.cpp: error: no");
    CHECK(clusters[0].students.size() == 2);
}

namespace {

const std::string given = "int helper(int a) { if (a > 3) { return a * 2; } return a - 1; }\n";
const std::string work = R"(
void all(const std::vector<std::string>& sites) {
    std::vector<std::thread> threads;
    for (const auto& site : sites) { threads.emplace_back([&site] { download(site); }); }
    for (auto& thread : threads) { if (thread.joinable()) { thread.join(); } }
    std::sort(sites.begin(), sites.end(), [](int a, int b) { return a < b; });
    while (!sites.empty()) { sites.pop_back(); counter += 3 * counter; }
})";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
    return text;
}

const std::string renamed =
    "// all my own\n" + replaced(replaced(work, "threads", "workers"), "    ", "\t");
const std::string other_work = R"(
int all(int n) {
    std::atomic<int> done{0}; auto one = [&done, n]() mutable { n -= 1; ++done; return n * n; };
    do { std::async(std::launch::async, one).get(); } while (done.load() < n);
    switch (n) { case 1: return 2; case 2: return done; default: throw std::runtime_error("no"); }
    std::future<int> later = std::async(one); auto value = later.get(); return value ? value : -value;
})";

}  // namespace

TEST_CASE("a copy with other names and comments looks alike and other work does not") {
    const auto found = look_alikes(
        {{"ann", given + work}, {"ben", given + renamed}, {"cy", given + other_work}}, {given});
    REQUIRE(found.size() == 1);
    CHECK(found[0].first == "ann");
    CHECK(found[0].second == "ben");
    CHECK(found[0].shared == 1.0);
}

TEST_CASE("what everybody was given or may have found alone makes nobody alike") {
    CHECK(look_alikes({{"ann", given}, {"ben", given}}, {given}).empty());
    CHECK(look_alikes({{"ann", work}, {"ben", work}}, {given, work}).empty());
    std::map<std::string, std::string> whole_class;
    for (int i = 0; i < 30; ++i)
        whole_class["student " + std::to_string(i)] = work;
    CHECK(look_alikes(whole_class, {}).empty());
}

TEST_CASE("any bytes have fingerprints") {
    for (const auto& text :
         {std::string("\"never closed \\"), std::string("/* never closed"), std::string("'"),
          std::string("\0\xff//", 4), std::string("/"), std::string()})
        CHECK(fingerprints_of(text).empty());
}
