// The first process of a sandbox: PID 1 in it.
//
//     first-process USER|- PROCESSES DESCRIPTORS COMMAND...
//
// It gives up its rights before the command runs, so it has none that could be taken from it: no signal from inside
// reaches PID 1, and its memory and descriptors are closed to others (PR_SET_DUMPABLE). When the command has ended, so
// does the sandbox: with PID 1 the kernel kills all that is left.
#include <course/sandbox/first_process.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <course/sandbox/system_calls.hpp>

namespace {

using course::sandbox::End;
using course::sandbox::end_descriptor;

/// Without a record on the descriptor, the supervisor knows that this was not the command's doing.
[[noreturn]] void fail(const char* what) {
    std::perror(what);
    _exit(1);
}

void must(int result, const char* what) {
    if (result != 0)
        fail(what);
}

void tell(const End& end) {
    [[maybe_unused]] const ssize_t said = write(end_descriptor, &end, sizeof end);
}

void limit(int resource, rlim_t most) {
    const rlimit wanted{most, most};
    must(setrlimit(static_cast<__rlimit_resource>(resource), &wanted), "cannot set a limit");
}

void become(uid_t user) {
    must(setgroups(0, nullptr), "cannot leave the groups");
    must(setresgid(user, user, user), "cannot become the sandbox's group");
    must(setresuid(user, user, user), "cannot become the sandbox's user");
}

/// The letter of a process in /proc/PID/stat: 'Z' has ended, 0 is gone.
char state_of(const char* pid) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    char text[256];
    const ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length < 0 ? 0 : length] = '\0';
    const char* end_of_name = std::strrchr(text, ')');
    return end_of_name && end_of_name[1] == ' ' ? end_of_name[2] : char{0};
}

int others_alive() {
    int count = 0;
    DIR* processes = opendir("/proc");
    while (const dirent* entry = processes ? readdir(processes) : nullptr) {
        const bool process = entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
        if (!process || std::strcmp(entry->d_name, "1") == 0)
            continue;
        const char state = state_of(entry->d_name);
        count += state != 0 && state != 'Z' && state != 'X' ? 1 : 0;
    }
    return count;
}

[[noreturn]] void run(char* arguments[]) {
    setpgid(0, 0);
    // If memory gets short, the machine should look here first.
    if (const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); score >= 0) {
        [[maybe_unused]] const ssize_t written = write(score, "1000", 4);
        close(score);
    }
    course::sandbox::forbid_system_calls();
    execvp(arguments[0], arguments);
    tell({false, errno, 0});
    _exit(127);
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc < 5 || getpid() != 1) {
        std::fputs("first-process is PID 1 of a sandbox; ./course doctor --sandbox looks at it\n",
                   stderr);
        return 2;
    }
    if (std::strcmp(argv[1], "-") != 0)
        become(static_cast<uid_t>(std::strtoul(argv[1], nullptr, 10)));
    must(prctl(PR_SET_PDEATHSIG, SIGKILL), "cannot be tied to the grader");  // lost with the user
    must(prctl(PR_SET_DUMPABLE, 0), "cannot close its memory");
    must(fcntl(end_descriptor, F_SETFD, FD_CLOEXEC), "has nobody to tell how the command ends");
    umask(022);
    // Set in here: of a user's processes, only those in the sandbox count.
    limit(RLIMIT_NPROC, std::strtoul(argv[2], nullptr, 10));
    limit(RLIMIT_NOFILE, std::strtoul(argv[3], nullptr, 10));
    limit(RLIMIT_MSGQUEUE, 0);
    limit(RLIMIT_MEMLOCK, 65536);

    const pid_t command = fork();
    if (command < 0)
        fail("cannot fork");
    if (command == 0)
        run(argv + 4);
    End end;
    for (pid_t ended = 0; ended != command;) {
        ended = waitpid(-1, &end.status, 0);
        if (ended < 0 && errno != EINTR)
            fail("cannot wait");
    }
    int ignored = 0;
    while (waitpid(-1, &ignored, WNOHANG) > 0) {
    }
    end.left_over = others_alive();
    tell(end);
    _exit(0);
}
