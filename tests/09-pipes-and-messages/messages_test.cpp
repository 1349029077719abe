// The rubric of lab 09: the bytes on the wire, who saw what, how it ended.
//
// A case never waits for the clock. Beside it stands a steward, a thread that looks until nobody else
// moves, and then takes the next step: puts some bytes, takes some, interrupts the one who waits. If
// there is no step left and still nobody moves, all wait for each other: it says so, kills the children
// and shuts the sockets, and the case goes on.
//
//     the student's code <---- socket, made small ----> the steward, or the student's children
//
// socketpair of libc is replaced for the whole test program: it makes small what it makes, if a case
// wants that, and remembers it.
#include "messages.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <course/testing/testing.hpp>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using course::testing::ContainsSubstring;
using course::testing::hint;
using course::testing::Mishap;

// --- What is replaced ----------------------------------------------------------------------------

namespace {

constexpr int most_descriptors = 700;  // the report of the case goes through one above
std::array<std::atomic<bool>, most_descriptors> is_socket{};
std::atomic<bool> sockets_are_small = false;

}  // namespace

extern "C" int socketpair(int domain, int type, int protocol, int ends[2]) noexcept {
    const int result = static_cast<int>(syscall(SYS_socketpair, domain, type, protocol, ends));
    for (int i = 0; result == 0 && i < 2; ++i) {
        const int least = 1;  // the kernel makes some 4 KiB of it
        if (sockets_are_small)
            setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
        if (ends[i] < most_descriptors)
            is_socket[static_cast<std::size_t>(ends[i])] = true;
    }
    return result;
}

namespace {

// --- The steward ---------------------------------------------------------------------------------

const pid_t test_process = getpid();
const pthread_t main_thread = pthread_self();

/// Held while a steward looks or takes a step, and during each fork: a child inherits no lock of it.
std::mutex no_fork_now;
/// Who waits for that mutex sleeps, and yet is about to move.
std::atomic<bool> about_to_fork = false;

std::atomic<bool> children_die_at_once = false;

void before_fork() {
    about_to_fork = true;
    no_fork_now.lock();
}

/// Runs in a new child, before any code of the student's.
void in_new_child() {
    no_fork_now.unlock();
    if (children_die_at_once)
        _exit(0);
}

/// Runs in the parent inside of fork.
void in_parent_of_new_child() {
    about_to_fork = false;
    no_fork_now.unlock();
    if (!children_die_at_once)
        return;
    for (const auto& child : course::testing::children()) {
        siginfo_t end;
        waitid(P_PID, static_cast<id_t>(child.pid), &end, WEXITED | WNOWAIT);
    }
}

const int handlers_at_fork = pthread_atfork(before_fork, in_parent_of_new_child, in_new_child);

std::atomic<int> interruptions = 0;

/// Wakes the main thread out of the call in which it waits.
void interrupt() {
    pthread_kill(main_thread, SIGUSR1);
}

class Steward {
  public:
    /// Called whenever nobody moves, with how often that was before; returns whether it did something.
    using Step = std::function<bool(int)>;

    explicit Steward(Step step = [](int) { return false; }) : step_(std::move(step)) {
        struct sigaction action = {};
        action.sa_handler = [](int) { ++interruptions; };  // without SA_RESTART: calls come back
        sigaction(SIGUSR1, &action, nullptr);
        interruptions = 0;
        thread_ = std::thread([this] { stand_by(); });
    }
    ~Steward() { stop(); }
    Steward(const Steward&) = delete;
    Steward& operator=(const Steward&) = delete;

    /// "nobody", or who waited for each other when no step was left.
    std::string who_was_stuck() {
        stop();
        return stuck_;
    }

  private:
    /// So many looks, a millisecond apart, before it says that they wait for ever: one of them may only
    /// sleep a little.
    static constexpr int looks = 100;

    void stop() {
        stopped_ = true;
        const bool in_a_child = getpid() != test_process;  // one that came back: it has no steward
        if (!in_a_child && thread_.joinable())
            thread_.join();
    }

