// `course doctor --sandbox`: each wall is tried from inside; where that does no harm, from outside as well, which shows
// that the attempt would have got through.
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <iostream>
#include <stdexcept>

#include <course/cli/commands.hpp>
#include <course/grading/process_queue.hpp>
#include <course/reports/clean_text.hpp>
#include <course/reports/report_text.hpp>

namespace course::cli {

namespace fs = std::filesystem;
using namespace grading;
using namespace reports;

namespace {

/// One wall, and the attempt to get through it.
struct Wall {
    std::string name;
    /// Arguments of the program try-walls.
    std::vector<std::string> attempt;
    /// Whether it does no harm without the wall.
    bool harmless = true;
    /// How the attempt ends if the wall holds; `exited` means: with status 0.
    Outcome::End end = Outcome::End::exited;
    /// Whether it leaves processes behind, which must be counted.
    bool leaves_some = false;
};

/// A socket that listens as long as this lives, in the doctor's own network.
class Listener {
  public:
    Listener(int family, const sockaddr* address, socklen_t length)
        : socket_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (socket_ < 0 || bind(socket_, address, length) != 0 || listen(socket_, 8) != 0)
            throw std::runtime_error(std::string("cannot listen for the attempts: ") +
                                     std::strerror(errno));
    }
    ~Listener() { close(socket_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::string port() const {
        sockaddr_in address{};
        socklen_t length = sizeof address;
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
        return std::to_string(ntohs(address.sin_port));
    }

  private:
    int socket_;
};

Listener on_the_network() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return Listener(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Listener on_a_name(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    return Listener(AF_UNIX, reinterpret_cast<const sockaddr*>(&address),
                    static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size()));
}

/// The limits of the attempts: low, so that the doctor is quick and needs little memory.
Limits limits_of_attempts() {
    Limits limits;
    limits.cpu = std::chrono::seconds(1);
    limits.wall = std::chrono::seconds(20);
    limits.memory = rlim_t{1} << 30;
    limits.tree_memory = std::uint64_t{256} << 20;
    return limits;
}

Outcome attempt(const fs::path& program, const Wall& wall, const sandbox::Sandbox* sandbox) {
    Command command;
    command.arguments = {sandbox ? "/try-walls" : program.string()};
    command.arguments.insert(command.arguments.end(), wall.attempt.begin(), wall.attempt.end());
    command.sandbox = sandbox;
    command.room.readable = {{program, "/try-walls"}};
    command.limits = limits_of_attempts();
    if (!sandbox)
        command.limits.memory.reset();
    ProcessQueue queue(1);
    Outcome ended;
    queue.submit(std::move(command), [&ended](Outcome outcome) { ended = std::move(outcome); });
    queue.run();
    return ended;
}

bool holds(const Wall& wall, const Outcome& outcome) {
    return outcome.end == wall.end && (wall.end != Outcome::End::exited || outcome.code == 0) &&
           (!wall.leaves_some || outcome.left_over > 0);
}

std::string shown(const Wall& wall, const Outcome& outcome) {
    std::string text = outcome.output.empty() ? outcome.describe() + "; " : outcome.output;
    if (wall.leaves_some)
        text += fmt::format("{} left over, all ended; ", outcome.left_over);
    text.resize(text.find_last_not_of("; \n") + 1);
    return text;
}

std::vector<Wall> walls(const Session& session, const std::string& port, const std::string& name,
                        const sandbox::Room& room) {
    using End = Outcome::End;
    const auto mebibytes = [](std::uintmax_t bytes) { return std::to_string(bytes >> 20); };
    const std::string limit = mebibytes(*limits_of_attempts().memory);
    return {
        {"network", {"network", port}},
        {"local sockets", {"local-sockets", name}},
        {"other sockets", {"other-sockets"}},
        {"files of others",
         {"reading", "/etc/passwd", (session.root / "tests").string(), session.root.string()}},
        {"the system", {"writing"}},
        {"other processes", {"processes", std::to_string(getpid())}},
        {"rights", {"rights"}},
        {"namespaces", {"namespaces"}},
        {"system calls", {"system-calls"}},
        {"the first process", {"first-process"}, false},
        {"open files", {"descriptors"}},
        {"memory of one", {"allocating", limit}},
        {"memory of all", {"allocating-together", "96"}, false, End::memory_limit},
        {"/tmp", {"filling", "/tmp", mebibytes(room.space)}, false},
        {"/dev/shm", {"filling", "/dev/shm", mebibytes(room.space / 4)}, false},
        {"how many", {"forking", std::to_string(room.processes)}, false, End::exited, true},
        {"CPU time", {"computing"}, false, End::cpu_limit},
    };
}

}  // namespace

int try_walls(const Session& session) {
    const sandbox::Sandbox sandbox = session.sandbox();
    const sandbox::Room room;
    const Paint paint(session.style);
    std::cout << sandbox.describe(room) << "\n";
    const std::string name = "course-doctor-" + std::to_string(getpid());
    const Listener network = on_the_network();
    const Listener local = on_a_name(name);
    bool all_hold = true;
    for (const Wall& wall : walls(session, network.port(), name, room)) {
        const fs::path program = session.build() / "bin" / "try-walls";
        const Outcome inside = attempt(program, wall, &sandbox);
        const bool held = holds(wall, inside);
        all_hold = all_hold && held;
        std::cout << fmt::format("  {}  {:<18} {}\n",
                                 held ? paint.good("holds") : paint.bad("OPEN "), wall.name,
                                 printable(shown(wall, inside)));
        if (wall.harmless && holds(wall, attempt(program, wall, nullptr)))
            std::cout << fmt::format(
                "  {:25} (closed to you outside as well: this shows nothing)\n", "");
        std::cout << std::flush;
    }
    std::cout << (all_hold ? "\nAll walls hold.\n"
                           : "\nNot all walls hold: grade nothing of strangers here.\n");
    return all_hold ? success : not_all_well;
}

}  // namespace course::cli
