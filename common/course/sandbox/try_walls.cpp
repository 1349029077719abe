// Tries to get through one wall of the sandbox: ./course doctor --sandbox.
//
//     try-walls WALL [ARGUMENT...]
//
// Prints what happened. The exit status is 0 if the wall held, 1 if not, 2 if there is no such wall. What it tries
// does no harm where there is no wall; what would is refused outside of a sandbox.
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace {

using Arguments = std::vector<std::string>;

constexpr int held = 0;
constexpr int got_through = 1;

/// Say how the attempt \p what ended, which would have returned something negative behind a wall.
int report(const std::string& what, long result) {
    const std::string error = std::strerror(errno);
    std::cout << what << ": " << (result < 0 ? error : "works") << "; ";
    return result < 0 ? held : got_through;
}

int connected(const sockaddr* address, socklen_t length, const std::string& what) {
    const int socket = ::socket(address->sa_family, SOCK_STREAM, 0);
    return report(what, socket < 0 ? socket : connect(socket, address, length));
}

int network(const Arguments& arguments) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(arguments.at(0))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connected(reinterpret_cast<const sockaddr*>(&address), sizeof address,
                     "connect to a port of this machine");
}

int local_sockets(const Arguments& arguments) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& name = arguments.at(0);
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    return connected(reinterpret_cast<const sockaddr*>(&address),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size()),
                     "connect to a Unix socket without a file");
}

int other_sockets(const Arguments&) {
    return report("socket of AF_VSOCK", socket(AF_VSOCK, SOCK_STREAM, 0)) |
           report("of AF_PACKET", socket(AF_PACKET, SOCK_RAW, 0));
}

int reading(const Arguments& arguments) {
    int result = held;
    for (const auto& path : arguments)
        result |= report("open " + path, open(path.c_str(), O_RDONLY));
    return result;
}

/// Files without a name, so that nothing is left where there is no wall.
int writing(const Arguments&) {
    int result = held;
    for (const char* folder : {"/usr", "/", "/var", "/dev"})
        result |=
            report(std::string("write in ") + folder, open(folder, O_TMPFILE | O_WRONLY, 0600));
    return result;
}

int processes(const Arguments& arguments) {
    int seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc"))
        seen +=
            std::isdigit(static_cast<unsigned char>(entry.path().filename().string()[0])) ? 1 : 0;
    std::cout << seen << " processes in /proc; ";
    return report("signal to the grader", kill(std::stoi(arguments.at(0)), 0)) |
           (seen > 2 ? got_through : held);
}

std::string status_of_this(const std::string& key) {
    std::ifstream file("/proc/self/status");
    for (std::string word; file >> word;)
        if (word == key + ":" && file >> word)
            return word;
    return "unknown";
}

int rights(const Arguments&) {
    std::cout << "user " << getuid() << ", capabilities " << status_of_this("CapEff") << "; ";
    const bool none = getuid() != 0 && std::stoull(status_of_this("CapEff"), nullptr, 16) == 0;
    const bool no_new = status_of_this("NoNewPrivs") == "1";
    std::cout << (no_new ? "no program gives it more" : "a set-uid program would give it more")
              << "; ";
    return none && no_new ? held : got_through;
}

int namespaces(const Arguments&) {
    const pid_t child = fork();
    if (child == 0)
        _exit(unshare(CLONE_NEWUSER) == 0 ? 0 : errno);
    int status = 0;
    waitpid(child, &status, 0);
    errno = WEXITSTATUS(status);
    return report("a user namespace of its own", errno == 0 ? 0 : -1);
}