    void stand_by() {
        int steps = 0;
        for (int still = 0; !stopped_; std::this_thread::sleep_for(1ms)) {
            const std::lock_guard lock(no_fork_now);
            if (!course::testing::nobody_moves(test_process) || about_to_fork || stopped_)
                still = 0;
            else if (step_(steps++))
                still = 0;
            else if (++still == looks)
                still = break_up();
        }
    }

    /// \return  0: from here on it looks anew, for it may happen again.
    int break_up() {
        const auto children = course::testing::children(test_process);
        const auto alive = std::count_if(children.begin(), children.end(),
                                         [](const auto& child) { return !child.zombie; });
        stuck_ = "this process and " + std::to_string(alive) +
                 (alive == 1 ? " child of it" : " children of it");
        for (const auto& child : children)
            kill(child.pid, SIGKILL);
        for (int number = 0; number < most_descriptors; ++number)
            if (is_socket[static_cast<std::size_t>(number)])
                shutdown(number, SHUT_RDWR);
        return 0;
    }

    Step step_;
    std::atomic<bool> stopped_ = false;
    std::string stuck_ = "nobody";
    std::thread thread_;
};

// --- The wire ------------------------------------------------------------------------------------

/// Two connected sockets: `theirs` for the student's code, `ours` for the test, which never waits there.
class Wire {
  public:
    explicit Wire(bool small = false) {
        sockets_are_small = small;
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            throw std::system_error(errno, std::generic_category(), "no sockets");
        sockets_are_small = false;
        ours_ = ends[0];
        theirs = ends[1];
    }
    ~Wire() {
        hang_up();
        close(theirs);
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    /// Put as much of \p bytes as there is room for, and take it away from them.
    void put_some(std::string& bytes) const {
        const ssize_t sent = send(ours_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0)
            bytes.erase(0, static_cast<std::size_t>(sent));
    }
    void put(std::string bytes) const { put_some(bytes); }
    /// All that is there.
    std::string take() const {
        std::string all;
        char block[4096];
        for (ssize_t got; (got = recv(ours_, block, sizeof block, MSG_DONTWAIT)) > 0;)
            all.append(block, static_cast<std::size_t>(got));
        return all;
    }
    /// The peer says that there is nothing more to come, and still listens.
    void put_end() const { shutdown(ours_, SHUT_WR); }
    /// The peer is gone.
    void hang_up() {
        if (ours_ >= 0)
            close(std::exchange(ours_, -1));
    }

    int theirs = -1;

  private:
    int ours_ = -1;
};

std::string frame(const std::string& message) {
    std::string bytes;
    for (std::size_t divisor = 1 << 24; divisor > 0; divisor /= 256)
        bytes += static_cast<char>(message.size() / divisor % 256);
    return bytes + message;
}

/// \p bytes for a reader: letters as they are, all else as numbers, the middle of many left out.
std::string shown(const std::string& bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size() && i < 24; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        text += (text.empty() ? "" : " ") +
                (std::isalpha(byte) ? std::string(1, bytes[i]) : std::to_string(byte));
    }
    return bytes.size() <= 24 ? text : text + " ... " + std::to_string(bytes.size()) + " in all";
}

/// A text of \p size bytes in which each part is different from the next.
std::string long_text(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>(i % 251);
    return text;
}

/// What \p body threw, in words: the type, and why a system call failed.
template <class Body>
std::string thrown_by(const Body& body) {
    try {
        body();
        return "nothing";
    } catch (const std::length_error&) {
        return "std::length_error";
    } catch (const std::invalid_argument&) {
        return "std::invalid_argument";
    } catch (const std::system_error& error) {
        return "std::system_error, " + error.code().message();
    } catch (const std::runtime_error&) {
        return "std::runtime_error";
    } catch (const std::exception& error) {
        return std::string("something else: ") + error.what();
    }
}

/// The next message for the student's `receive_message`, in words.
std::string next_message(const Wire& wire) {
    std::string text;
    const std::string thrown = thrown_by([&] {
        const auto message = lab::receive_message(wire.theirs);
        text = !message           ? "the end"
               : message->empty() ? "an empty message"
                                  : "message " + shown(*message);
    });
    return thrown == "nothing" ? text : thrown;
}

#ifndef __has_feature  // clang's; g++ defines the other two
#define __has_feature(feature) 0
#endif
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_can_be_limited = false;  // a sanitizer needs more than there is
#else
constexpr bool memory_can_be_limited = true;
#endif

/// From now on this process gets 1 GiB: a length out of garbage asks for more, and harms no machine.
void limit_memory() {
    rlimit limit{};
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = std::min(limit.rlim_max, rlim_t{1} << 30);
    if (memory_can_be_limited)
        setrlimit(RLIMIT_AS, &limit);
}

/// Whether \p signal does what it did when the program began, and may come.
bool is_untouched(int signal) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    return action.sa_handler == SIG_DFL && sigismember(&blocked, signal) == 0;
}

