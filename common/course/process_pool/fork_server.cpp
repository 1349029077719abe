// ForkServer: the program's end of it.
#include <sys/socket.h>
#include <sys/wait.h>

#include <cstdio>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <tuple>

#include <course/process_pool/descriptor_passing.hpp>
#include <course/process_pool/fork_server.hpp>
#include <course/process_pool/fork_server_loop.hpp>
#include <course/process_pool/pause.hpp>
#include <course/process_pool/thread_count.hpp>

namespace course {

namespace pool {

namespace {

std::mutex innermost_mutex;
std::shared_ptr<ServerProcess> innermost;  // guarded by innermost_mutex

}  // namespace

ServerProcess::ServerProcess() {
    if (number_of_threads() > 1)
        throw std::logic_error(
            "the program has threads already, so no fork server can be started: "
            "put a course::ForkServer at the top of main");
    Descriptor theirs;
    std::tie(socket_, theirs) = socket_pair(SOCK_SEQPACKET);
    // What is buffered now must not be written once more by each worker.
    std::fflush(stdout);
    std::fflush(stderr);
    std::cout.flush();
    longest_spin();  // measured once, for all workers
    pid_ = checked(fork(), "fork");
    if (pid_ == 0)
        serve(theirs.get(), owner_);
}

ServerProcess::~ServerProcess() {
    if (owner_ != getpid())
        return;  // a forked child's copy
    shutdown(socket_.get(),
             SHUT_RDWR);  // it sees the end of the stream, whoever has a copy, and ends
    retried([&] { return waitpid(pid_, nullptr, 0); });
}

Descriptor ServerProcess::connect() {
    auto [ours, theirs] = socket_pair(SOCK_SEQPACKET);
    const int passed[1] = {theirs.get()};
    send_with_descriptors(socket_.get(), nullptr, 0, passed);
    return std::move(ours);
}

std::shared_ptr<ServerProcess> ServerProcess::get() {
    const std::lock_guard lock(innermost_mutex);
    // A child of the program that was forked since then can't use its server.
    if (innermost && innermost->owner_ == getpid())
        return innermost;
    return std::make_shared<ServerProcess>();
}

}  // namespace pool

ForkServer::ForkServer() : process_(std::make_shared<pool::ServerProcess>()) {
    const std::lock_guard lock(pool::innermost_mutex);
    outer_ = std::exchange(pool::innermost, process_);
}

ForkServer::~ForkServer() {
    const std::lock_guard lock(pool::innermost_mutex);
    pool::innermost = outer_;
}

}  // namespace course
