// Sandbox: turns a command into one that runs behind walls, with bubblewrap.
//
//     bwrap ... first-process ... COMMAND          a sandbox is a command in front of a command
//       |
//       |  namespaces of its own: processes, network, mounts, IPC, host name
//       +--> first-process (PID 1)   drops to a user without rights, sets limits, forbids system calls,
//              |                     reaps, and says at the end who was left over (first_process.hpp)
//              +--> COMMAND          sees /usr, an empty /tmp, and what its Room names
//
// This part knows nobody but the system. Root gives each running command a user of its own (user_slot.hpp); anybody
// else gets a user namespace, in which there is no other user.
#pragma once

#include <course/sandbox/user_slot.hpp>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace course::sandbox {

/// What a command in the sandbox sees besides the system's programs and libraries, and what it may use.
struct Room {
    /// A file or folder that can be read in the room.
    struct Sight {
        /// Where it is outside.
        std::filesystem::path from;
        /// Where it is seen inside.
        std::filesystem::path to;
    };
    /// What can be read; what lies in /usr is seen in any case.
    std::vector<Sight> readable;
    /// The one folder that can be written besides /tmp, under its own name; empty: none.
    std::filesystem::path writable;
    /// Room in /tmp, in bytes; it is memory. /dev/shm has a quarter of it.
    std::uintmax_t space = std::uintmax_t{128} << 20;
    /// Processes and threads together.
    unsigned processes = 512;
    /// Open descriptors of one process.
    unsigned descriptors = 1024;

    /// Show \p path under its own name.
    void show(const std::filesystem::path& path) { readable.push_back({path, path}); }
};

/// There is no sandbox on this machine; the message says why, and how to get one.
class Unavailable : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The walls. One object serves any number of commands, also at once.
class Sandbox {
  public:
    /// Look for bubblewrap, and try it with /bin/true.
    /// \param first_process  the program that runs as PID 1 inside.
    /// \param hidden         a folder that is not to be seen even if it lies in /usr: the course.
    /// \throws Unavailable   if it does not work here.
    Sandbox(std::filesystem::path first_process, std::filesystem::path hidden);

    /// The command line that runs \p arguments in \p room as \p user. How it ended is said on the descriptor
    /// `end_descriptor` (first_process.hpp). With root, `room.writable` becomes the user's.
    /// \throws Unavailable  if \p user could not read what the room shows.
    std::vector<std::string> around(const std::vector<std::string>& arguments, const Room& room,
                                    const UserSlot& user) const;

    /// A user for one command, to be kept while it runs.
    UserSlot user() const { return UserSlot(as_root_); }

    /// The walls and limits of \p room, one a line.
    std::string describe(const Room& room) const;

  private:
    std::vector<std::string> walls(const Room& room) const;
    void try_it() const;

    std::filesystem::path bwrap_;
    std::filesystem::path first_process_;
    std::filesystem::path hidden_;
    bool as_root_;
};

}  // namespace course::sandbox
