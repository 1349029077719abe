// Takes the first slot that is no account's and whose name is free.
#include <course/sandbox/user_slot.hpp>

#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace course::sandbox {

namespace {
/// Whether \p socket got the name that stands for \p user; the name is not a file's.
bool hold(int socket, uid_t user) {
    const std::string name = "course-sandbox-user-" + std::to_string(user);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
    return bind(socket, reinterpret_cast<const sockaddr*>(&address),
                static_cast<socklen_t>(length)) == 0;
}
}  // namespace

UserSlot::UserSlot(bool needed) {
    if (!needed)
        return;
    holder_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (holder_ < 0)
        throw std::system_error(errno, std::generic_category(), "cannot hold a user's slot");
    for (uid_t user = first_user; user < first_user + user_slots && !id_; ++user)
        if (!getpwuid(user) && hold(holder_, user))
            id_ = user;
    if (id_)
        return;
    close(holder_);
    throw std::runtime_error("all " + std::to_string(user_slots) +
                             " users of the sandbox are taken: use fewer --jobs");
}

UserSlot::UserSlot(UserSlot&& other) noexcept
    : id_(std::exchange(other.id_, std::nullopt)), holder_(std::exchange(other.holder_, -1)) {}

UserSlot::~UserSlot() {
    if (holder_ >= 0)
        close(holder_);
}

}  // namespace course::sandbox
