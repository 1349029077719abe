// A class's grading that is killed, stopped, and called again.
#include <course/batch/result_record.hpp>
#include <course/testing/process_state.hpp>
#include <csignal>
#include <random>

#include "batch_class.hpp"

using namespace course::batch;
using namespace course::grading;
using course::batch::tests::SmallClass;
using course::testing::in_child;
using course::testing::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

const fs::path grader_folder = GRADER_FOLDER;

/// The lab of one function, and hand-ins that come out in every way that is quick.
SmallClass answers() {
    std::vector<fs::path> files{grader_folder / "solutions/00-answer/answer.cpp"};
    for (const char* name : {"half_right", "segmentation_fault", "empty", "missing_function",
                             "odd_bytes", "exit_zero", "forged_channel", "leaks_descriptor"})
        files.push_back(grader_folder / "submissions" / (std::string(name) + ".cpp"));
    return {Lab{"00", "00-answer", grader_folder}, BUILD_FOLDER, files};
}

/// Kills this process as it gets the k-th result, before the journal does.
class KilledBefore : public GradingEngine {
  public:
    KilledBefore(GradingEngine& engine, std::size_t k) : engine_(engine), left_(k) {}
    bool run(const std::vector<Task>& tasks, int stop, const TaskDone& done) override {
        return engine_.run(tasks, stop, [this, &done](const Task& task, LabResult result) {
            if (--left_ == 0)
                raise(SIGKILL);
            done(task, std::move(result));
        });
    }

  private:
    GradingEngine& engine_;
    std::size_t left_;
};

}  // namespace

TEST_CASE("a grading that is killed at any moment goes on, and nothing is graded twice or lost") {
    const SmallClass all = answers();
    const TemporaryFolder folder;
    const StopSignals stop;
    Journal whole_journal;
    LocalEngine whole_engine(all.make_grader(), 2, folder.path() / "whole");
    const ClassResults whole = all.grade(whole_engine, whole_journal, stop.descriptor());
    REQUIRE(whole.complete);
    CHECK(whole.progress.graded == all.different_files());

    // Each child goes on with the journal that the one before has left, and is killed at its first or second result:
    // before the journal has it, or after.
    const fs::path file = folder.path() / "journal.sqlite";
    std::mt19937 random(20261126);
    std::size_t kept = 0;
    int kills = 0;
    for (bool killed = true; killed; ++kills) {
        const std::size_t k = 1 + random() % 2;
        const bool before = random() % 2;
        const auto ended = in_child([&] {
            Journal journal(file);
            LocalEngine local(all.make_grader(), 2,
                              folder.path() / ("run" + std::to_string(kills)));
            KilledBefore engine(local, before ? k : 1000);
            const auto results =
                all.grade(engine, journal, stop.descriptor(), [&](const auto& progress) {
                    if (!before && progress.graded == k)
                        raise(SIGKILL);
                });
            _exit(results.complete ? 0 : 1);
        });
        killed = ended.signal == SIGKILL;
        if (!killed) {
            CHECK(ended.exit_status == 0);
            break;
        }
        const Journal journal(file);
        CHECK(static_cast<std::size_t>(journal.size()) == kept + (before ? k - 1 : k));
        kept = static_cast<std::size_t>(journal.size());
    }
    CHECK(kills >= 4);

    Journal journal(file);
    LocalEngine engine(all.make_grader(), 2, folder.path() / "last");
    const ClassResults resumed = all.grade(engine, journal, stop.descriptor());
    CHECK(resumed.progress.graded == 0);
    CHECK(resumed.progress.known == all.different_files());
    CHECK(all.reports(resumed) == all.reports(whole));
}

TEST_CASE("Ctrl-C ends what runs, keeps what is finished, and leaves no process") {
    const SmallClass all = answers();
    const TemporaryFolder folder;
    Journal journal;
    const auto before = course::testing::ProcessState::now();
    std::size_t finished = 0;
    {
        const StopSignals stop;
        LocalEngine engine(all.make_grader(), 2, folder.path() / "work");
        const ClassResults stopped =
            all.grade(engine, journal, stop.descriptor(), [](const auto& progress) {
                if (progress.graded == 2)
                    raise(SIGINT);
            });
        CHECK_FALSE(stopped.complete);
        finished = stopped.progress.graded;
    }
    CHECK(finished >= 2);
    CHECK(finished < all.different_files());
    CHECK(static_cast<std::size_t>(journal.size()) == finished);
    CHECK(course::testing::difference(before, course::testing::ProcessState::now()) == "");
    const StopSignals stop;
    LocalEngine engine(all.make_grader(), 2, folder.path() / "again");
    const ClassResults rest = all.grade(engine, journal, stop.descriptor());
    CHECK(rest.complete);
    CHECK(rest.progress.graded == all.different_files() - finished);
}

TEST_CASE(
    "a file is graded again if it or a test or a header or the compiler's flags have changed") {
    const TemporaryFolder folder;
    const auto write = [&folder](const std::string& name, const std::string& text) {
        write_whole(folder.path() / name, text);
    };
    write("include/soup.hpp", "header");
    write("include/deep/spoon.hpp", "header");
    write("test.o", "tests");
    write("ann/soup.cpp", "soup");
    write("ben/soup.cpp", "soup");
    const auto recipe = [&](const std::string& flag) {
        write(
            "labs/01-soup/recipe.json",
            R"({"lab": "01-soup", "gap": "soup.cpp", "sanitize": "", "simulated": false, "compile": ["c++", ")" +
                flag + R"(", "-I)" + folder.file("include") + R"("], "link": ["c++", ")" +
                folder.file("test.o") + R"("], "libraries": []})");
        return Recipe(folder.path(), "01-soup");
    };
    Rubric rubric{
        "01-soup", "Soup", "soup.hpp", {{"01.1", "Hot", {{"it is hot", 4, "t", 1, 2}}, 1}}};
    const auto now = [&](const std::string& student, const std::string& flag = "-O0") {
        return Fingerprint(recipe(flag), rubric).of(folder.path() / student / "soup.cpp");
    };
    const std::string first = now("ann");
    CHECK(first.size() == 64);
    CHECK(now("ben") == first);
    CHECK(now("ann", "-O1") != first);
    for (const char* file :
         {"include/soup.hpp", "include/deep/spoon.hpp", "test.o", "ann/soup.cpp"}) {
        INFO(file);
        const std::string text = course::testing::contents(folder.path() / file);
        write(file, text + "!");
        CHECK(now("ann") != first);
        write(file, text);
        CHECK(now("ann") == first);
    }
    rubric.items[0].cases[0].points = 5;
    CHECK(now("ann") != first);
}

TEST_CASE("our own failure is not kept, so that the next run tries again") {
    const SmallClass all = answers();
    /// Fails at everything.
    class Broken : public GradingEngine {
      public:
        explicit Broken(const Rubric& rubric) : rubric_(rubric) {}
        bool run(const std::vector<Task>& tasks, int, const TaskDone& done) override {
            for (const auto& task : tasks)
                done(task, not_run(rubric_, Verdict::grader_error, "the disk is full"));
            return true;
        }

      private:
        const Rubric& rubric_;
    } broken(all.rubric());
    Journal journal;
    const ClassResults failed = all.grade(broken, journal, -1);
    CHECK(failed.complete);
    CHECK(failed.results[0].verdict() == Verdict::grader_error);
    CHECK(journal.size() == 0);
    const ClassResults again = all.grade(broken, journal, -1);
    CHECK(again.progress.graded == all.different_files());
}
