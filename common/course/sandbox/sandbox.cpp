// Writes bubblewrap's command line, and says why there is none.
#include <course/sandbox/sandbox.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

namespace course::sandbox {

namespace fs = std::filesystem;

namespace {

bool lies_in(const fs::path& path, const fs::path& folder) {
    const fs::path relative = path.lexically_normal().lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

fs::path find_program(const std::string& name) {
    std::istringstream folders(std::getenv("PATH") ? std::getenv("PATH") : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (access((fs::path(folder) / name).c_str(), X_OK) == 0)
            return fs::path(folder) / name;
    throw Unavailable(name == "bwrap"
                          ? "bubblewrap is not installed; ./course setup instructor gets it"
                          : name + " is not there");
}

std::string first_line(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

/// What to do where bubblewrap gets no namespaces.
std::string way_out() {
    if (first_line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1")
        return "AppArmor forbids user namespaces to plain users here (Ubuntu 24.04 does so): call "
               "./course as root, or "
               "run `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`";
    if (fs::exists("/.dockerenv") || fs::exists("/run/.containerenv"))
        return "this is a container, which may make none: start it with `--privileged`, or with "
               "`--cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt "
               "apparmor=unconfined`";
    if (first_line("/proc/sys/user/max_user_namespaces") == "0")
        return "user namespaces are turned off here: run `sudo sysctl "
               "user.max_user_namespaces=10000`, or call "
               "./course as root";
    if (first_line("/proc/sys/kernel/unprivileged_userns_clone") == "0")
        return "plain users may not make user namespaces here: run `sudo sysctl "
               "kernel.unprivileged_userns_clone=1`, "
               "or call ./course as root";
    return "call ./course as root, or grade in a virtual machine";
}

/// Run \p arguments until it ends. \return  whether that was with status 0; what it wrote to its error stream is in
/// \p said.
bool runs(const std::vector<std::string>& arguments, std::string& said) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addopen(&actions, 4, "/dev/null", O_WRONLY, 0);  // end_descriptor
    std::vector<char*> words;
    for (const auto& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    pid_t child = -1;
    const int error = posix_spawn(&child, words[0], &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    char buffer[1024];
    for (ssize_t got = 1; error == 0 && got > 0;) {
        got = read(ends[0], buffer, sizeof buffer);
        said.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    close(ends[0]);
    int status = 1;
    if (error == 0)
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
    return error == 0 && status == 0;
}

/// Somebody who is neither the owner nor in the group must be able to read what a slot's user is to see.
void require_readable(const fs::path& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0)
        throw Unavailable(path.string() + " can't be shown in the sandbox: " +
                          std::generic_category().message(errno));
    const mode_t needed = S_ISDIR(status.st_mode) ? S_IROTH | S_IXOTH : S_IROTH;
    if ((status.st_mode & needed) != needed)
        throw Unavailable("the sandbox's user can't read " + path.string() +
                          ": run `chmod -R a+rX` on the course (its umask was too strict)");
}

/// The folders on the way to \p path, from the top: bubblewrap would make them for their owner alone.
std::vector<std::string> way_to(const fs::path& path) {
    std::vector<std::string> folders;
    for (fs::path at = path.parent_path(); at != at.root_path(); at = at.parent_path())
        folders.insert(folders.begin(), at.string());
    return folders;
}

std::string mebibytes(std::uintmax_t bytes) {
    return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

Sandbox::Sandbox(fs::path first_process, fs::path hidden)
    : bwrap_(find_program("bwrap")),
      first_process_(std::move(first_process)),
      hidden_(std::move(hidden)),
      as_root_(geteuid() == 0) {
    try_it();
}

void Sandbox::try_it() const {
    std::string said;
    if (runs(around({"/bin/true"}, {}, user()), said))
        return;
    while (!said.empty() && said.back() == '\n')
        said.pop_back();
    throw Unavailable("bubblewrap does not get its walls up (" + said + "): " + way_out());
}

std::vector<std::string> Sandbox::walls(const Room& room) const {
    std::vector<std::string> line{bwrap_.string(),
                                  "--unshare-pid",
                                  "--unshare-net",
                                  "--unshare-ipc",
                                  "--unshare-uts",
                                  "--unshare-cgroup-try",
                                  "--hostname",
                                  "kitchen",
                                  "--as-pid-1",
                                  "--die-with-parent",
                                  "--new-session",
                                  "--cap-drop",
                                  "ALL"};
    const auto add = [&line](std::initializer_list<std::string> words) {
        line.insert(line.end(), words);
    };
    const auto add_tmpfs = [&add](std::uintmax_t bytes, const char* mode, const std::string& at) {
        add({"--perms", mode, "--size", std::to_string(bytes), "--tmpfs", at});
    };
    const auto show = [&add](const char* how, const fs::path& from, const fs::path& to) {
        for (const auto& folder : way_to(to))
            add({"--perms", "0755", "--dir", folder});
        add({how, from.string(), to.string()});
    };
    if (as_root_)  // for the first process, which gives them up with its user
        add({"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"});
    else
        add({"--unshare-user", "--uid", "65534", "--gid", "65534", "--disable-userns"});

    add({"--ro-bind", "/usr", "/usr"});
    for (const char* folder : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"})
        if (fs::is_symlink(folder))
            add({"--symlink", fs::read_symlink(folder).string(), folder});
        else
            add({"--ro-bind-try", folder, folder});
    for (const char* file : {"/etc/ld.so.cache", "/etc/alternatives"})
        show("--ro-bind-try", file, file);
    add({"--proc", "/proc", "--dev", "/dev"});
    add_tmpfs(room.space / 4, "1777", "/dev/shm");
    add({"--remount-ro", "/dev"});
    add_tmpfs(room.space, "1777", "/tmp");
    const bool hide = lies_in(hidden_, "/usr");
    if (hide)
        add_tmpfs(1 << 20, "0755", hidden_.string());
    if (!room.writable.empty())
        show("--bind", room.writable, room.writable);
    for (const auto& sight : room.readable)
        if (!lies_in(sight.from, "/usr") || lies_in(sight.from, hidden_))
            show("--ro-bind", sight.from, sight.to);
    add({"--ro-bind", first_process_.string(), "/first-process", "--remount-ro", "/"});
    if (hide)
        add({"--remount-ro", hidden_.string()});
    add({"--setenv", "HOME", "/tmp", "--setenv", "TMPDIR", "/tmp", "--setenv", "PATH",
         "/usr/local/bin:/usr/bin:/bin", "--chdir", "/tmp"});
    return line;
}

std::vector<std::string> Sandbox::around(const std::vector<std::string>& arguments,
                                         const Room& room, const UserSlot& user) const {
    if (user.id()) {
        for (const auto& sight : room.readable)
            require_readable(sight.from);
        if (!room.writable.empty() && lchown(room.writable.c_str(), *user.id(), *user.id()) != 0)
            throw std::system_error(
                errno, std::generic_category(),
                "cannot give " + room.writable.string() + " to the sandbox's user");
    }
    std::vector<std::string> line = walls(room);
    for (const auto& word :
         {std::string("/first-process"), user.id() ? std::to_string(*user.id()) : std::string("-"),
          std::to_string(room.processes), std::to_string(room.descriptors)})
        line.push_back(word);
    line.insert(line.end(), arguments.begin(), arguments.end());
    return line;
}

std::string Sandbox::describe(const Room& room) const {
    return fmt::format(
        "user: {}\n"
        "processes: its own only, {} of them with threads; none outlives the command\n"
        "network: none but a loop of its own\n"
        "files: /usr read-only, /tmp {} and /dev/shm {} in memory, empty at the start\n"
        "descriptors: {}; system calls: filtered\n",
        as_root_ ? fmt::format("one for each running command, from {} on", first_user)
                 : "nobody, in a user namespace",
        room.processes, mebibytes(room.space), mebibytes(room.space / 4), room.descriptors);
}

}  // namespace course::sandbox
