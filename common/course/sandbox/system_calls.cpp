// The filter, made with libseccomp.
//
// A list of what is forbidden, not of what is allowed: what a right solution may call is not ours to guess. The walls
// are namespaces and the missing rights; the filter stands behind them.
#include <course/sandbox/system_calls.hpp>

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

namespace course::sandbox {

namespace {

constexpr const char* forbidden[] = {
    // other processes' memory and descriptors
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    // namespaces and mounts
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "open_by_handle_at",
    "name_to_handle_at",
    // the clock and the machine
    "clock_settime", "clock_adjtime", "settimeofday", "adjtimex", "reboot", "swapon", "swapoff",
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "iopl",
    "ioperm", "sethostname", "setdomainname", "syslog", "acct", "quotactl", "vhangup",
    // what the kernel keeps for a user, or keeps outside of every limit
    "add_key", "keyctl", "request_key", "shmget", "msgget", "semget",
    // corners with a history
    "bpf", "perf_event_open", "userfaultfd", "fanotify_init", "lookup_dcookie", "modify_ldt",
    "personality", "mbind", "set_mempolicy", "migrate_pages", "move_pages", "vmsplice"};

// A caller falls back to what it did before they came. The arguments of clone3 are in memory, where no filter sees them.
constexpr const char* unknown[] = {"clone3", "io_uring_setup", "io_uring_enter",
                                   "io_uring_register"};

[[noreturn]] void fail() {
    std::fputs("cannot set the filter for system calls\n", stderr);
    _exit(1);
}

/// Let call \p name fail with \p error, if its arguments meet all \p conditions.
void deny(scmp_filter_ctx filter, const char* name, int error,
          const std::vector<scmp_arg_cmp>& conditions = {}) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR)
        return;  // newer than this libseccomp
    const int added =
        seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call,
                               static_cast<unsigned>(conditions.size()), conditions.data());
    if (added != 0 && added != -EDOM)  // EDOM: not on this architecture
        fail();
}

}  // namespace

void forbid_system_calls() {
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        fail();
    for (const char* name : forbidden)
        deny(filter, name, EPERM);
    for (const char* name : unknown)
        deny(filter, name, ENOSYS);
    deny(filter, "clone", EPERM, {{0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER}});
    deny(filter, "ioctl", EPERM, {{1, SCMP_CMP_MASKED_EQ, 0xffffffffU, TIOCSTI}});
    // Sockets of the families that stay inside: Unix, the Internet (there is no network but a loop), netlink.
    for (scmp_datum_t family = 0; family < AF_NETLINK; ++family)
        if (family != AF_UNIX && family != AF_INET && family != AF_INET6)
            deny(filter, "socket", EAFNOSUPPORT, {{0, SCMP_CMP_EQ, family, 0}});
    deny(filter, "socket", EAFNOSUPPORT, {{0, SCMP_CMP_GT, AF_NETLINK, 0}});
    if (seccomp_load(filter) != 0)
        fail();
    seccomp_release(filter);
}

}  // namespace course::sandbox
