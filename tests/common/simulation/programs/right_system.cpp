// Right programs: pthread, C11 threads, pipes, sockets, timers and child processes.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include <course/simulation/simulate.hpp>

#include "right.hpp"

namespace programs {
namespace {

using course::simulation::expect;
using std::this_thread::sleep_for;
using namespace std::chrono_literals;

struct Pipe {
    Pipe() { expect(pipe(ends) == 0, "pipe"); }
    ~Pipe() {
        close(ends[0]);
        close(ends[1]);
    }
    int ends[2];
    int reading() const { return ends[0]; }
    int writing() const { return ends[1]; }
};

void write_after(std::chrono::milliseconds pause, const Pipe& pipe) {
    sleep_for(pause);
    expect(write(pipe.writing(), "x", 1) == 1, "write");
}

void pthread_barrier() {
    static pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, nullptr, 3);
    int serial = 0;
    std::mutex mutex;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] {
                for (int k = 0; k < 2; ++k) {
                    const bool last = pthread_barrier_wait(&barrier) != 0;
                    std::lock_guard lock(mutex);
                    serial += last;
                }
            });
        }
    }
    pthread_barrier_destroy(&barrier);
    expect(serial == 2, "one of three is told, in each round");
}

void pthread_spin_lock() {
    pthread_spinlock_t spin;
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    int count = 0;
    const auto add = [&] {
        ::pthread_spin_lock(&spin);
        ++count;
        pthread_spin_unlock(&spin);
    };
    std::thread one(add);
    std::thread two(add);
    one.join();
    two.join();
    pthread_spin_destroy(&spin);
    expect(count == 2, "count");
}

void posix_semaphore() {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    std::thread thread([&] {
        sleep_for(1s);
        sem_post(&semaphore);
    });
    sem_wait(&semaphore);
    expect(sem_trywait(&semaphore) != 0, "none is left");
    thread.join();
    sem_destroy(&semaphore);
}

void error_checking_mutex() {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_t mutex;
    pthread_mutex_init(&mutex, &attributes);
    pthread_mutex_lock(&mutex);
    expect(pthread_mutex_lock(&mutex) == EDEADLK, "it says so");
    pthread_mutex_unlock(&mutex);
    expect(pthread_mutex_unlock(&mutex) == EPERM, "nobody holds it");
    pthread_mutex_destroy(&mutex);
}

void exit_of_a_thread() {
    pthread_t thread;
    pthread_create(
        &thread, nullptr, [](void*) -> void* { pthread_exit(reinterpret_cast<void*>(7)); },
        nullptr);
    void* result = nullptr;
    pthread_join(thread, &result);
    expect(result == reinterpret_cast<void*>(7), "its result");
}

struct C11 {
    mtx_t mutex;
    cnd_t changed;
    bool ready = false;
};

int notify_c11(void* memory) {
    auto& shared = *static_cast<C11*>(memory);
    const timespec second{1, 0};
    thrd_sleep(&second, nullptr);
    mtx_lock(&shared.mutex);
    shared.ready = true;
    cnd_signal(&shared.changed);
    mtx_unlock(&shared.mutex);
    return 7;
}

void c11_threads() {
    C11 shared;
    mtx_init(&shared.mutex, mtx_plain);
    cnd_init(&shared.changed);
    thrd_t thread;
    expect(thrd_create(&thread, notify_c11, &shared) == thrd_success, "thrd_create");
    mtx_lock(&shared.mutex);
    while (!shared.ready) {
        cnd_wait(&shared.changed, &shared.mutex);
    }
    mtx_unlock(&shared.mutex);
    int result = 0;
    thrd_join(thread, &result);
    expect(result == 7, "its result");
}

void blocking_read() {
    Pipe pipe;
    std::thread reader([&] {
        char byte = 0;
        expect(read(pipe.reading(), &byte, 1) == 1 && byte == 'x', "read");
    });
    write_after(1s, pipe);
    reader.join();
}