constexpr const char* about_pipe_signal =
    "Who writes to a peer that is gone is sent SIGPIPE, which ends a process. A flag of send(2) "
    "makes it an error.";
constexpr const char* about_room =
    "How large may a message be, and how large is the place that you have for it?";
constexpr const char* about_retries =
    "A call that has failed may fail for ever. After which error does it make sense to try again?";
constexpr const char* about_interruptions =
    "A call that a signal interrupted has failed with EINTR, or did a part of its work. It means: "
    "again.";

}  // namespace

// --- 09.1 ----------------------------------------------------------------------------------------

TEST_CASE("a message is its length in four bytes and then itself", "[09.1][1 point]") {
    const Wire wire;
    Steward steward;
    hint(about_room, Mishap::crash);
    hint("Four bytes of length come first, the most significant one before the others.");
    lab::send_message(wire.theirs, "soup");
    CHECK(shown(wire.take()) == "0 0 0 4 s o u p");
    lab::send_message(wire.theirs, std::string(515, 'x'));
    CHECK(shown(wire.take().substr(0, 5)) == "0 0 2 3 x");
    hint("A message is bytes, and a byte may be 0. Where does your message end?");
    lab::send_message(wire.theirs, std::string("a\0b", 3));
    CHECK(shown(wire.take()) == "0 0 0 3 a 0 b");
    hint("A message of no bytes is a message: what does the peer see of it?");
    lab::send_message(wire.theirs, "");
    CHECK(shown(wire.take()) == "0 0 0 0");
    hint("The limit is in the contract. When do you look at it: before the first byte goes out?");
    const std::string too_long(lab::longest_message + 1, 'x');
    CHECK(thrown_by([&] { lab::send_message(wire.theirs, too_long); }) == "std::length_error");
    CHECK(shown(wire.take()) == "");
    CHECK(steward.who_was_stuck() == "nobody");
}

