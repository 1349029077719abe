// The fork server: forks, waits, kills. It has one thread, no locks, and knows nothing about tasks.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <map>
#include <vector>

#include <course/process_pool/descriptor_passing.hpp>
#include <course/process_pool/fork_server.hpp>
#include <course/process_pool/fork_server_loop.hpp>
#include <course/process_pool/worker.hpp>

namespace course::pool {

namespace {

/// One pool that workers are forked for.
struct Customer {
    Descriptor control;
    std::map<std::uint64_t, pid_t> workers;  // by the pool's number
};

void on_child(int) {}  // it only has to interrupt ppoll

class Server {
  public:
    Server(int socket, int program) : socket_(socket), program_(program) {}

    void run() {
        sigset_t while_waiting;
        sigemptyset(&while_waiting);
        for (;;) {
            std::vector<pollfd> waiting{{socket_, POLLIN, 0}, {program_, POLLIN, 0}};
            for (const auto& customer : customers_)
                waiting.push_back({customer.control.get(), POLLIN, 0});
            const int ready = ppoll(waiting.data(), waiting.size(), nullptr, &while_waiting);
            reap();
            if (ready <= 0)
                continue;
            if (waiting[1].revents != 0)
                return;  // the program is gone
            for (std::size_t i = waiting.size(); i-- > 2;)
                if (waiting[i].revents != 0 && !serve_customer(customers_[i - 2]))
                    dismiss(i - 2);
            if (waiting[0].revents != 0 && !welcome())
                return;
        }
    }

    /// Kill all workers and wait for them.
    void end() {
        while (!customers_.empty())
            dismiss(customers_.size() - 1);
        while (retried([] { return waitpid(-1, nullptr, 0); }) > 0) {
        }
    }

  private:
    bool welcome() {
        Received received = receive_with_descriptors(socket_, nullptr, 0);
        if (received.ended)
            return false;
        if (received.descriptors.size() == 1)
            customers_.push_back({std::move(received.descriptors[0]), {}});
        return true;
    }

    bool serve_customer(Customer& customer) {
        for (;;) {
            ControlRequest request{};
            Received received =
                receive_with_descriptors(customer.control.get(), &request, sizeof request);
            if (received.ended)
                return false;
            if (received.size != sizeof request)
                return true;
            if (request.kind == ControlRequest::Kind::spawn && received.descriptors.size() == 2)
                spawn(customer, request.worker, received.descriptors[0].get(),
                      received.descriptors[1].get());
            else if (const auto found = customer.workers.find(request.worker);
                     found != customer.workers.end())
                kill(found->second, SIGKILL);  // not waited for yet: the number is still its own
        }
    }

    void spawn(Customer& customer, std::uint64_t number, int channel, int memory) {
        const pid_t server = getpid();
        const pid_t pid = fork();
        if (pid == 0)
            become_worker(channel, memory, server);
        if (pid > 0)
            customer.workers[number] = pid;
        tell(customer, {pid > 0 ? ControlEvent::Kind::spawned : ControlEvent::Kind::failed, pid,
                        errno, number});
    }

    [[noreturn]] static void become_worker(int channel, int memory, pid_t server) noexcept {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != server)
            _exit(1);
        // Both may be in the way of the other: lift them first.
        channel = fcntl_dupfd(channel), memory = fcntl_dupfd(memory);
        dup3(channel, 3, O_CLOEXEC), dup3(memory, 4, O_CLOEXEC);
        close_range(5, ~0U, 0);
        signal(SIGCHLD, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        prctl(PR_SET_NAME, "pool-worker");
        run_worker(3, 4);
    }

    static int fcntl_dupfd(int descriptor) noexcept {
        return fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
    }

    void reap() {
        int status = 0;
        for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
            for (auto& customer : customers_) {
                const auto found =
                    std::find_if(customer.workers.begin(), customer.workers.end(),
                                 [&](const auto& worker) { return worker.second == pid; });
                if (found == customer.workers.end())
                    continue;
                const std::uint64_t number = found->first;
                customer.workers.erase(found);
                tell(customer, {ControlEvent::Kind::ended, pid, status, number});
                break;
            }
    }

    static void tell(const Customer& customer, const ControlEvent& event) noexcept {
        retried([&] { return send(customer.control.get(), &event, sizeof event, MSG_NOSIGNAL); });
    }

    void dismiss(std::size_t index) {
        for (const auto& [number, pid] : customers_[index].workers)
            kill(pid, SIGKILL);
        customers_.erase(customers_.begin() + static_cast<std::ptrdiff_t>(index));
    }

    int socket_;
    int program_;
    std::vector<Customer> customers_;
};

void reset_signals() {
    for (int number = 1; number < NSIG; ++number)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    // Ctrl-C reaches the whole group: it is for the program to decide what becomes of the workers.
    signal(SIGINT, SIG_IGN);
    struct sigaction action {};
    action.sa_handler = on_child;
    sigaction(SIGCHLD, &action, nullptr);
    sigset_t blocked;  // but while it waits
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

}  // namespace

void serve(int socket, pid_t program) noexcept {
    dup3(socket, 3, O_CLOEXEC);
    close_range(4, ~0U, 0);
    prctl(PR_SET_NAME, "fork-server");
    reset_signals();
    // A descriptor of the program, because another child of it may hold the socket open.
    const int watched = static_cast<int>(syscall(SYS_pidfd_open, program, 0));
    if (getppid() == program && watched != -1) {
        Server server(3, watched);
        server.run();
        server.end();
    }
    _exit(0);
}

}  // namespace course::pool