void write_into_a_full_pipe() {
    Pipe pipe;
    const std::string much(100'000, 'x');
    std::thread writer(
        [&] { expect(write(pipe.writing(), much.data(), much.size()) == 100'000, "all of it"); });
    sleep_for(1s);
    std::string received(much.size(), ' ');
    for (std::size_t at = 0; at < received.size();) {
        const ssize_t got = read(pipe.reading(), received.data() + at, received.size() - at);
        expect(got > 0, "read");
        at += static_cast<std::size_t>(got);
    }
    writer.join();
    expect(received == much, "what was written");
}

void end_of_file() {
    int ends[2];
    expect(pipe(ends) == 0, "pipe");
    std::thread reader([&] {
        char byte;
        expect(read(ends[0], &byte, 1) == 0, "end of file");
    });
    sleep_for(1s);
    close(ends[1]);
    reader.join();
    close(ends[0]);
}

void poll_two_pipes() {
    Pipe one;
    Pipe two;
    pollfd entries[] = {{one.reading(), POLLIN, 0}, {two.reading(), POLLIN, 0}};
    expect(poll(entries, 2, 500) == 0, "nothing yet");
    std::thread writer([&] { write_after(1s, two); });
    expect(poll(entries, 2, -1) == 1, "one is ready");
    expect(entries[0].revents == 0 && entries[1].revents == POLLIN, "the second");
    writer.join();
}

void select_with_a_timeout() {
    Pipe pipe;
    std::thread writer([&] { write_after(1s, pipe); });
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(pipe.reading(), &readable);
    timeval limit{0, 500'000};
    expect(select(pipe.reading() + 1, &readable, nullptr, nullptr, &limit) == 0, "not yet");
    FD_SET(pipe.reading(), &readable);
    expect(select(pipe.reading() + 1, &readable, nullptr, nullptr, nullptr) == 1, "ready");
    expect(FD_ISSET(pipe.reading(), &readable), "that one");
    writer.join();
}

void epoll_eventfd_and_timerfd() {
    const int epoll = epoll_create1(0);
    const int event = eventfd(0, EFD_NONBLOCK);
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    for (const int descriptor : {event, timer}) {
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.fd = descriptor;
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &wanted);
    }
    const itimerspec in_a_second{{0, 0}, {1, 0}};
    timerfd_settime(timer, 0, &in_a_second, nullptr);
    std::thread writer([&] {
        sleep_for(2s);
        const std::uint64_t one = 1;
        expect(write(event, &one, sizeof one) == sizeof one, "write");
    });
    epoll_event ready{};
    std::uint64_t count = 0;
    expect(epoll_wait(epoll, &ready, 1, -1) == 1 && ready.data.fd == timer, "first the timer");
    expect(read(timer, &count, sizeof count) == sizeof count && count == 1, "it went off once");
    expect(epoll_wait(epoll, &ready, 1, -1) == 1 && ready.data.fd == event, "then the event");
    writer.join();
    for (const int descriptor : {epoll, event, timer}) {
        close(descriptor);
    }
}

void loopback_sockets() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    expect(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
    expect(listen(listener, 1) == 0, "listen");
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::thread server([&] {
        const int connection = accept(listener, nullptr, nullptr);
        char question[8];
        const ssize_t length = recv(connection, question, sizeof question, 0);
        sleep_for(1s);
        expect(send(connection, question, static_cast<std::size_t>(length), 0) == length, "send");
        close(connection);
    });
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    expect(connect(client, reinterpret_cast<sockaddr*>(&address), size) == 0, "connect");
    expect(send(client, "hello", 5, 0) == 5, "send");
    char answer[8];
    expect(recv(client, answer, sizeof answer, 0) == 5, "recv");
    server.join();
    close(client);
    close(listener);
}

void wait_for_a_child() {
    const pid_t child = fork();
    if (child == 0) {
        _exit(7);
    }
    int status = 0;
    expect(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7, "its status");
}

}  // namespace

std::vector<RightProgram> system_programs() {
    return {
        {"pthread_barrier", pthread_barrier, 0s},
        {"pthread_spin", pthread_spin_lock, 0s},
        {"POSIX semaphore", posix_semaphore, 1s},
        {"error checking mutex", error_checking_mutex, 0s},
        {"pthread_exit", exit_of_a_thread, 0s},
        {"C11 threads", c11_threads, 1s},
        {"blocking read", blocking_read, 1s},
        {"full pipe", write_into_a_full_pipe, 1s},
        {"end of file", end_of_file, 1s},
        {"poll", poll_two_pipes, 1500ms},
        {"select", select_with_a_timeout, 1s},
        {"epoll, eventfd, timerfd", epoll_eventfd_and_timerfd, 2s},
        {"loopback sockets", loopback_sockets, 1s},
        {"waitpid", wait_for_a_child, std::nullopt},
    };
}

}  // namespace programs
