// Session: what every subcommand knows: where the course is, how to draw, how to build a part of
// it.
#pragma once

#include <chrono>
#include <course/grading/grader.hpp>
#include <course/reports/report_text.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace course::cli {

/// Exit code 0: all is well.
inline constexpr int success = 0;
/// Exit code 1: not full marks, or something that was checked does not hold.
inline constexpr int not_all_well = 1;
/// Exit code 2: could not do the job.
inline constexpr int failure = 2;

/// One call of ./course.
struct Session {
    /// Root of the course: COURSE_ROOT, else the nearest folder above with `course` and `labs` in
    /// it.
    std::filesystem::path root;
    /// The labs by number.
    std::vector<grading::Lab> labs;
    /// Colours and width of the terminal.
    reports::TextStyle style;
    /// Whether standard output is a terminal.
    bool terminal = false;
    /// Print JSON instead of text.
    bool json = false;
    /// All that is needed is built: says CMake, which calls this program in the middle of a build, or a platform,
    /// where nobody may build.
    bool built = false;
    /// How many processes at once.
    int jobs = 2;

    /// The session of this process.
    /// \throws std::runtime_error  if it isn't started inside a course.
    static Session begin();

    /// The build tree of \p preset.
    std::filesystem::path build(const std::string& preset = "dev") const {
        return root / "build" / preset;
    }
    /// Build \p targets in the tree of \p preset, configuring it first if needed; silent if all
    /// goes well.
    /// \throws std::runtime_error  with the tool's output if it doesn't.
    void make(const std::vector<std::string>& targets, const std::string& preset = "dev") const;
    /// The sandbox for files of others.
    /// \throws sandbox::Unavailable  if there is none on this machine.
    sandbox::Sandbox sandbox() const;
    /// A grader for \p lab in the development tree, which must be built.
    /// \param sandbox  where what it is given runs; nullptr: without one, as for a student's own work.
    grading::Grader grader(const grading::Lab& lab, grading::ProcessQueue& queue,
                           const sandbox::Sandbox* sandbox = nullptr) const;
    /// Compile and link \p file for \p lab, which must be built, in a work folder, \p name, of its own.
    /// \return  the program.
    /// \throws std::runtime_error  with what the compiler says if it does not build.
    std::filesystem::path graded_program(const grading::Lab& lab, const std::filesystem::path& file,
                                         const std::string& name) const;
    /// Where the last result of \p lab is kept.
    std::filesystem::path result_file(const grading::Lab& lab) const {
        return build() / "results" / (lab.name + ".json");
    }
};

/// Holds a lock on a file as long as it lives; a second process waits.
class FileLock {
  public:
    /// \param file  made if it does not exist.
    explicit FileLock(const std::filesystem::path& file);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    int descriptor_;
};

/// What a shell command printed and how it ended.
struct Finished {
    /// Exit status, 128 + signal if a signal ended it.
    int status = 0;
    /// Both output streams.
    std::string output;
    /// Time on the clock.
    std::chrono::microseconds wall{};
};

/// The command \p arguments (no shell) of a tool that is trusted: the whole environment, hours of time.
grading::Command trusted(const std::vector<std::string>& arguments,
                         const std::filesystem::path& folder);

/// What is left of \p outcome for who trusts the command \p arguments.
/// \throws std::runtime_error  if it could not be started.
Finished finished(const std::vector<std::string>& arguments, const grading::Outcome& outcome);

/// Become the program \p arguments, the first of which is its file: its output is this program's, and its end.
/// \throws std::system_error  if it can't be started.
[[noreturn]] void become(const std::vector<std::string>& arguments);

/// Run \p arguments (no shell) in \p folder and wait.
/// \throws std::runtime_error  if it can't be started.
Finished execute(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

}  // namespace course::cli
