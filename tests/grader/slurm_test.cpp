// A class graded on a real Slurm, whose node fails in the middle.
#include <course/batch/slurm_engine.hpp>
#include <iostream>

#include "batch_class.hpp"
#include "slurm_cluster.hpp"

using namespace course::batch;
using namespace course::grading;
using course::batch::tests::output_of;
using course::batch::tests::SlurmCluster;
using course::batch::tests::SmallClass;
using course::testing::ContainsSubstring;
using course::testing::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

const fs::path root = COURSE_FOLDER;

/// Whether there is a Slurm to test with; says so if not.
bool has_slurm() {
    if (SlurmCluster::is_installed())
        return true;
    std::cout << "skipped: Slurm is not installed: ./course setup cluster\n";
    return false;
}

ToolOutcome run_tool(const std::vector<std::string>& command) {
    const auto [status, output] = output_of(command);
    return {status, output};
}

/// Hand-ins for lab 08: right, not begun, broken.
std::vector<fs::path> hand_ins(const fs::path& folder) {
    const fs::path lab = "08-fd-inheritance/descriptors.cpp";
    auto files = course::batch::tests::variants(root / "solutions" / lab, 3, folder);
    files.push_back(root / "labs" / lab);
    files.push_back(folder / "broken.cpp");
    std::ofstream(files.back()) << "int main( {";
    return files;
}

/// A class, and the options to grade it on \p cluster.
struct ClassOnCluster {
    explicit ClassOnCluster(const SlurmCluster& cluster)
        : all(Lab{"08", "08-fd-inheritance", root}, BUILD_FOLDER, hand_ins(files.path())) {
        options.folder.path = cluster.folder("shared");
        options.worker = {std::string(BUILD_FOLDER) + "/bin/course-cli", "--jobs", "1",
                          "grade-chunk"};
        options.environment = {"COURSE_ROOT=" + root.string()};
        options.chunk = 2;
        options.interval = std::chrono::milliseconds(100);
        options.settling = std::chrono::milliseconds(1000);
    }

    /// Grade it on the cluster; \p tell is called after each change.
    ClassResults grade(Journal& journal,
                       const std::function<void(const ClassProgress&)>& tell = SmallClass::ignore) {
        SlurmEngine engine(options, {{&all.lab(), &all.rubric()}}, run_tool);
        const StopSignals stop;
        return all.grade(engine, journal, stop.descriptor(), tell);
    }

    /// The reports of the same class graded here.
    std::string local_reports() {
        LocalEngine engine(all.make_grader(), 2, files.path() / "work");
        Journal journal;
        const StopSignals stop;
        return all.reports(all.grade(engine, journal, stop.descriptor()));
    }

    TemporaryFolder files;
    SmallClass all;
    SlurmOptions options;
};

}  // namespace

TEST_CASE(
    "a class graded on Slurm has the results of a class graded here, also when the node fails in "
    "the middle") {
    if (!has_slurm())
        return;
    SlurmCluster cluster;
    ClassOnCluster on(cluster);
    const std::string here = on.local_reports();
    {
        Journal journal;
        const ClassResults there = on.grade(journal);
        CHECK(there.complete);
        CHECK(on.all.reports(there) == here);
        CHECK(static_cast<std::size_t>(journal.size()) == on.all.different_files());
        CHECK_FALSE(fs::exists(on.options.folder.path));
    }
    {
        Journal journal;
        bool failed = false;
        const ClassResults there = on.grade(journal, [&](const ClassProgress& progress) {
            if (progress.graded == 1 && !failed) {
                failed = true;
                cluster.kill_node();
                cluster.start_node();
            }
        });
        CHECK(failed);
        CHECK(there.complete);
        CHECK(on.all.reports(there) == here);
    }
}

TEST_CASE(
    "a grading on Slurm that is stopped cancels its tasks, and goes on with what they have left") {
    if (!has_slurm())
        return;
    SlurmCluster cluster;
    ClassOnCluster on(cluster);
    Journal journal;
    const ClassResults stopped = on.grade(journal, [](const ClassProgress& progress) {
        if (progress.graded == 1)
            raise(SIGINT);
    });
    CHECK_FALSE(stopped.complete);
    // What a worker had finished by then is taken from the folder, not graded again.
    const std::size_t kept = static_cast<std::size_t>(journal.size());
    CHECK(kept >= 1);
    const ClassResults rest = on.grade(journal);
    CHECK(rest.complete);
    CHECK(rest.progress.known == kept);
    CHECK(on.all.reports(rest) == on.local_reports());
}

TEST_CASE("a task that fails again and again is our failure and nobody's zero") {
    if (!has_slurm())
        return;
    SlurmCluster cluster;
    ClassOnCluster on(cluster);
    on.options.worker = {"false"};
    on.options.chunk = 100;
    on.options.settling = std::chrono::milliseconds(0);
    Journal journal;
    const ClassResults failed = on.grade(journal);
    CHECK(failed.complete);
    CHECK(failed.results[0].build == Verdict::grader_error);
    CHECK_THAT(failed.results[0].messages, ContainsSubstring("ended 3 times without a result"));
    CHECK(journal.size() == 0);
    on.options.more = {"--partition=nowhere"};
    CHECK_THROWS_WITH(on.grade(journal), ContainsSubstring("Slurm does not take the jobs"));
}
