// Small instruments for tests of process code: a child to run something in, captured output, a
// folder.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace course::testing {

/// How a child ended.
struct ChildEnd {
    /// Exit status, or -1 if a signal ended it.
    int exit_status = -1;
    /// Number of the signal that ended it, or 0.
    int signal = 0;
    /// What it wrote to standard output.
    std::string output;
};

/// Run \p body in a forked child and wait for it; a body that returns ends the child with status 0,
/// an exception with status 70. The child's buffered output is flushed, the parent's is not
/// duplicated.
/// \throws std::system_error  if there can be no child.
ChildEnd in_child(const std::function<void()>& body);

/// What \p body writes to standard output, through `std::cout`, stdio or descriptor 1, in this
/// process and in its children.
std::string captured_output(const std::function<void()>& body);

/// A new empty folder that is removed with everything in it at the end of the scope.
class TemporaryFolder {
  public:
    /// \throws std::filesystem::filesystem_error  if it can't be made.
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    /// Where it is.
    const std::filesystem::path& path() const { return path_; }
    /// The path of \p name in it.
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

/// The bytes of the file \p path; empty if there is no such file, or if it goes away while it is read, as those of a
/// process in /proc do.
std::string contents(const std::filesystem::path& path);

}  // namespace course::testing