TEST_CASE("a message gets through whole whatever the socket takes at a time", "[09.1][1 point]") {
    hint(about_room, Mishap::crash);
    const std::string soup = long_text(60'000);
    Wire wire(true);
    std::string sent;
    // The peer takes nothing until the sender has been interrupted three times.
    Steward steward([&](int step) {
        if (step < 3) {
            interrupt();
            return true;
        }
        const std::string some = wire.take();
        sent += some;
        return !some.empty();
    });
    const std::string thrown = thrown_by([&] { lab::send_message(wire.theirs, soup); });
    hint(thrown.ends_with(std::generic_category().message(EAGAIN))
             ? "The socket is full, and send may wait until it is not. Who has told it not to?"
             : about_interruptions);
    CHECK(thrown == "nothing");
    CHECK(steward.who_was_stuck() == "nobody");
    sent += wire.take();
    hint("send says how much it took. Who sends the rest, and from where on?");
    CHECK(sent.size() == 4 + soup.size());
    CHECK((sent == frame(soup)));
    hint("The socket was full. Who waited until there was room again?");
    CHECK(interruptions == 3);
    {
        const Wire wide;
        std::string longest;
        Steward reader([&](int) {
            const std::string some = wide.take();
            longest += some;
            return !some.empty();
        });
        hint("The longest message that is allowed is allowed.");
        CHECK(thrown_by([&] { lab::send_message(wide.theirs, long_text(lab::longest_message)); }) ==
              "nothing");
        reader.who_was_stuck();
        longest += wide.take();
        CHECK(longest.size() == 4 + lab::longest_message);
    }
    wire.hang_up();
    hint(about_pipe_signal, Mishap::crash);
    hint(about_retries, Mishap::stuck);
    hint("A call that fails returns -1. checked, which is given, makes an exception of it.");
    CHECK_THAT(thrown_by([&] { lab::send_message(wire.theirs, "soup"); }),
               ContainsSubstring("std::system_error"));
    hint("What you change about SIGPIPE is your caller's: it must be as it was.");
    CHECK(is_untouched(SIGPIPE));
}

// --- 09.2 ----------------------------------------------------------------------------------------

TEST_CASE("a message that comes in pieces comes out whole", "[09.2][1 point]") {
    const Wire wire;
    hint(about_room, Mishap::crash);
    hint("The first four bytes are the length, the most significant one first: 0 0 0 4 is 4.");
    wire.put(frame("soup"));
    {
        Steward steward;
        CHECK(next_message(wire) == "message s o u p");
        hint(
            "The whole frame was there, and you went on to wait. How many bytes did you still "
            "need?");
        CHECK(steward.who_was_stuck() == "nobody");
    }
    {
        // Each piece comes when the reader waits for it.
        const std::vector<std::string> pieces{{"\0", 1}, {"\0\0", 2}, "\x06", "so", "up", "py"};
        Steward steward([&](int step) {
            const auto next = static_cast<std::size_t>(step);
            if (next < pieces.size())
                wire.put(pieces[next]);
            return next < pieces.size();
        });
        hint(
            "A socket gives what is there, be it one byte. Of the length as of the message: go "
            "on.");
        CHECK(next_message(wire) == "message s o u p p y");
        CHECK(steward.who_was_stuck() == "nobody");
    }
    {
        // Before the length, in it, before the message and in it he is interrupted.
        const std::vector<std::string> pieces{{"\0\0", 2}, {"\0\x06", 2}, "so", "uppy"};
        Steward steward([&](int step) {
            const auto next = static_cast<std::size_t>(step / 2);
            if (next >= pieces.size())
                return false;
            step % 2 == 0 ? interrupt() : wire.put(pieces[next]);
            return true;
        });
        hint(about_interruptions);
        CHECK(next_message(wire) == "message s o u p p y");
        CHECK(steward.who_was_stuck() == "nobody");
        CHECK(interruptions == 4);
    }
    Steward guard;
    hint("Two frames came at once. How many bytes belong to the first one?");
    wire.put(frame("fish") + frame("cake"));
    CHECK(next_message(wire) == "message f i s h");
    CHECK(next_message(wire) == "message c a k e");
    hint("A char may be negative: 200 becomes -56. Which type is a byte?");
    wire.put(frame(std::string(200, 'x')));
    CHECK(next_message(wire) == "message " + shown(std::string(200, 'x')));
    wire.put(frame(std::string(515, 'x')));
    hint("The most significant byte comes first.");
    CHECK(next_message(wire) == "message " + shown(std::string(515, 'x')));
    CHECK(guard.who_was_stuck() == "nobody");
}

TEST_CASE("the end is no message and half a message is no end", "[09.2][1 point]") {
    hint("At the end recv returns 0, again and again. Does your loop see it?", Mishap::stuck);
    Steward steward;
    {
        Wire wire;
        wire.put(frame(""));
        wire.hang_up();
        hint("A message of length 0 has come. Is that the end?");
        CHECK(next_message(wire) == "an empty message");
        hint("The peer has closed its end between two frames. Is that an empty message?");
        CHECK(next_message(wire) == "the end");
        CHECK(next_message(wire) == "the end");
    }
    const std::string whole = frame("soup");
    for (const std::size_t size : {2U, 4U, 6U}) {
        INFO("Of the frame of \"soup\" came " << size << " bytes, then the peer died.");
        Wire wire;
        wire.put(whole.substr(0, size));
        wire.hang_up();
        hint(
            "The peer has died in the middle of a frame. That is neither a message nor a proper "
            "end.");
        CHECK(next_message(wire) == "std::runtime_error");
    }
    CHECK(steward.who_was_stuck() == "nobody");
}

TEST_CASE("a length is not believed", "[09.2][1 point]") {
    limit_memory();
    hint(about_room, Mishap::crash);
    Steward steward;
    for (const auto& garbage : {std::string("HTTP/1.1 400 Bad Request"), std::string(4, '\xff'),
                                std::string("\0\x10\0\1soup", 8)}) {
        INFO("The first four bytes are " << shown(garbage.substr(0, 4)) << ".");
        Wire wire;
        wire.put(garbage);
        wire.hang_up();
        hint(
            "What came is no frame, so its first four bytes are no length. What do you do before "
            "you know?");
        CHECK(next_message(wire) == "std::length_error");
    }
    CHECK(steward.who_was_stuck() == "nobody");
    hint("The longest message that is allowed is allowed.");
    const Wire wire;
    const std::string longest = long_text(lab::longest_message);
    std::string rest = frame(longest);
    Steward sender([&](int) {
        const bool more = !rest.empty();
        wire.put_some(rest);
        return more;
    });
    CHECK(next_message(wire) == "message " + shown(longest));
    CHECK(sender.who_was_stuck() == "nobody");
}

// --- 09.3 ----------------------------------------------------------------------------------------

namespace {

std::string packed(double price) {
    std::string bytes(sizeof price, '\0');
    std::memcpy(bytes.data(), &price, sizeof price);
    return bytes;
}

}  // namespace

TEST_CASE("each order is answered at once and the end ends it", "[09.3][1 point]") {
    hint("serve is over when receive_message says that there are no more orders.", Mishap::stuck);
    const auto price = [](const std::string& order) {
        return order == "soup" ? 0.1 : static_cast<double>(order.size());
    };
    {
        const Wire wire;
        std::string before_the_second;
        std::string answers;
        Steward steward([&](int step) {
            answers += wire.take();
            if (step == 0)
                wire.put(frame("soup"));
            if (step == 1) {
                before_the_second = answers;
                wire.put(frame("") + frame("fish and chips"));
            }
            if (step == 2)
                wire.put_end();
            return step <= 2;
        });
        hint(
            "Are 09.1 and 09.2 right? Then: when there are no more orders, serve is over, and that "
            "is no error.");
        CHECK(thrown_by([&] { lab::serve(wire.theirs, price); }) == "nothing");
        CHECK(steward.who_was_stuck() == "nobody");
        answers += wire.take();
        hint("The peer may wait for an answer before it sends the next order.");
        CHECK_FALSE(before_the_second.empty());
        hint("The contract says which bytes are an answer. Who makes them a frame?");
        CHECK(shown(before_the_second) == shown(frame("=" + packed(0.1))));
        hint("An order of no letters is an order. Is it taken for the end?");
        CHECK(answers.size() == 3 * 13);
        CHECK((answers ==
               frame("=" + packed(0.1)) + frame("=" + packed(0)) + frame("=" + packed(14))));
    }
    Wire gone;
    gone.put(frame("soup"));
    gone.hang_up();
    hint(about_pipe_signal, Mishap::crash);
    hint(about_retries, Mishap::stuck);
    hint("Nobody hears the answer: that is an error for the caller of serve.");
    CHECK_THAT(thrown_by([&] { lab::serve(gone.theirs, price); }),
               ContainsSubstring("std::system_error"));
    Wire half;
    half.put(frame("soup").substr(0, 6));
    half.hang_up();
    hint("Half an order is an error for the caller of serve. Is it priced?");
    CHECK(thrown_by([&] { lab::serve(half.theirs, price); }) == "std::runtime_error");
}

TEST_CASE("an exception is an answer and the next order is served", "[09.3][1 point]") {
    const Wire wire;
    const std::string long_reason = "no soup today" + std::string(1000, ' ') + "nor tomorrow";
    wire.put(frame("soup") + frame("fish") + frame("cake"));
    wire.put_end();
    Steward steward;
    hint("An exception has left serve. Whose answer should it have been?");
    CHECK(thrown_by([&] {
              try {
                  lab::serve(wire.theirs, [&](const std::string& order) {
                      if (order == "soup")
                          throw std::out_of_range(long_reason);
                      if (order == "fish")
                          throw 42;
                      return 3.5;
                  });
              } catch (int) {
                  throw std::domain_error("an int, which is no std::exception");
              }
          }) == "nothing");
    CHECK(steward.who_was_stuck() == "nobody");
    const std::string answers = wire.take();
    const std::string first = frame("!" + long_reason);
    hint(
        "The answer has the text of the exception, all of it. Which function of it gives the "
        "text?");
    CHECK(shown(answers.substr(0, first.size())) == shown(first));
    hint("After an exception the child goes on: there were three orders. How many answers?");
    CHECK((answers == first + frame("!unknown") + frame("=" + packed(3.5))));
}

// --- 09.4 ----------------------------------------------------------------------------------------

namespace {

/// What is known about all children: memory that they share with the test.
struct Known {
    std::atomic<int> calls = 0;
    std::atomic<int> calls_in_parent = 0;
    std::atomic<int> inside = 0;
    std::atomic<int> most_new_descriptors = 0;
    std::atomic<int> exit_handlers = 0;
    std::array<std::atomic<pid_t>, 16> callers{};
};

/// The kitchen that the children of one case work in.
class Kitchen {
  public:
    Kitchen()
        : memory_(mmap(nullptr, sizeof(Known), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0)) {
        if (memory_ == MAP_FAILED || pipe2(gates_[0], O_CLOEXEC) != 0 ||
            pipe2(gates_[1], O_CLOEXEC) != 0)
            throw std::system_error(errno, std::generic_category(), "no kitchen");
        known_ = new (memory_) Known;
        before_ = course::testing::descriptors();
    }
    ~Kitchen() {
        for (const auto& gate : gates_)
            for (const int end : gate)
                close(end);
        // The memory stays: an exit handler may still count in it.
    }
    Kitchen(const Kitchen&) = delete;
    Kitchen& operator=(const Kitchen&) = delete;

    Known* operator->() const { return known_; }

    /// A call of the price: note who comes with what, and wait at a gate.
    void enter(std::size_t gate = 0) const {
        note();
        ++known_->inside;
        char token = 0;
        [[maybe_unused]] const ssize_t got = ::read(gates_[gate][0], &token, 1);
        --known_->inside;
    }
    /// From now on that gate holds nobody.
    void open_gate(std::size_t gate = 0) const {
        [[maybe_unused]] const ssize_t put = ::write(gates_[gate][1], "................", 16);
    }
    /// How many processes have called the price.
    std::size_t callers() const {
        std::set<pid_t> pids(known_->callers.begin(), known_->callers.end());
        pids.erase(0);
        return pids.size();
    }

  private:
    void note() const {
        const auto call = static_cast<std::size_t>(known_->calls++);
        if (call < known_->callers.size())
            known_->callers[call] = getpid();
        if (getpid() == test_process)
            ++known_->calls_in_parent;
        int news = 0;
        for (const auto& now : course::testing::descriptors())
            news += std::find(before_.begin(), before_.end(), now) == before_.end() ? 1 : 0;
        int most = known_->most_new_descriptors;
        while (news > most && !known_->most_new_descriptors.compare_exchange_weak(most, news)) {
        }
    }

    void* memory_;
    Known* known_ = nullptr;
    int gates_[2][2] = {{-1, -1}, {-1, -1}};
    std::vector<course::testing::Descriptor> before_;
};

double number_in(const std::string& order) {
    return std::stod(order);
}

/// What parallel_sum throws for one order at \p price: the text of a std::runtime_error.
std::string failure(const lab::Price& price) {
    try {
        lab::parallel_sum({"soup"}, 1, price);
        return "nothing was thrown";
    } catch (const std::runtime_error& error) {
        return std::string("error: ") + error.what();
    } catch (const std::exception& error) {
        return std::string("no std::runtime_error: ") + error.what();
    }
}

constexpr const char* leaves_something =
    "Who closes the sockets, and who waits for the children, on every way out?";
constexpr const char* all_wait =
    "Nobody moves any more. In which call does the parent wait, in which one the child, and for "
    "what?";
constexpr const char* goes_on =
    "Somebody waits or computes without end. Does each child see the end of its orders, and the "
    "parent that of its children?";
constexpr const char* for_no_reason =
    "Each order has a price, and yet there was an exception. Are 09.1 to 09.3 right? Whose "
    "exception is it?";
constexpr const char* nobody_catches =
    "An exception that nobody catches ends a process: one that leaves a thread or a destructor. "
    "Which way out of a scope is not prepared?";

}  // namespace

TEST_CASE("three children work at once and the sum is that of a loop", "[09.4][1 point]") {
    hint(leaves_something, Mishap::leak);
    hint(goes_on, Mishap::stuck);
    hint(nobody_catches, Mishap::crash);
    // 1e16 + 1 is 1e16 for a double. A loop gives 1, what else one may do gives 2 to 6, or 0.
    const std::vector<std::string> orders{"1e16", "1", "1", "1", "1", "-1e16", "1"};
    double sum_of_loop = 0;
    for (const auto& order : orders)
        sum_of_loop += number_in(order);

    const Kitchen kitchen;
    static Known* known = nullptr;
    known = kitchen.operator->();
    std::atexit([] { ++known->exit_handlers; });
    int inside = 0;
    Steward steward([&](int step) {
        if (step == 0) {
            inside = kitchen->inside;
            kitchen.open_gate(1);
        }
        if (step == 1)
            kitchen.open_gate(0);  // the first order is not the first to be answered
        return step <= 1;
    });
    std::vector<std::string> seen;
    double sum = 0;
    hint("A process of its own has a memory of its own. How does a price come back?");
    const std::string thrown = thrown_by([&] {
        sum = lab::parallel_sum(orders, 3, [&](const std::string& order) {
            seen.push_back(order);
            kitchen.enter(order == "1e16" ? 0 : 1);
            return number_in(order);
        });
    });
    const std::string stuck = steward.who_was_stuck();
    hint(all_wait);
    CHECK(stuck == "nobody");
    hint(for_no_reason);
    CHECK(thrown == "nothing");
    hint("A crash in a price must not be its caller's crash. Which process asks for it?");
    const int calls_in_parent = kitchen->calls_in_parent;
    CHECK(calls_in_parent == 0);
    CHECK(seen.empty());
    hint(inside < 3 ? "When does the second child get its first order: before or after the first "
                      "has answered?"
                    : "Three workers are three children, however many orders there are.");
    CHECK(inside == 3);
    hint("Three workers are three children. Which of them gets the later orders?");
    CHECK(kitchen.callers() == 3);
    hint("Seven orders and three children: is each order priced, and once?");
    const int calls = kitchen->calls;
    CHECK(calls == 7);
    hint("1e16 + 1 is 1e16. In which order do you add?");
    CHECK(sum == sum_of_loop);
    const int new_descriptors = kitchen->most_new_descriptors;
    hint(new_descriptors == 0
             ? "There is no socket in the child. How did its orders get there, as messages?"
             : "A child inherits what is open when it is forked, the sockets of its siblings as "
               "well. Which one does it need?");
    CHECK(new_descriptors == 1);
    hint("exit runs what your caller has registered with atexit. Which way to end does not?");
    const int exit_handlers = kitchen->exit_handlers;
    CHECK(exit_handlers == 0);
    Steward guard;
    hint("What if there is less to do than there are workers, or nobody to do it?");
    CHECK(lab::parallel_sum({"2", "3"}, 5, number_in) == 5);
    CHECK(lab::parallel_sum({}, 3, number_in) == 0);
    CHECK(thrown_by([] { lab::parallel_sum({"2"}, 0, number_in); }) == "std::invalid_argument");
    CHECK(thrown_by([] { lab::parallel_sum({}, 0, number_in); }) == "std::invalid_argument");
    CHECK(guard.who_was_stuck() == "nobody");
    hint("Who ignores SIGCHLD has no zombies, and his caller no exit statuses. Wait for your own.");
    CHECK(is_untouched(SIGCHLD));
    // A child that is not the sum's has ended before; its parent has yet to ask how.
    const pid_t of_the_caller = fork();
    if (of_the_caller == 0)
        _exit(0);
    siginfo_t end;
    waitid(P_PID, static_cast<id_t>(of_the_caller), &end, WEXITED | WNOWAIT);
    Steward last_guard;
    hint(
        "Your caller may have children of its own, and waits for them itself. For which children "
        "did you wait?");
    CHECK(lab::parallel_sum({"2", "3"}, 2, number_in) == 5);
    CHECK(last_guard.who_was_stuck() == "nobody");
    CHECK(waitpid(of_the_caller, nullptr, WNOHANG) == of_the_caller);
}

TEST_CASE("nobody waits for somebody who waits for him", "[09.4][1 point]") {
    hint(leaves_something, Mishap::leak);
    hint(goes_on, Mishap::stuck);
    hint(nobody_catches, Mishap::crash);
    const std::vector<std::string> orders(60, long_text(50'000));
    sockets_are_small = true;  // a handful of answers that nobody reads fills one
    Steward steward;
    double sum = 0;
    const std::string thrown = thrown_by([&] {
        sum = lab::parallel_sum(
            orders, 2, [](const std::string& order) { return static_cast<double>(order.size()); });
    });
    sockets_are_small = false;
    hint("Both write, and nobody reads. Who has to do what first?");
    CHECK(steward.who_was_stuck() == "nobody");
    hint(for_no_reason);
    CHECK(thrown == "nothing");
    hint("Some orders got no answer, or their answers were not added.");
    CHECK(sum == 60 * 50'000);
}

TEST_CASE("what goes wrong in a child comes out of the sum", "[09.4][1 point]") {
    hint(leaves_something, Mishap::leak);
    hint(goes_on, Mishap::stuck);
    hint(nobody_catches, Mishap::crash);
    const Kitchen kitchen;
    std::string text;
    // While one child still works, the other one's exception is on its way.
    Steward steward([&](int step) {
        if (step < 2)
            interrupt();
        if (step == 2)
            kitchen.open_gate();
        return step <= 2;
    });
    const std::string thrown = thrown_by([&] {
        try {
            lab::parallel_sum({"soup", "fish"}, 2, [&](const std::string& order) {
                if (order == "soup")
                    throw std::out_of_range("no soup today");
                kitchen.enter();
                return 1.0;
            });
        } catch (const std::runtime_error& error) {
            text = error.what();
            throw;
        }
    });
    hint(text.ends_with(std::generic_category().message(EINTR))
             ? about_interruptions
             : "An exception stays in its process. How did the child tell you, and what do you "
               "make of it?");
    CHECK(text == "no soup today");
    CHECK(thrown == "std::runtime_error");
    hint(
        "The exception was out before the last child had ended, or before anybody waited for it. "
        "A wait that a signal interrupted has failed with EINTR: the child is still there.");
    const std::size_t children_left = course::testing::children().size();
    CHECK(children_left == 0);
    hint(all_wait);
    CHECK(steward.who_was_stuck() == "nobody");

    Steward guard;
    const auto is_error = [](const std::string& failed) { return failed.starts_with("error: "); };
    hint("The child has thrown what is no std::exception. What does the sum say?");
    CHECK(is_error(failure([](const std::string&) -> double { throw 42; })));
    hint("The child is dead. Instead of an answer came the end: what is its price?");
    CHECK(is_error(failure([](const std::string&) -> double {
        kill(getpid(), SIGKILL);
        return 1;
    })));
    CHECK(is_error(failure([](const std::string&) -> double { _exit(0); })));
    const int calls_before = kitchen->calls;
    const std::string failed = failure([&](const std::string&) -> double {
        kitchen.enter();  // its gate is open
        kill(getpid(), SIGKILL);
        return 1;
    });
    CHECK(is_error(failed));
    hint(
        "The child died of its order. The contract says how often an order is priced: who was "
        "given it again?");
    CHECK(kitchen->calls - calls_before == 1);
    hint(about_pipe_signal, Mishap::crash);
    hint(about_retries, Mishap::stuck);
    hint("The child was dead before its first order. What comes of a write to nobody?");
    children_die_at_once = true;
    CHECK(is_error(failure([](const std::string&) { return 1.0; })));
    children_die_at_once = false;
    hint(
        "A child is dead, and yet its socket did not end: who still has a copy of the child's "
        "end?");
    CHECK(guard.who_was_stuck() == "nobody");
    hint("What you change about SIGPIPE is your caller's: it must be as it was.");
    CHECK(is_untouched(SIGPIPE));
    hint("Who ignores SIGCHLD has no zombies, and his caller no exit statuses. Wait for your own.");
    CHECK(is_untouched(SIGCHLD));
}
