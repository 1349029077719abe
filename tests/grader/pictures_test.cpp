// Scenes of a lab, from the student's file to the committed picture.
#include <algorithm>
#include <course/checking/pictures.hpp>
#include <course/checking/scenes.hpp>
#include <course/grading/grader.hpp>
#include <course/testing/testing.hpp>
#include <course/timeline/text.hpp>

namespace {

namespace fs = std::filesystem;
using namespace course::checking;
using namespace course::grading;
using course::testing::ContainsSubstring;
using course::testing::contents;

const fs::path grader_folder = GRADER_FOLDER;
const fs::path build_folder = BUILD_FOLDER;
const Lab counter{"00", "00-counter", grader_folder};

/// The test program of the lab 00-counter with \p file in it.
fs::path program_with(const fs::path& file) {
    const fs::path work = build_folder / "work" / "00-counter" / "pictures" / file.stem();
    const Recipe recipe(build_folder, "00-counter");
    ProcessQueue queue(1);
    Grader grader(recipe, rubric_for(counter, recipe, build_folder), queue);
    LabResult built;
    grader.build(file, work, [&built](LabResult result) { built = std::move(result); });
    queue.run();
    REQUIRE(built.build == Verdict::pass);
    return work / "program";
}

const fs::path& solution() {
    static const fs::path program =
        program_with(grader_folder / "solutions" / "00-counter" / "counter.cpp");
    return program;
}

Scene watched(const fs::path& program, const std::string& name) {
    ProcessQueue queue(1);
    Scene scene;
    watch(program, name, case_limits(Recipe(build_folder, "00-counter")), queue,
          [&scene](Scene seen) { scene = std::move(seen); });
    queue.run();
    return scene;
}

}  // namespace

TEST_CASE("hidden cases are scenes and no part of the rubric") {
    const auto scenes = scenes_in(solution());
    CHECK(scenes.size() == 3);
    CHECK(std::count(scenes.begin(), scenes.end(), "two waits") == 1);
    const Recipe recipe(build_folder, "00-counter");
    int cases = 0;
    for (const auto& item : rubric_for(counter, recipe, build_folder).items)
        cases += static_cast<int>(item.cases.size());
    CHECK(cases == 2);
}

TEST_CASE("a scene shows what the threads of this very file did") {
    const Scene together = watched(solution(), "two waits");
    REQUIRE(together.runs.size() == 1);
    CHECK(together.runs[0].end.time == std::chrono::seconds(1));
    REQUIRE(together.runs[0].lanes.size() == 3);
    const auto& spans = together.runs[0].lanes[2].spans;
    const auto slept = std::find_if(spans.begin(), spans.end(), [](const auto& span) {
        return span.activity == course::timeline::Activity::sleeping;
    });
    REQUIRE(slept != spans.end());
    CHECK(slept->note == "two");
    CHECK(slept->begin.time == std::chrono::seconds(0));
    CHECK(slept->end.time == std::chrono::seconds(1));
    CHECK_THAT(slept->place, ContainsSubstring("scenes.cpp:"));
    const Scene staircase =
        watched(program_with(grader_folder / "threads" / "joins_at_once.cpp"), "two waits");
    REQUIRE(staircase.runs.size() == 1);
    CHECK(staircase.runs[0].end.time == std::chrono::seconds(2));
}

TEST_CASE("a scene with two simulations has two runs, and each its title and its cores") {
    const Scene both = watched(solution(), "beside it");
    REQUIRE(both.runs.size() == 2);
    CHECK(both.runs[0].title == "alone");
    CHECK(both.runs[0].cores == 1);
    CHECK(both.runs[0].computed() == std::chrono::milliseconds(20));
    CHECK(both.runs[1].computed() == std::chrono::milliseconds(20));
}

