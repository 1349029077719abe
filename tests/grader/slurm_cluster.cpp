// Starts and ends the daemons of a Slurm of one node.
#include "slurm_cluster.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <course/grading/process_queue.hpp>
#include <course/testing/process_state.hpp>
#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

namespace course::batch::tests {

namespace fs = std::filesystem;

std::pair<int, std::string> output_of(const std::vector<std::string>& arguments) {
    grading::Command command;
    command.arguments = arguments;
    command.environment = {std::string("SLURM_CONF=") + std::getenv("SLURM_CONF")};
    command.limits.wall = std::chrono::minutes(2);
    command.limits.memory.reset();
    grading::ProcessQueue queue(1);
    std::pair<int, std::string> ended;
    queue.submit(std::move(command), [&ended](const grading::Outcome& outcome) {
        ended = {outcome.succeeded() ? 0 : 1, outcome.output + outcome.error};
    });
    queue.run();
    return ended;
}

namespace {

bool is_in_path(const std::string& program) {
    for (const char* folder : {"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"})
        if (fs::exists(fs::path(folder) / program))
            return true;
    return false;
}

/// A TCP port that nobody has right now.
int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("there is no free port");
    close(socket);
    return ntohs(address.sin_port);
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find_first_of(".\n"));
}

std::string user_name() {
    const passwd* user = getpwuid(getuid());
    return user ? user->pw_name : "root";
}

/// Call \p is_so until it is, but no longer than a minute.
template <class Condition>
bool comes_true(Condition is_so) {
    for (int i = 0; i < 600; ++i) {
        if (is_so())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
}

/// Whether the controller says that the node is in \p state.
bool node_is(const std::string& state) {
    return output_of({"sinfo", "--noheader", "--format=%t"}).second.starts_with(state);
}

/// End everything below \p pid but \p spared.
void kill_below(pid_t pid, const std::vector<pid_t>& spared) {
    for (const auto& child : testing::children(pid)) {
        if (std::find(spared.begin(), spared.end(), child.pid) != spared.end())
            continue;
        kill_below(child.pid, spared);
        kill(child.pid, SIGKILL);
    }
}

}  // namespace

bool SlurmCluster::is_installed() {
    return is_in_path("munged") && is_in_path("slurmctld") && is_in_path("slurmd") &&
           is_in_path("sbatch");
}

SlurmCluster::SlurmCluster() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    configure();
    munged_ = start({"munged", "--foreground", "--force", "--socket=" + folder("munge.socket"),
                     "--key-file=" + folder("munge.key"), "--pid-file=" + folder("munged.pid"),
                     "--seed-file=" + folder("munged.seed")},
                    "munged.log");
    if (!comes_true([this] { return fs::exists(folder("munge.socket")); }))
        throw std::runtime_error("munged does not start:\n" + logs());
    controller_ = start({"slurmctld", "-D", "-f", folder("slurm.conf")}, "slurmctld.log");
    start_node();
}

SlurmCluster::~SlurmCluster() {
    end_node();
    for (const pid_t daemon : {controller_, munged_}) {
        kill(daemon, SIGTERM);
        waitpid(daemon, nullptr, 0);
    }
    unsetenv("SLURM_CONF");
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

void SlurmCluster::kill_node() {
    end_node();
    if (!comes_true([] { return node_is("down"); }))
        throw std::runtime_error("the controller does not miss its node:\n" + logs());
}

void SlurmCluster::end_node() {
    kill(node_, SIGKILL);
    const std::vector<pid_t> daemons{controller_, munged_};
    for (;;) {
        kill_below(getpid(), daemons);
        const auto left = testing::children();
        if (left.size() <= daemons.size())
            return;
        for (const auto& child : left)
            if (std::find(daemons.begin(), daemons.end(), child.pid) == daemons.end())
                waitpid(child.pid, nullptr, 0);
    }
}

void SlurmCluster::start_node() {
    node_ = start({"slurmd", "-D", "-f", folder("slurm.conf")}, "slurmd.log");
    if (!comes_true([] { return node_is("idle") || node_is("mix") || node_is("alloc"); }))
        throw std::runtime_error("the node does not come up:\n" + logs());
}

pid_t SlurmCluster::start(const std::vector<std::string>& command, const std::string& log) {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    const std::string path = std::string("PATH=/usr/sbin:/usr/bin:/sbin:") +
                             (std::getenv("PATH") ? std::getenv("PATH") : "");
    putenv(const_cast<char*>(path.c_str()));
    const int file = open(folder(log).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    close_range(3, ~0U, 0);
    std::vector<char*> arguments;
    for (const auto& argument : command)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
}

void SlurmCluster::configure() const {
    const std::string host = first_line(testing::contents("/proc/sys/kernel/hostname"));
    const std::string user = user_name();
    std::ofstream(folder("slurm.conf"))
        << "ClusterName=kitchens\nSlurmctldHost=" << host
        << "(127.0.0.1)\nSlurmctldPort=" << free_port() << "\nSlurmdPort=" << free_port()
        << "\nSlurmUser=" << user << "\nSlurmdUser=" << user
        << "\nAuthType=auth/munge\nCredType=cred/munge\nAuthInfo=socket=" << folder("munge.socket")
        << "\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n"
           "JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n"
           "SelectType=select/"
           "cons_tres\nSelectTypeParameters=CR_CPU\nReturnToService=2\nSlurmdTimeout=10\n"
           "SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,default_queue_depth=1000\n"
           "StateSaveLocation="
        << folder("state") << "\nSlurmdSpoolDir=" << folder("spool")
        << "\nSlurmctldPidFile=" << folder("slurmctld.pid")
        << "\nSlurmdPidFile=" << folder("slurmd.pid") << "\nNodeName=" << host
        << " NodeAddr=127.0.0.1 CPUs=2\nPartitionName=main Nodes=ALL Default=YES State=UP\n";
    fs::create_directories(folder("state"));
    fs::create_directories(folder("spool"));
    std::string key(1024, '\0');
    std::random_device random;
    for (char& c : key)
        c = static_cast<char>(random());
    std::ofstream(folder("munge.key"), std::ios::binary) << key;
    fs::permissions(folder("munge.key"), fs::perms::owner_read);
    setenv("SLURM_CONF", folder("slurm.conf").c_str(), 1);
    // From 23.11 on slurmd wants to make cgroups unless it is told not to; before, it doesn't know the word.
    const std::string version = output_of({"sinfo", "--version"}).second;
    if (const auto at = version.find(' ');
        at != std::string::npos && std::stod(version.substr(at)) > 23.1)
        std::ofstream(folder("cgroup.conf")) << "CgroupPlugin=disabled\n";
}

std::string SlurmCluster::logs() const {
    std::string text;
    for (const char* log : {"munged.log", "slurmctld.log", "slurmd.log"})
        text += std::string(log) + ":\n" + testing::contents(folder(log));
    return text;
}

}  // namespace course::batch::tests