int system_calls(const Arguments&) {
    char byte = 0;
    iovec here{&byte, 1};
    int result = report("ptrace", ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
    result |= report("process_vm_readv", process_vm_readv(getpid(), &here, 1, &here, 1, 0));
    result |= report("keyctl", syscall(SYS_keyctl, 0, -3, 1));  // the session's keyring
    char parameters[120] = {};
    result |= report("io_uring", syscall(SYS_io_uring_setup, 1, parameters));
    result |=
        report("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, nullptr, 0) < 0 && errno == EPERM ? -1 : 0);
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_nsec = 1'000'000'000;  // not a time: nothing happens to a clock that could be set
    result |=
        report("set the clock",
               syscall(SYS_clock_settime, CLOCK_REALTIME, &now) < 0 && errno == EPERM ? -1 : 0);
    return result;
}

void only_inside() {
    if (getpid() > 100 || access("/first-process", X_OK) != 0) {
        std::cerr << "this would do harm outside of a sandbox\n";
        std::exit(2);
    }
}

/// The sandbox's PID 1: it can't be ended, nor looked into.
int first_process(const Arguments&) {
    only_inside();
    kill(1, SIGKILL);
    kill(1, SIGSTOP);
    int result = report("its memory", open("/proc/1/mem", O_RDWR));
    result |= report("its descriptors", open("/proc/1/fd", O_RDONLY | O_DIRECTORY) < 0 ? -1 : 0);
    result |= report("attach to it", ptrace(PTRACE_ATTACH, 1, nullptr, nullptr));
    std::ifstream status("/proc/1/stat");
    std::string text;
    std::getline(status, text);
    const bool runs = text.find(") T ") == std::string::npos;
    std::cout << (runs ? "not to be killed or stopped; " : "stopped; ");
    return runs ? result : got_through;
}

/// ARGUMENTS: a folder, and how many MiB it may take.
int filling(const Arguments& arguments) {
    only_inside();
    const int most = std::stoi(arguments.at(1));
    const std::string block(1 << 20, 'x');
    int written = 0;
    bool full = false;
    for (int file = 0; !full && written <= most; ++file) {
        const std::string path = arguments[0] + "/" + std::to_string(file);
        const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
        full = descriptor < 0;
        for (int i = 0; i < 16 && !full; ++i) {
            full =
                write(descriptor, block.data(), block.size()) != static_cast<ssize_t>(block.size());
            written += full ? 0 : 1;
        }
        close(descriptor);
    }
    std::cout << written << " MiB in " << arguments[0] << ", then " << std::strerror(errno) << "; ";
    return full && written <= most ? held : got_through;
}

/// ARGUMENT: how many there may be.
int forking(const Arguments& arguments) {
    only_inside();
    const int most = std::stoi(arguments.at(0));
    int started = 0;
    while (started <= most) {
        const pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0) {
            setsid();
            for (;;)
                pause();
        }
        ++started;
    }
    std::cout << started << " children, then " << std::strerror(errno) << "; ";
    return started <= most ? held : got_through;
}

/// ARGUMENT: how many MiB one process may have.
int allocating(const Arguments& arguments) {
    const std::size_t bytes = (std::stoul(arguments.at(0)) + 1) << 20;
    void* memory =
        mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return report(arguments[0] + " MiB and one more", memory == MAP_FAILED ? -1 : 0);
}

/// ARGUMENT: each of four children takes that many MiB, and the grader is to end them all.
int allocating_together(const Arguments& arguments) {
    only_inside();
    const std::size_t bytes = std::stoul(arguments.at(0)) << 20;
    for (int i = 0; i < 4; ++i)
        if (fork() == 0) {
            std::string memory(bytes, 'x');
            for (;;)
                pause();
        }
    for (;;)
        pause();
}

int computing(const Arguments&) {
    for (volatile long turns = 0;; turns = turns + 1) {
    }
}

int descriptors(const Arguments&) {
    int open = 0;
    for (int number = 3; number < 1024; ++number)
        open += fcntl(number, F_GETFD) >= 0 ? 1 : 0;
    std::cout << open << " descriptors besides the three streams; ";
    return open == 0 ? held : got_through;
}

const std::map<std::string, int (*)(const Arguments&)> walls{
    {"network", network},
    {"local-sockets", local_sockets},
    {"other-sockets", other_sockets},
    {"reading", reading},
    {"writing", writing},
    {"processes", processes},
    {"rights", rights},
    {"namespaces", namespaces},
    {"system-calls", system_calls},
    {"first-process", first_process},
    {"filling", filling},
    {"forking", forking},
    {"allocating", allocating},
    {"allocating-together", allocating_together},
    {"computing", computing},
    {"descriptors", descriptors},
};

}  // namespace

int main(int argc, char* argv[]) {
    if (argc < 2 || !walls.contains(argv[1])) {
        std::cerr << "usage: try-walls WALL [ARGUMENT...]\n";
        return 2;
    }
    return walls.at(argv[1])({argv + 2, argv + argc});
}