TEST_CASE("a graded case is watched as well, and if it fails so is its failure") {
    const Scene searched = watched(solution(), "no schedule loses a count");
    REQUIRE(searched.runs.size() == 1);
    CHECK(searched.runs[0].passed());
    CHECK(searched.runs[0].lanes.size() == 3);
    const Scene stuck = watched(program_with(grader_folder / "threads" / "waits_in_a_circle.cpp"),
                                "no schedule loses a count");
    REQUIRE(stuck.runs.size() == 1);
    CHECK(stuck.runs[0].verdict == "deadlock");
    const std::string text = course::timeline::draw_text("stuck", stuck.runs, {});
    CHECK_THAT(text, ContainsSubstring("T1 waits to lock mutex 2 that T2 holds, for ever"));
    CHECK_THAT(text, ContainsSubstring("T2 waits to lock mutex 1 that T1 holds, for ever"));
    const Scene raced =
        watched(program_with(grader_folder / "threads" / "races.cpp"), "no schedule loses a count");
    REQUIRE(raced.runs.size() == 1);
    CHECK(raced.runs[0].verdict == "data race");
    CHECK(raced.runs[0].race.size() == 2);
}

TEST_CASE("a case that simulates nothing says how it ended") {
    const Scene nothing = watched(solution(), "nothing at all");
    CHECK(nothing.runs.empty());
    CHECK_THAT(nothing.trouble, ContainsSubstring("it simulates nothing"));
}

TEST_CASE("pictures are made, found out when stale, and deleted when nobody shows them") {
    const course::testing::TemporaryFolder root;
    const Lab lab{"00", "00-counter", root.path()};
    write_whole(lab.folder() / "README.md",
                "![](timelines/two-waits.svg) ![](timelines/two-waits--joins_at_once.svg)\n");
    write_whole(
        lab.root / "slides" / "01-other.md",
        "![](../labs/00-counter/timelines/beside-it.svg) ![](../labs/01-x/timelines/y.svg)\n");
    write_whole(lab.tests() / "mutants" / "joins_at_once.cpp", "");
    write_whole(folder_of_pictures(lab) / "old.svg", "");
    const auto pictures = pictures_referred_to(lab);
    REQUIRE(pictures.size() == 3);
    CHECK(pictures[0].name == "beside-it");
    CHECK(pictures[1].name == "two-waits");
    CHECK(pictures[2].mutant == "joins_at_once");

    const Recipe recipe(build_folder, "00-counter");
    const Rubric rubric = rubric_for(counter, recipe, build_folder);
    const auto program = [](const std::string& mutant) {
        return mutant.empty() ? solution()
                              : program_with(grader_folder / "threads" / (mutant + ".cpp"));
    };
    const auto drawn = draw(lab, rubric, pictures, program, case_limits(recipe), 2);
    CHECK(drawn.problems.empty());
    REQUIRE(drawn.drawn.size() == 3);
    CHECK(drawn.drawn.at("two-waits") != drawn.drawn.at("two-waits--joins_at_once"));
    CHECK(draw(lab, rubric, pictures, program, case_limits(recipe), 2).drawn == drawn.drawn);

    CHECK(problems_with_pictures(lab, drawn).size() == 4);  // three are missing, one is old
    CHECK(update(lab, drawn).size() == 4);
    CHECK(problems_with_pictures(lab, drawn).empty());
    CHECK(update(lab, drawn).empty());
    const fs::path file = folder_of_pictures(lab) / "two-waits.svg";
    write_whole(file, contents(file) + " ");
    const auto stale = problems_with_pictures(lab, drawn);
    REQUIRE(stale.size() == 1);
    CHECK(stale[0] ==
          "labs/00-counter/timelines/two-waits.svg is out of date: call "
          "./course timeline 00 --pictures");
}

TEST_CASE("a picture of a scene or a mutant that is not there is a problem and says where") {
    const course::testing::TemporaryFolder root;
    const Lab lab{"00", "00-counter", root.path()};
    write_whole(lab.folder() / "README.md",
                "![](timelines/three-waits.svg) ![](timelines/two-waits--no_such.svg)\n");
    const Recipe recipe(build_folder, "00-counter");
    const auto drawn = draw(
        lab, rubric_for(counter, recipe, build_folder), pictures_referred_to(lab),
        [](const std::string&) { return solution(); }, case_limits(recipe), 1);
    REQUIRE(drawn.problems.size() == 2);
    CHECK_THAT(drawn.problems[0], ContainsSubstring("labs/00-counter/README.md shows "
                                                    "timelines/three-waits.svg, but there is no "
                                                    "scene of that name"));
    CHECK_THAT(drawn.problems[1], ContainsSubstring("there is no mutant no_such"));
}
