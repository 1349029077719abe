// The subcommands of ./course. Each returns the exit code: 0 all is well, 1 not full marks, 2
// failed.
#pragma once

#include <course/cli/session.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace course::cli {

/// `list`: the scoreboard.
int list(const Session& session);

/// `run NN`: build the lab's small program with the student's file in it and become it.
int run(const Session& session, const std::string& lab, const std::vector<std::string>& arguments);

/// How a class is graded.
struct ClassOptions {
    /// Folder for the page, the gradebook and all else that is made of a class, and for the journal.
    std::string report;
    /// Only this lab.
    std::string lab;
    /// CSV file of who is in the class.
    std::string roster;
    /// How folders and files are named, such as `{login}_{id}`.
    std::string names;
    /// When it had to be handed in.
    std::string deadline;
    /// What lateness costs, such as `10% per day`.
    std::string late;
    /// Minutes after the deadline that cost nothing.
    int grace = 0;
    /// `local` or `slurm`.
    std::string engine = "local";
    /// For a cluster: a folder that all nodes see; default: in the report folder.
    std::string shared;
    /// For a cluster: files of one task.
    std::size_t chunk = 50;
    /// For a cluster: more options of sbatch.
    std::vector<std::string> sbatch;
    /// Run what others wrote as the caller, with all that is in reach.
    bool no_sandbox = false;
};

/// What `grade` was asked for.
struct GradeOptions {
    /// A lab, or folders and archives of submissions; empty for all labs.
    std::vector<std::string> what;
    /// Print this instead of text: one of `reports::format_names()`.
    std::string format;
    /// For a lab: grade this file instead of the one in labs/.
    std::string file;
    /// For submissions.
    ClassOptions class_options;
    /// Whether one of those was given.
    bool has_class_options = false;
};
/// `grade [NN | DIR | ARCHIVE...]`: the student's own work, or a class's.
int grade(const Session& session, const GradeOptions& options);
/// `grade DIR`; prints \p format instead of text, unless that is empty.
int grade_submissions(const Session& session, const std::vector<std::filesystem::path>& places,
                      const ClassOptions& options, const std::string& format);
/// `grade-chunk FOLDER NAME`: a worker of a cluster; not for people.
int grade_chunk(const Session& session, const std::string& folder, const std::string& chunk,
                bool no_sandbox);

/// `doctor --sandbox`: tries each wall of the sandbox.
int try_walls(const Session& session);

/// What `replay` was asked for.
struct ReplayOptions {
    /// The item, such as 03.2.
    std::string item;
    /// The case's name; empty if the item has only one.
    std::string test_case;
    /// The schedule's name; empty for the plain order.
    std::string schedule;
    /// Run this file instead of the one in labs/.
    std::string file;
};
/// `replay NN.k`: a case in one schedule, step by step.
int replay(const Session& session, const ReplayOptions& options);

/// What `hint` was asked for.
struct HintOptions {
    /// The item, such as 02.1; or a lab, to see how many hints there are.
    std::string item;
    /// Show those that were shown, and no new one.
    bool again = false;
};
/// `hint NN.k`: the item's next hint. Which were shown is remembered in the build folder.
int hint(const Session& session, const HintOptions& options);

/// What `timeline` was asked for.
struct TimelineOptions {
    /// The lab, or an item of it; with `pictures` it may be empty: all labs.
    std::string lab;
    /// A scene, a case or an item; empty for all scenes.
    std::string scene;
    /// Run this file instead of the one in labs/.
    std::string file;
    /// Write an SVG to this file instead of drawing in the terminal.
    std::string svg;
    /// Make the pictures that handouts and decks refer to.
    bool pictures = false;
    /// With `pictures`: a file that is touched if one of them changed.
    std::string stamp;
};
/// `timeline NN`: who ran when.
int timeline(const Session& session, const TimelineOptions& options);
/// `timeline --pictures`: make the pictures of \p labs, where their solutions are at hand.
/// \return  the files that changed.
std::vector<std::filesystem::path> make_pictures(const Session& session,
                                                 const std::vector<const grading::Lab*>& labs);

/// What `check` was asked for.
struct CheckOptions {
    /// Only these labs; empty for all.
    std::vector<std::string> labs;
    /// Leave out the sanitizer trees.
    bool quick = false;
    /// Only grade starters, solutions and a mutant for each item, in the tree of this preset.
    std::string preset;
    /// Run each case of each solution so often, half of the runs pinned beside busy neighbours.
    int stress = 0;
    /// Find each mutant of the simulated labs again from so many independent seeds.
    int seeds = 0;
    /// Run the solutions of the simulated labs in so many schedules.
    int schedules = 0;
};
/// `check`: what the repository promises about itself, with the kill matrix.
int check(const Session& session, const CheckOptions& options);

/// `publish DIR`: the student repository.
/// \param labs  only these; empty for all.
int publish(const Session& session, const std::string& folder,
            const std::vector<std::string>& labs);

/// The platforms that `export_to` knows.
const std::vector<std::string>& platforms();
/// `export PLATFORM DIR`: the autograder in that platform's shape, with hidden tests where nobody can read them, and
/// never with solutions or mutants.
/// \param labs  only these; empty for all.
int export_to(const Session& session, const std::string& platform, const std::string& folder,
              const std::vector<std::string>& labs);

/// `test`: everything this project tests.
int test(const Session& session);

/// `docs` and `slides`: build the site.
int docs(const Session& session);
/// The decks.
int slides(const Session& session);

/// The benchmarks there are, by name: what each of them measures.
std::map<std::string, std::string> benchmarks();

/// What `bench` was asked for.
struct BenchOptions {
    /// Which benchmark: one of `benchmarks`.
    std::string what;
    /// The lab that "edit" is about.
    std::string lab;
    /// How many rounds; 0: as many as the benchmark has by itself.
    int rounds = 0;
    /// For what is drawn at random.
    std::uint64_t seed = 1;
    /// The folder for the files of a report; empty: none is written.
    std::string report;
};
/// `bench`: figures, A and B in turn in one run.
int bench(const Session& session, const BenchOptions& options);

}  // namespace course::cli
