// UserSlot: a user that nobody else is, for as long as one command runs.
#pragma once

#include <sys/types.h>

#include <optional>

namespace course::sandbox {

/// The first user of the slots. Debian's policy reserves 65000 to 65533, so no account has them; and they are below
/// 65536, so a container that maps so many users has them.
inline constexpr uid_t first_user = 65000;
/// How many slots there are on a machine, for all gradings together.
inline constexpr uid_t user_slots = 500;

/// A user (and group) of its own: what it has too much of, such as processes, is missed by nobody else.
///
/// The slot is held by a name of a Unix socket, which the kernel gives back even if the grader is killed.
/// \thread_safety  none.
class UserSlot {
  public:
    /// \param needed  whether a slot is wanted: only root can give one away.
    /// \throws std::runtime_error  if all slots are taken.
    explicit UserSlot(bool needed);
    ~UserSlot();
    UserSlot(UserSlot&& other) noexcept;  ///< Take the slot of \p other, which has none then.
    UserSlot& operator=(UserSlot&&) = delete;
    UserSlot(const UserSlot&) = delete;
    UserSlot& operator=(const UserSlot&) = delete;

    /// The user and group; none for a grader without rights, whose commands get a user namespace.
    std::optional<uid_t> id() const { return id_; }

  private:
    std::optional<uid_t> id_;
    int holder_ = -1;
};

}  // namespace course::sandbox
